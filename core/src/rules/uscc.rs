//! The unified social credit code of GB 32100, with the organisation code of GB 11714 inside it.

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not 18 characters.
    #[error("not 18 characters")]
    Length,
    /// A character outside the alphabet (I, O, S, V and Z are not in it).
    #[error("a character outside the alphabet")]
    Characters,
    /// The check of the organisation code at place 17 does not fit.
    #[error("wrong check of the organisation code")]
    OrganisationCheck,
    /// The check at place 18 does not fit.
    #[error("wrong check character")]
    CheckDigit,
}

impl UsccError {
    /// Stable code of the finding.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "uscc_length",
            Self::Characters => "uscc_characters",
            Self::OrganisationCheck => "uscc_org_check",
            Self::CheckDigit => "uscc_check_digit",
        }
    }
}

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const ORG_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Without spaces around, in capitals.
#[must_use]
pub fn normalise(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

/// Checks a code against both standards.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(code: &str) -> Result<(), UsccError> {
    let code = normalise(code);
    if code.chars().count() != 18 {
        return Err(UsccError::Length);
    }
    let values: Option<Vec<u32>> = code.chars().map(value).collect();
    let values = values.ok_or(UsccError::Characters)?;
    let organisation: Vec<char> = code.chars().skip(8).take(9).collect();
    if !organisation_fits(&organisation) {
        return Err(UsccError::OrganisationCheck);
    }
    match values.split_last() {
        Some((last, rest)) if check_value(rest) == *last => Ok(()),
        _ => Err(UsccError::CheckDigit),
    }
}

fn value(c: char) -> Option<u32> {
    ALPHABET.find(c).and_then(|i| u32::try_from(i).ok())
}

/// GB 32100: weights 3 to the power of the place, modulo 31.
fn check_value(values: &[u32]) -> u32 {
    let mut weight = 1;
    let mut sum = 0;
    for v in values {
        sum = (sum + v * weight) % 31;
        weight = weight * 3 % 31;
    }
    (31 - sum) % 31
}

/// GB 11714: letters count from A = 10, the check is 11 minus the sum modulo 11, written 0 for 11 and X for 10.
fn organisation_fits(code: &[char]) -> bool {
    let Some((check, body)) = code.split_last() else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .zip(ORG_WEIGHTS)
        .map(|(c, w)| c.to_digit(36).unwrap_or(0) * w)
        .sum();
    let expected = match 11 - sum % 11 {
        11 => Some('0'),
        10 => Some('X'),
        n => char::from_digit(n, 10),
    };
    expected == Some(*check)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FICTIONAL: [&str; 12] = [
        "92370699MA5498748E",
        "92370699MA5907580E",
        "91370699MA4129422Y",
        "91370699MA68940568",
        "92370699MA07575449",
        "91370699MA10093968",
        "91370699MA7004174M",
        "91370699MA878116XJ",
        "91370699MA4961040X",
        "91370699MA1310920Y",
        "52370699MA52145575",
        "93370699MA05964456",
    ];

    #[test]
    fn the_published_example_and_the_fictional_firms_pass() {
        assert_eq!(check("91350100M000100Y43"), Ok(()));
        for code in FICTIONAL {
            assert_eq!(check(code), Ok(()), "{code}");
            assert_eq!(check(&code.to_lowercase()), Ok(()), "{code}");
        }
    }

    #[test]
    fn one_wrong_character_is_always_found() {
        for code in FICTIONAL {
            for i in 0..18 {
                for c in ALPHABET.chars() {
                    let mut chars: Vec<char> = code.chars().collect();
                    if chars[i] == c {
                        continue;
                    }
                    chars[i] = c;
                    assert!(check(&chars.iter().collect::<String>()).is_err(), "{code} {i} {c}");
                }
            }
        }
    }

    #[test]
    fn letters_outside_the_alphabet_and_other_lengths_are_named() {
        assert_eq!(check("9135O100M000100Y43"), Err(UsccError::Characters));
        assert_eq!(check("91350100M000100Y4"), Err(UsccError::Length));
        assert_eq!(check("91350100M000100Y44"), Err(UsccError::CheckDigit));
        assert_eq!(check("91350100M000100X43"), Err(UsccError::OrganisationCheck));
        assert_eq!(check(""), Err(UsccError::Length));
    }
}
