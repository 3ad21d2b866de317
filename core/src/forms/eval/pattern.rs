//! `regex()`: patterns as form authors write them, which are Java's, in time that grows with the text only.
//!
//! Look-aheads at the start of a pattern are understood, because authors use them to ask for several things at once.
//! What needs to search back and forth (references to groups, look-aheads further in) is an error, not a risk.

use regex::{Regex, RegexBuilder};

use super::EvalError;

/// How large a compiled pattern may be, in bytes.
const LARGEST: usize = 4 << 20;

/// Whether a whole text fits a pattern.
pub(super) fn matches(text: &str, pattern: &str) -> Result<bool, EvalError> {
    let pattern = translated(pattern);
    let mut rest = pattern.as_str();
    rest = rest.strip_prefix('^').unwrap_or(rest);
    while let Some((wanted, inner, after)) = look_ahead(rest) {
        if built(&format!("\\A(?:{inner})"))?.is_match(text) != wanted {
            return Ok(false);
        }
        rest = after;
    }
    Ok(built(&format!("\\A(?:{rest})\\z"))?.is_match(text))
}

fn built(pattern: &str) -> Result<Regex, EvalError> {
    RegexBuilder::new(pattern)
        .size_limit(LARGEST)
        .build()
        .map_err(|_| EvalError::BadPattern)
}

/// Splits a look-ahead off the start: whether it must match, what is inside, what comes after.
fn look_ahead(pattern: &str) -> Option<(bool, &str, &str)> {
    let (wanted, rest) = match pattern.strip_prefix("(?=") {
        Some(rest) => (true, rest),
        None => (false, pattern.strip_prefix("(?!")?),
    };
    let (mut depth, mut class, mut escaped) = (1_u32, false, false);
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (inner, after) = rest.split_at_checked(at)?;
            return Some((wanted, inner, after.strip_prefix(')')?));
        }
    }
    None
}

/// Classes that Java names otherwise.
fn translated(pattern: &str) -> String {
    const NAMES: [(&str, &str); 12] = [
        (
            "\\h",
            "[ \\t\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{202F}\\x{205F}\\x{3000}]",
        ),
        ("\\p{Upper}", "[A-Z]"),
        ("\\p{Lower}", "[a-z]"),
        ("\\p{Alpha}", "[A-Za-z]"),
        ("\\p{Digit}", "[0-9]"),
        ("\\p{Alnum}", "[0-9A-Za-z]"),
        ("\\p{Punct}", "[!-/:-@\\[-`{-~]"),
        ("\\p{Space}", "[ \\t\\n\\x0B\\f\\r]"),
        ("\\p{IsAlphabetic}", "\\p{Alphabetic}"),
        ("\\p{IsDigit}", "\\p{Nd}"),
        ("\\p{IsHan}", "\\p{Han}"),
        ("\\Z", "\\z"),
    ];
    // Java's \d, \w and \s know ASCII only; \\ hides what follows it
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let named = NAMES.iter().find(|(java, _)| rest.starts_with(java));
        let (written, length) = match named {
            Some((java, ours)) => ((*ours).to_owned(), java.len()),
            None if first == '\\' => escape(rest),
            None => (first.to_string(), first.len_utf8()),
        };
        out.push_str(&written);
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// One escaped character, and how much of the pattern it takes.
fn escape(rest: &str) -> (String, usize) {
    let Some(next) = rest.chars().nth(1) else {
        return ("\\\\".into(), 1);
    };
    let length = 1 + next.len_utf8();
    let ascii = match next {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => "[ \\t\\n\\x0B\\f\\r]",
        'S' => "[^ \\t\\n\\x0B\\f\\r]",
        // characters that need no escape there, and none here
        '/' | '"' | '\'' | ',' | ':' | ';' | '@' | '%' | '=' | '!' | '<' | '>' | '_' | ' ' => {
            return (next.to_string(), length);
        }
        _ => return (format!("\\{next}"), length),
    };
    (ascii.into(), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_whole_text_as_java_reads_it() {
        let table = [
            ("abc", "[a-c]+", true),
            ("abc1", "[a-c]+", false),
            ("13800000000", "^1[3-9]\\d{9}$", true),
            ("١٢٣", "\\d+", false),
            ("ab12", "^(?=.*[a-z])(?=.*\\d).{4,}$", true),
            ("abcd", "^(?=.*[a-z])(?=.*\\d).{4,}$", false),
            ("foobar", "^(?!bar).*$", true),
            ("barfoo", "^(?!bar).*$", false),
            ("a b", "\\w+\\s\\w+", true),
            ("A-1", "\\p{Upper}-\\p{Digit}", true),
            ("x", "[a-z&&[^y]]", true),
            ("y", "[a-z&&[^y]]", false),
            ("a/b", "a\\/b", true),
        ];
        for (text, pattern, expected) in table {
            assert_eq!(matches(text, pattern), Ok(expected), "{text} {pattern}");
        }
    }

    #[test]
    fn a_pattern_that_could_search_for_ever_is_an_error_or_done_at_once() {
        assert_eq!(matches("aa", "(a)\\1"), Err(EvalError::BadPattern));
        assert_eq!(matches(&format!("{}!", "a".repeat(100_000)), "(a+)+"), Ok(false));
        assert_eq!(matches("a", "a{1000}{1000}{1000}"), Err(EvalError::BadPattern));
    }
}
