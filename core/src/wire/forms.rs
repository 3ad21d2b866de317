//! Checklists as data packs of the district: a head names a version by its digest, the document follows in parts, each in a
//! pack of its own, because a record is smaller than a form may be.

use serde::{Deserialize, Serialize};

/// Bytes of one part.
pub const PART_BYTES: usize = 192 * 1024;
const HEAD: &str = "form:";

/// Content of the pack `form:ID`: the version of a checklist that the district uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormHead {
    /// SHA-256 of the canonical JSON, in hexadecimal.
    pub digest: String,
    /// How many parts the document has.
    pub parts: u32,
}

/// Content of the pack `form-part:DIGEST:N`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormPart {
    /// This part of the canonical JSON.
    pub text: String,
}

/// Name of the pack of a head.
#[must_use]
pub fn head_name(form: &str) -> String {
    format!("{HEAD}{form}")
}

/// How the names of heads begin.
#[must_use]
pub fn head_prefix() -> &'static str {
    HEAD
}

/// Name of the pack of a part, counted from zero.
#[must_use]
pub fn part_name(digest: &str, part: u32) -> String {
    format!("form-part:{digest}:{part}")
}

/// A document in parts.
#[must_use]
pub fn split(document: &str) -> Vec<FormPart> {
    let mut parts = Vec::new();
    let mut rest = document;
    while !rest.is_empty() {
        let mut end = rest.len().min(PART_BYTES);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (part, left) = rest.split_at(end);
        parts.push(FormPart { text: part.to_owned() });
        rest = left;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_small_enough_and_make_the_document_again() {
        let document = "检查表".repeat(70_000);
        let parts = split(&document);
        assert!(parts.len() > 3 && parts.iter().all(|part| part.text.len() <= PART_BYTES));
        assert_eq!(parts.into_iter().map(|part| part.text).collect::<String>(), document);
        assert!(split("").is_empty());
    }
}
