//! The citizen identity number of GB 11643: 6 digits division, 8 digits birth date, 3 digits sequence, 1 check.

use chrono::NaiveDate;

/// What is wrong with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CitizenIdError {
    /// The first-generation number; it is refused for new entry.
    #[error("a 15-digit number is not accepted for new entry")]
    OldForm,
    /// Not 18 characters.
    #[error("not 18 characters")]
    Length,
    /// Something else than 17 ASCII digits and a digit or X.
    #[error("not 17 digits and a check character")]
    Characters,
    /// The check character does not fit.
    #[error("wrong check character")]
    CheckDigit,
    /// Digits 7 to 14 are no date of the calendar.
    #[error("no such birth date")]
    BirthDate,
    /// The birth date lies after today.
    #[error("birth date in the future")]
    BirthFuture,
}

impl CitizenIdError {
    /// Stable code of the finding.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OldForm => "id_15_digits",
            Self::Length => "id_length",
            Self::Characters => "id_characters",
            Self::CheckDigit => "id_check_digit",
            Self::BirthDate => "id_birth_date",
            Self::BirthFuture => "id_birth_future",
        }
    }
}

/// What a sound number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CitizenId {
    /// Birth date.
    pub birth: NaiveDate,
    /// Sex by the sequence, as GB/T 2261.1 writes it: `'1'` male (odd), `'2'` female (even).
    pub sex: char,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// Without spaces around, and with a capital X.
#[must_use]
pub fn normalise(number: &str) -> String {
    number.trim().to_ascii_uppercase()
}

/// Checks a number, lower-case x included, against the standard.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(number: &str, today: NaiveDate) -> Result<CitizenId, CitizenIdError> {
    let number = normalise(number);
    let digits = digits_of(&number)?;
    if !number.ends_with(check_character(&digits)) {
        return Err(CitizenIdError::CheckDigit);
    }
    let birth = number
        .get(6..14)
        .and_then(|d| NaiveDate::parse_from_str(d, "%Y%m%d").ok())
        .ok_or(CitizenIdError::BirthDate)?;
    if birth > today {
        return Err(CitizenIdError::BirthFuture);
    }
    let male = digits.last().is_some_and(|d| d % 2 == 1);
    Ok(CitizenId {
        birth,
        sex: if male { '1' } else { '2' },
    })
}

/// The check character that belongs to the first seventeen digits.
#[must_use]
pub fn check_character(digits: &[u32; 17]) -> char {
    let sum: u32 = WEIGHTS.iter().zip(digits).map(|(w, d)| w * d).sum();
    let at = usize::try_from(sum % 11).unwrap_or(0);
    CHECKS.get(at).map_or('?', |c| char::from(*c))
}

fn digits_of(number: &str) -> Result<[u32; 17], CitizenIdError> {
    let all_digits = number.bytes().all(|b| b.is_ascii_digit());
    match number.chars().count() {
        15 if all_digits => return Err(CitizenIdError::OldForm),
        18 => {}
        _ => return Err(CitizenIdError::Length),
    }
    let mut digits = [0; 17];
    for (slot, c) in digits.iter_mut().zip(number.chars()) {
        *slot = c.to_digit(10).ok_or(CitizenIdError::Characters)?;
    }
    match number.chars().next_back() {
        Some('0'..='9' | 'X') => Ok(digits),
        _ => Err(CitizenIdError::Characters),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, 1).unwrap()
    }

    /// Gives seventeen digits their right check character.
    fn sealed(first17: &str) -> String {
        let digits: Vec<u32> = first17.chars().map(|c| c.to_digit(10).unwrap()).collect();
        format!("{first17}{}", check_character(&digits.try_into().unwrap()))
    }

    #[test]
    fn the_standards_own_examples_pass() {
        let female = check("11010519491231002X", today()).unwrap();
        assert_eq!((female.sex, female.birth.to_string().as_str()), ('2', "1949-12-31"));
        assert_eq!(check("440524188001010014", today()).unwrap().sex, '1');
    }

    #[test]
    fn a_lower_case_x_counts_as_x() {
        assert!(check(" 11010519491231002x ", today()).is_ok());
        assert_eq!(normalise("11010519491231002x"), "11010519491231002X");
    }

    #[test]
    fn every_wrong_check_character_is_refused() {
        for c in "0123456789".chars() {
            let bad = format!("11010519491231002{c}");
            assert_eq!(check(&bad, today()), Err(CitizenIdError::CheckDigit), "{c}");
        }
    }

    #[test]
    fn one_wrong_digit_or_two_neighbours_swapped_is_always_found() {
        let good = "37069919640912449".to_owned();
        let whole = sealed(&good);
        for i in 0..17 {
            for d in '0'..='9' {
                let mut chars: Vec<char> = whole.chars().collect();
                if chars[i] == d {
                    continue;
                }
                chars[i] = d;
                assert!(check(&chars.iter().collect::<String>(), today()).is_err());
            }
        }
        for i in 0..16 {
            let mut chars: Vec<char> = whole.chars().collect();
            chars.swap(i, i + 1);
            let swapped: String = chars.iter().collect();
            assert!(swapped == whole || check(&swapped, today()).is_err());
        }
    }

    #[test]
    fn a_day_that_never_was_is_refused_though_the_check_fits() {
        assert_eq!(
            check(&sealed("37069920230229001"), today()),
            Err(CitizenIdError::BirthDate)
        );
        assert_eq!(
            check(&sealed("37069920241301001"), today()),
            Err(CitizenIdError::BirthDate)
        );
        assert!(check(&sealed("37069920240229001"), today()).is_ok());
    }

    #[test]
    fn a_birth_after_today_is_refused_and_today_itself_is_not() {
        assert!(check(&sealed("37069920260901001"), today()).is_ok());
        assert_eq!(
            check(&sealed("37069920260902001"), today()),
            Err(CitizenIdError::BirthFuture)
        );
    }

    #[test]
    fn other_forms_are_named() {
        assert_eq!(check("110105491231002", today()), Err(CitizenIdError::OldForm));
        assert_eq!(check("", today()), Err(CitizenIdError::Length));
        assert_eq!(check("1101051949123100", today()), Err(CitizenIdError::Length));
        assert_eq!(
            check("１１０１０５１９４９１２３１００２Ｘ", today()),
            Err(CitizenIdError::Characters)
        );
        assert_eq!(check("11010519491231002Y", today()), Err(CitizenIdError::Characters));
    }
}
