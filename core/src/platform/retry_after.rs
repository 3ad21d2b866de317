//! `Retry-After`, clamped: no answer makes a phone hammer the platform or stay away for a day.

/// Bounds of a wait that a reply may ask for, in milliseconds: one second to one hour.
const BOUNDS: (u64, u64) = (1_000, 3_600_000);

/// The wait that a reply asks for, in milliseconds. Takes seconds, or an HTTP date measured against the reply's own `Date`,
/// so that the phone's clock does not matter; anything else is no wish.
pub(super) fn wait_ms(retry_after: Option<&str>, date: Option<&str>) -> Option<u64> {
    let text = retry_after?.trim();
    let millis = match text.parse::<i128>() {
        Ok(seconds) => seconds.saturating_mul(1_000),
        Err(_) => {
            let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
            let now = chrono::DateTime::parse_from_rfc2822(date?).ok()?;
            i128::from((at - now).num_milliseconds())
        }
    };
    let clamped = millis.clamp(i128::from(BOUNDS.0), i128::from(BOUNDS.1));
    u64::try_from(clamped).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_clamped_between_a_second_and_an_hour() {
        let date = Some("Tue, 24 Nov 2026 12:00:00 GMT");
        for (wish, expected) in [
            (Some("30"), Some(30_000)),
            (Some("0"), Some(1_000)),
            (Some("-5"), Some(1_000)),
            (Some("315360000"), Some(3_600_000)),
            (Some("99999999999999999999999"), Some(3_600_000)),
            (Some("Tue, 24 Nov 2026 12:00:20 GMT"), Some(20_000)),
            (Some("Mon, 24 Nov 2036 12:00:20 GMT"), Some(3_600_000)),
            (Some("soon"), None),
            (Some(""), None),
            (None, None),
        ] {
            assert_eq!(wait_ms(wish, date), expected, "{wish:?}");
        }
    }
}
