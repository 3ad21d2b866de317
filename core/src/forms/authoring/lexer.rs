//! Cuts what an author wrote in a cell into tokens, coarsely: enough to tell a fixed default from a computed one and to
//! find look-ups in the middle of a label.

use super::names::{length, simple_length};

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A date, a time, or both.
    Moment,
    Number,
    /// `* + -`, and `mod`, `div` between blanks.
    Arithmetic,
    Union,
    /// `${name}`
    Reference,
    /// A name directly before a round bracket.
    Call,
    /// A name directly before a square bracket.
    Filtered,
    /// `]`
    FilterEnd,
    CloseParen,
    Slash,
    Quoted,
    Blank,
    Other,
}

/// A token: its kind and the characters it spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

pub(super) fn tokens(chars: &[char]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut start = 0;
    while let Some(rest) = chars.get(start..).filter(|rest| !rest.is_empty()) {
        let (kind, size) = token(rest);
        let end = start + size.max(1);
        out.push(Token { kind, start, end });
        start = end;
    }
    out
}

fn token(rest: &[char]) -> (Kind, usize) {
    let first = rest.first().copied().unwrap_or(' ');
    if let Some(size) = moment(rest) {
        return (Kind::Moment, size);
    }
    if let Some(size) = number(rest) {
        return (Kind::Number, size);
    }
    if matches!(first, '*' | '+' | '-') {
        return (Kind::Arithmetic, 1);
    }
    if let Some(size) = word(rest, &[" mod ", " div "]) {
        return (Kind::Arithmetic, size);
    }
    if let Some(size) = word(rest, &["!=", "<=", ">=", " and ", " or ", ".."]) {
        return (Kind::Other, size);
    }
    match first {
        '|' => (Kind::Union, 1),
        ')' => (Kind::CloseParen, 1),
        ']' => (Kind::FilterEnd, 1),
        '/' => (Kind::Slash, 1),
        '"' | '\'' => match rest.iter().skip(1).position(|c| *c == first) {
            Some(length) => (Kind::Quoted, length + 2),
            None => (Kind::Other, 1),
        },
        c if c.is_whitespace() => (Kind::Blank, rest.iter().take_while(|c| c.is_whitespace()).count()),
        '$' => reference(rest).map_or((Kind::Other, 1), |size| (Kind::Reference, size)),
        _ => name(rest),
    }
}

fn name(rest: &[char]) -> (Kind, usize) {
    let size = length(rest);
    // a scheme is no prefix: the colon of `jr://` belongs to what follows
    match (size, rest.get(size)) {
        (0, _) => (Kind::Other, 1),
        (_, Some('(')) => (Kind::Call, size + 1),
        (_, Some('[')) => (Kind::Filtered, size + 1),
        _ if text_at(rest, size, "://") => (Kind::Other, size + 3),
        _ => (Kind::Other, size),
    }
}

fn text_at(rest: &[char], at: usize, text: &str) -> bool {
    rest.get(at..)
        .is_some_and(|rest| text.chars().eq(rest.iter().copied().take(text.chars().count())))
}

fn word(rest: &[char], words: &[&str]) -> Option<usize> {
    words
        .iter()
        .find(|word| text_at(rest, 0, word))
        .map(|word| word.chars().count())
}

/// How many characters at the start are `${name}` or `${last-saved#name}`.
pub(super) fn reference(rest: &[char]) -> Option<usize> {
    if !text_at(rest, 0, "${") {
        return None;
    }
    let skip = if text_at(rest, 2, "last-saved#") { 13 } else { 2 };
    let name = simple_length(rest.get(skip..)?);
    (name > 0 && rest.get(skip + name) == Some(&'}')).then_some(skip + name + 1)
}

fn digits(rest: &[char], at: usize) -> usize {
    rest.iter().skip(at).take_while(|c| c.is_ascii_digit()).count()
}

/// `9999-99-99`, `99:99:99` or both with a `T` between them.
fn moment(rest: &[char]) -> Option<usize> {
    if let Some(date) = date(rest) {
        let time = (rest.get(date) == Some(&'T'))
            .then(|| rest.get(date + 1..).and_then(time))
            .flatten();
        return Some(date + time.map_or(0, |time| time + 1));
    }
    time(rest)
}

fn date(rest: &[char]) -> Option<usize> {
    let at = usize::from(rest.first() == Some(&'-'));
    let fits = has_digits(rest, at, 4) && rest.get(at + 4) == Some(&'-') && has_digits(rest, at + 5, 2);
    (fits && rest.get(at + 7) == Some(&'-') && has_digits(rest, at + 8, 2)).then_some(at + 10)
}

fn time(rest: &[char]) -> Option<usize> {
    let colons = rest.get(2) == Some(&':') && rest.get(5) == Some(&':');
    let fits = colons && has_digits(rest, 0, 2) && has_digits(rest, 3, 2) && has_digits(rest, 6, 2);
    if !fits {
        return None;
    }
    let offset = match rest.get(8) {
        Some('Z') => 1,
        Some('+' | '-') if has_digits(rest, 9, 2) && rest.get(11) == Some(&':') && has_digits(rest, 12, 2) => 6,
        _ => 0,
    };
    Some(8 + offset)
}

fn has_digits(rest: &[char], at: usize, count: usize) -> bool {
    rest.get(at..at + count)
        .is_some_and(|part| part.iter().all(char::is_ascii_digit))
}

fn number(rest: &[char]) -> Option<usize> {
    let sign = usize::from(rest.first() == Some(&'-'));
    let whole = digits(rest, sign);
    let point = rest.get(sign + whole) == Some(&'.');
    let fraction = if point { digits(rest, sign + whole + 1) } else { 0 };
    (whole > 0 || fraction > 0).then_some(sign + whole + usize::from(point) + fraction)
}

/// Whether a default must be computed: it calculates, calls or refers. In dates and places a hyphen is no minus.
pub(super) fn is_dynamic(default: &str, question_type: &str) -> bool {
    let hyphenated = matches!(
        question_type,
        "date" | "dateTime" | "geopoint" | "geotrace" | "geoshape"
    );
    let chars: Vec<char> = default.chars().collect();
    for token in tokens(&chars) {
        if hyphenated && token.kind == Kind::Arithmetic && chars.get(token.start) == Some(&'-') {
            return false;
        }
        if matches!(
            token.kind,
            Kind::Arithmetic | Kind::Union | Kind::Reference | Kind::Call
        ) {
            return true;
        }
    }
    false
}

/// The look-ups in a label: each `instance('…')` with the path and filters after it.
pub(super) fn lookups(chars: &[char]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, Token)> = None;
    let (mut in_path, mut in_filter) = (false, false);
    for token in tokens(chars) {
        let Some((start, last)) = open else {
            if is_instance(chars, token) {
                (in_path, in_filter) = (false, false);
                open = Some((token.start, token));
            }
            continue;
        };
        let goes_on = match (token.kind, last.kind) {
            (Kind::Quoted, Kind::Call) if is_instance(chars, last) => true,
            (Kind::CloseParen, Kind::Quoted) => true,
            (Kind::Slash, Kind::CloseParen | Kind::FilterEnd) => {
                in_path = true;
                true
            }
            (Kind::Blank, _) if in_path => {
                in_path = false;
                false
            }
            (Kind::Filtered, _) if in_path => {
                (in_path, in_filter) = (false, true);
                true
            }
            (_, _) if in_path => true,
            (Kind::FilterEnd, _) if in_filter => {
                in_filter = false;
                true
            }
            (_, _) => in_filter,
        };
        if goes_on {
            open = Some((start, token));
        } else {
            found.push((start, last.end));
            open = None;
        }
    }
    found.extend(open.map(|(start, last)| (start, last.end)));
    found
}

fn is_instance(chars: &[char], token: Token) -> bool {
    token.kind == Kind::Call
        && chars
            .get(token.start..token.end)
            .is_some_and(|part| "instance(".chars().eq(part.iter().copied()))
}
