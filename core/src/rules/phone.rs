//! Telephone numbers as people type them: mobile, landline, 400/800 and service numbers (domain dictionary 3.4).

/// Without `+86`, spaces and hyphens; a landline keeps its digits only.
#[must_use]
pub fn normalise(number: &str) -> String {
    let bare: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
    let bare = bare.strip_prefix("+86").unwrap_or(&bare);
    bare.to_owned()
}

/// Whether it is a mobile number: 1, then 3 to 9, then nine digits.
#[must_use]
pub fn is_mobile(number: &str) -> bool {
    let number = normalise(number);
    let mut digits = number.chars();
    number.len() == 11 && all_digits(&number) && digits.next() == Some('1') && matches!(digits.next(), Some('3'..='9'))
}

/// Whether it is a number that can be called: mobile, landline with area code, 400/800, or a service number of five
/// or six digits.
#[must_use]
pub fn is_callable(number: &str) -> bool {
    let bare = normalise(number);
    if !all_digits(&bare) {
        return false;
    }
    let landline = bare.starts_with('0') && (10..=12).contains(&bare.len());
    let hotline = (bare.starts_with("400") || bare.starts_with("800")) && bare.len() == 10;
    let service = (5..=6).contains(&bare.len()) && !bare.starts_with('0');
    is_mobile(&bare) || landline || hotline || service
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_number_is_known_in_all_the_ways_people_type_it() {
        for number in ["16934515707", "+86 169 3451 5707", "169-3451-5707", "+8616934515707"] {
            assert!(is_mobile(number) && is_callable(number), "{number}");
            assert_eq!(normalise(number), "16934515707");
        }
    }

    #[test]
    fn landlines_hotlines_and_service_numbers_can_be_called() {
        for number in [
            "0535-6300000",
            "010-12345678",
            "0535 630 0000",
            "4001234567",
            "800-123-4567",
            "12345",
            "95598",
        ] {
            assert!(is_callable(number), "{number}");
            assert!(!is_mobile(number), "{number}");
        }
    }

    #[test]
    fn what_cannot_be_called_is_refused() {
        for number in [
            "",
            "1234",
            "1693451570",
            "169345157070",
            "12934515707",
            "１６９３４５１５７０７",
            "0123",
            "call me",
            "+",
        ] {
            assert!(!is_callable(number), "{number}");
        }
    }
}
