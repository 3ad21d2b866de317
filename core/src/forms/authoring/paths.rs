//! `${name}` becomes a path: relative within the same repeat, absolute otherwise.

use super::lexer;
use super::outline::{Id, Outline};
use super::references::{self, Reference};
use crate::forms::definition::{Piece, Words};

/// The instance that holds the record saved last.
pub(super) const LAST_SAVED: &str = "__last-saved";

/// How a text is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct How {
    /// Paths start at the question itself, not at the node a filter looks at.
    pub(super) current: bool,
    /// The repeat is seen from outside, because its nodes are the choices.
    pub(super) outside: bool,
}

impl Outline {
    /// Replaces all references. Unknown names stay: they were told before.
    pub(super) fn resolve(&self, text: &str, from: Option<Id>, how: How) -> String {
        let found = references::all(text);
        if found.is_empty() {
            return text.to_owned();
        }
        let chars: Vec<char> = text.chars().collect();
        let mut out = String::new();
        let mut at = 0;
        for reference in found {
            let Some(path) = self.path_of(&chars, &reference, from, how) else {
                continue;
            };
            out.extend(chars.get(at..reference.start).unwrap_or_default());
            out.push_str(&path);
            at = reference.start + reference.length;
        }
        out.extend(chars.get(at..).unwrap_or_default());
        out
    }

    /// Words with references and look-ups as computed parts.
    pub(super) fn words(&self, text: &str, from: Option<Id>) -> Words {
        if text == "-" {
            return vec![Piece::Plain(text.into())];
        }
        let chars: Vec<char> = text.chars().collect();
        let lookups = if text.contains("instance(") {
            lexer::lookups(&chars)
        } else {
            Vec::new()
        };
        let mut cuts: Vec<(usize, usize, String)> = Vec::new();
        for (start, end) in lookups {
            let source: String = chars.get(start..end).unwrap_or_default().iter().collect();
            cuts.push((start, end, self.resolve(&source, from, How::default())));
        }
        for reference in references::all(text) {
            let inside = cuts
                .iter()
                .any(|(start, end, _)| reference.start >= *start && reference.start < *end);
            if let Some(path) = self
                .path_of(&chars, &reference, from, How::default())
                .filter(|_| !inside)
            {
                cuts.push((reference.start, reference.start + reference.length, path));
            }
        }
        cuts.sort_by_key(|(start, _, _)| *start);
        pieces(&chars, cuts)
    }

    fn path_of(&self, chars: &[char], reference: &Reference, from: Option<Id>, how: How) -> Option<String> {
        let name = reference.name.as_deref()?;
        let target = self.one(name)?;
        if let Some(from) = from.filter(|_| !reference.last_saved && may_be_relative(chars, reference)) {
            let current = how.current || in_lookup_filter(chars, reference);
            if let Some(path) = self.relative(target, from, how.outside) {
                let prefix = if current { " current()/" } else { " " };
                return Some(format!("{prefix}{path} "));
            }
        }
        let instance = if reference.last_saved {
            format!("instance('{LAST_SAVED}')")
        } else {
            String::new()
        };
        Some(format!(" {instance}{} ", self.path(target)))
    }

    /// The path from one part to another in the same repeat.
    fn relative(&self, target: Id, from: Id, outside: bool) -> Option<String> {
        let (repeat, steps) = self.common(from, target, true)?;
        let own = |id: Id| self.repeat_around(id);
        let seen_from_outside = outside
            && own(target) == Some(repeat)
            && (self.repeat_around(repeat).is_none() || own(from) != Some(repeat));
        let (steps, above) = if seen_from_outside {
            (steps + 1, self.parent(repeat)?)
        } else {
            let (nearest, steps) = self.common(from, target, false)?;
            (steps, nearest)
        };
        let up = vec![".."; steps].join("/");
        Some(format!("{up}{}", self.path_below(target, Some(above))))
    }
}

fn pieces(chars: &[char], cuts: Vec<(usize, usize, String)>) -> Words {
    let mut words = Words::new();
    let mut at = 0;
    let plain = |from: usize, to: usize, words: &mut Words| {
        let text: String = chars.get(from..to).unwrap_or_default().iter().collect();
        if !text.is_empty() {
            words.push(Piece::Plain(lines(&text)));
        }
    };
    for (start, end, path) in cuts {
        plain(at, start, &mut words);
        words.push(Piece::Output(in_attribute(&path)));
        at = end;
    }
    plain(at, chars.len(), &mut words);
    if let Some(Piece::Plain(first)) = words.first_mut() {
        *first = first.trim_start().into();
    }
    if let Some(Piece::Plain(last)) = words.last_mut() {
        *last = last.trim_end().into();
    }
    words.retain(|piece| !matches!(piece, Piece::Plain(text) if text.is_empty()));
    words
}

/// Ends of lines as in a document: a workbook of another system means the same.
pub(super) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A text as an attribute of a document holds it: on one line.
pub(super) fn in_attribute(text: &str) -> String {
    lines(text).replace(['\n', '\t'], " ")
}

/// In `indexed-repeat()` the node, the repeats and nothing else are named absolutely.
fn may_be_relative(chars: &[char], reference: &Reference) -> bool {
    let calls = spans(chars, "indexed-repeat(", ')');
    if !starts_in(chars, "indexed-repeat(").any(|_| true) {
        return true;
    }
    let end = reference.start + reference.length;
    let mut rest = calls.into_iter();
    while let Some((start, stop)) = rest.next() {
        if end > stop {
            if rest.next().is_none() {
                return true;
            }
            continue;
        }
        if end < start || reference.start > stop {
            return true;
        }
        let inside: String = chars.get(start..stop).unwrap_or_default().iter().skip(15).collect();
        let name = format!("${{{}}}", reference.name.as_deref().unwrap_or_default());
        let argument = inside
            .split(',')
            .enumerate()
            .filter(|(_, argument)| argument.contains(&name))
            .last();
        return argument.is_some_and(|(index, _)| !matches!(index, 0 | 1 | 3 | 5));
    }
    false
}

/// Whether a reference stands in the square brackets of a look-up in another instance.
fn in_lookup_filter(chars: &[char], reference: &Reference) -> bool {
    let looks_up =
        starts_in(chars, "instance(").any(|at| chars.get(at + 9).is_some_and(|c| *c != ')') && chars.len() > at + 10);
    let end = reference.start + reference.length;
    looks_up
        && spans(chars, "[", ']')
            .into_iter()
            .any(|(start, stop)| reference.start >= start && end <= stop)
}

fn starts_in<'a>(chars: &'a [char], text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let length = text.chars().count();
    (0..chars.len()).filter(move |at| {
        chars
            .get(*at..at + length)
            .is_some_and(|part| text.chars().eq(part.iter().copied()))
    })
}

/// From each opening text to the next closing character, with something between them; no overlaps.
fn spans(chars: &[char], open: &str, close: char) -> Vec<(usize, usize)> {
    let length = open.chars().count();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for at in starts_in(chars, open) {
        if found.last().is_some_and(|(_, end)| at < *end) {
            continue;
        }
        let after = chars.get(at + length..).unwrap_or_default();
        if let Some(inside) = after.iter().position(|c| *c == close).filter(|inside| *inside > 0) {
            found.push((at, at + length + inside + 1));
        }
    }
    found
}
