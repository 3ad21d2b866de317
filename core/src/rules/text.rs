//! Text as people type it: composed forms, the middle dot in names, no characters that only confuse.

use unicode_normalization::UnicodeNormalization;

/// The middle dot of names such as 阿依古丽·买买提.
const MIDDLE_DOT: char = '\u{b7}';

/// Composes (NFC) without touching CJK compatibility ideographs: they are how some people's names are written, and
/// plain NFC would replace them by another character.
#[must_use]
pub fn compose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        if is_compatibility_ideograph(c) {
            out.extend(run.nfc());
            run.clear();
            out.push(c);
        } else {
            run.push(c);
        }
    }
    out.extend(run.nfc());
    out
}

/// A person's name: composed, trimmed, with one kind of middle dot. A full stop counts as one between two characters
/// that are not Latin.
#[must_use]
pub fn normalise_name(name: &str) -> String {
    let chars: Vec<char> = compose(name.trim()).chars().collect();
    let wide = |at: Option<usize>| at.and_then(|i| chars.get(i)).is_some_and(|c| !c.is_ascii());
    chars
        .iter()
        .enumerate()
        .map(|(i, c)| match c {
            '\u{2022}' | '\u{30fb}' | '\u{ff0e}' | '\u{2027}' | '\u{ff65}' => MIDDLE_DOT,
            '.' if wide(i.checked_sub(1)) && wide(i.checked_add(1)) => MIDDLE_DOT,
            _ => *c,
        })
        .collect()
}

/// Whether a character has no business in text of one line: control, bidirectional override, private use,
/// noncharacter. Line feed and tab are judged by the caller.
#[must_use]
pub fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text of several lines holds only characters that may be shown.
#[must_use]
pub fn is_showable(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\n' | '\t') || !is_forbidden(c))
}

/// What is wrong with a person's name, as a finding's code: 2 to 50 characters, letters of any script, middle dot,
/// space, hyphen, apostrophe, full stop, and digits for fictional people.
#[must_use]
pub fn name_problem(name: &str) -> Option<&'static str> {
    let name = normalise_name(name);
    let length = name.chars().count();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, MIDDLE_DOT | ' ' | '-' | '\'' | '.') || is_combining(c);
    if length < 2 {
        Some("name_too_short")
    } else if length > 50 {
        Some("text_too_long")
    } else if !name.chars().all(|c| allowed(c) && !is_forbidden(c)) {
        Some("name_characters")
    } else {
        None
    }
}

fn is_compatibility_ideograph(c: char) -> bool {
    matches!(c, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

/// Combining marks and variation selectors.
fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_middle_dots_become_one() {
        for dot in ['·', '•', '・', '．', '‧', '･', '.'] {
            assert_eq!(
                normalise_name(&format!("阿依古丽{dot}买买提")),
                "阿依古丽·买买提",
                "{dot}"
            );
        }
        assert_eq!(
            normalise_name("J. Smith"),
            "J. Smith",
            "a Latin initial keeps its full stop"
        );
    }

    #[test]
    fn rare_characters_survive_unchanged() {
        for name in ["𠮷田", "㐀乙", "䶮甲", "\u{30000}乙", "\u{f9d1}甲", "\u{2f804}乙"] {
            assert_eq!(normalise_name(name), name);
            assert_eq!(name_problem(name), None, "{name}");
        }
    }

    #[test]
    fn a_decomposed_letter_is_composed() {
        assert_eq!(compose("e\u{301}"), "é");
    }

    #[test]
    fn characters_that_hide_or_turn_text_are_refused_in_names() {
        for bad in [
            "甲\u{202e}乙",
            "甲\0乙",
            "甲\u{e000}",
            "甲\n乙",
            "\u{feff}甲乙",
            "甲<乙>",
        ] {
            assert_eq!(name_problem(bad), Some("name_characters"), "{bad:?}");
        }
        assert_eq!(name_problem("甲"), Some("name_too_short"));
        assert_eq!(name_problem(&"甲".repeat(51)), Some("text_too_long"));
    }

    #[test]
    fn notes_may_have_lines_but_no_overrides() {
        assert!(is_showable("第一行\n第二行\t👍"));
        assert!(!is_showable("a\u{2067}b"));
        assert!(!is_showable("a\u{0}b"));
    }
}
