//! Numbers as text and text as numbers, by the rules that ODK forms were written against.

/// Reads a number as XPath does: sign, digits and one point only; anything else is not a number.
/// A decimal comma counts as a point, because some keyboards have nothing else.
#[must_use]
pub fn parse(text: &str) -> f64 {
    let text = text.trim().replace(',', ".");
    if text.chars().any(|c| c != '-' && c != '.' && !c.is_ascii_digit()) {
        return f64::NAN;
    }
    text.parse().unwrap_or(f64::NAN)
}

/// A number as XPath text: whole numbers without point, `NaN`, `Infinity`.
#[must_use]
#[allow(clippy::cast_possible_truncation)]
pub fn text(number: f64) -> String {
    if number.is_nan() {
        "NaN".into()
    } else if number.abs() < 1e-12 {
        "0".into()
    } else if number.is_infinite() {
        if number < 0.0 { "-Infinity" } else { "Infinity" }.into()
    } else if (number - f64::from(number as i32)).abs() < 1e-12 {
        (number as i32).to_string()
    } else {
        decimal(number)
    }
}

/// The shortest decimal text of a number that is never without a point; large and small ones with an exponent.
#[must_use]
pub fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return text(number);
    }
    let size = number.abs();
    if size != 0.0 && !(1e-3..1e7).contains(&size) {
        let scientific = format!("{number:E}");
        return match scientific.split_once('E') {
            Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
            _ => scientific,
        };
    }
    let plain = number.to_string();
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

/// Rounds to decimal places like a spreadsheet: halves go up, negative halves towards zero.
#[must_use]
pub fn round(number: f64, places: i32) -> f64 {
    if !number.is_finite() {
        return number;
    }
    if !(-30..=30).contains(&places) {
        return f64::NAN;
    }
    if places < 0 {
        let scale = 10_f64.powi(-places);
        return (number / scale + 0.5).trunc() * scale;
    }
    round_text(number, usize::try_from(places).unwrap_or(0))
}

/// Rounds by the decimal digits that the number shows, so that 1.005 rounds to 1.01.
fn round_text(number: f64, places: usize) -> f64 {
    let shown = format!("{}", number.abs());
    let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
    if fraction.len() <= places {
        return number;
    }
    let kept: String = fraction.chars().take(places).collect();
    let rest: String = fraction.chars().skip(places).collect();
    let half = format!("5{}", "0".repeat(rest.len().saturating_sub(1)));
    let up = if number < 0.0 { rest > half } else { rest >= half };
    let digits = format!("{whole}{kept}");
    let mut value: f64 = digits.parse().unwrap_or(0.0);
    if up {
        value += 1.0;
    }
    let scaled: f64 = format!("{value}e-{places}").parse().unwrap_or(f64::NAN);
    if number < 0.0 { -scaled } else { scaled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_plain_number_is_not_a_number() {
        assert_eq!(parse(" 1,5 "), 1.5);
        assert_eq!(parse("-.5"), -0.5);
        for bad in ["", "1e5", "+1", "0x1", "1 2", "Infinity"] {
            assert!(parse(bad).is_nan(), "{bad}");
        }
    }

    #[test]
    fn whole_numbers_have_no_point_and_large_ones_an_exponent() {
        assert_eq!(text(5.0), "5");
        assert_eq!(text(-0.5), "-0.5");
        assert_eq!(text(1e10), "1.0E10");
        assert_eq!(decimal(1e-5), "1.0E-5");
        assert_eq!(decimal(3.0), "3.0");
    }

    #[test]
    fn halves_round_up_and_negative_halves_towards_zero() {
        assert_eq!(round(2.5, 0), 3.0);
        assert_eq!(round(-2.5, 0), -2.0);
        assert_eq!(round(1.005, 2), 1.01);
        assert_eq!(round(33.33, -1), 30.0);
    }
}
