//! `${name}` in cells.

use super::lexer;

/// One `${name}`, whether it can be read or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// Characters from the start of the text, and how many.
    pub(super) start: usize,
    pub(super) length: usize,
    /// The name; nothing when what stands between the braces is no name.
    pub(super) name: Option<String>,
    /// The answer of the last record that was saved on this phone.
    pub(super) last_saved: bool,
}

/// All references of a text in order, also broken ones.
pub(super) fn all(text: &str) -> Vec<Reference> {
    if !text.contains("${") {
        return Vec::new();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = chars.get(at..).filter(|rest| rest.len() > 1) {
        if !(rest.first() == Some(&'$') && rest.get(1) == Some(&'{')) {
            at += 1;
            continue;
        }
        let reference = read(rest, at);
        at += reference.as_ref().map_or(2, |reference| reference.length);
        found.extend(reference);
    }
    found
}

/// Reads from `${` on. Empty braces are no reference but ordinary text.
fn read(rest: &[char], start: usize) -> Option<Reference> {
    let Some(close) = rest.iter().position(|c| *c == '}') else {
        return Some(broken(start, rest.len()));
    };
    if close == 2 {
        return None;
    }
    let length = close + 1;
    if lexer::reference(rest) != Some(length) {
        return Some(broken(start, length));
    }
    let inner: String = rest.get(2..close)?.iter().collect();
    let (last_saved, name) = match inner.strip_prefix("last-saved#") {
        Some(name) => (true, name),
        None => (false, inner.as_str()),
    };
    Some(Reference {
        start,
        length,
        name: Some(name.into()),
        last_saved,
    })
}

fn broken(start: usize, length: usize) -> Reference {
    Reference {
        start,
        length,
        name: None,
        last_saved: false,
    }
}

/// The name of a text that is one reference and nothing else.
pub(super) fn only(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let whole = lexer::reference(&chars) == Some(chars.len());
    whole
        .then(|| all(text).into_iter().next())
        .flatten()
        .and_then(|reference| reference.name)
}

/// Whether the text starts its references with a good one: what pyxform takes for a text with references.
pub(super) fn any(text: &str) -> bool {
    all(text).first().is_some_and(|reference| reference.name.is_some())
}
