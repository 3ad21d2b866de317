//! Texts for people, by error code: what happened and what to do next, in Chinese and English.
//!
//! The catalogue is a file (`core/packs/messages.json`); a test of the suite reads all sources and fails when a code has
//! no text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::fault::Fault;

/// A language of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

#[derive(Deserialize)]
struct Entry {
    zh: String,
    en: String,
    #[serde(default)]
    zh_next: String,
    #[serde(default)]
    en_next: String,
}

static CATALOGUE: LazyLock<BTreeMap<String, Entry>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../packs/messages.json")).unwrap_or_default());

/// A message for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What happened, one sentence.
    pub text: String,
    /// What to do next; empty when there is nothing to do.
    pub next: String,
}

/// The message of a fault in one language. An unknown code is shown as itself.
#[must_use]
pub fn message(fault: &Fault, lang: Lang) -> Message {
    let Some(entry) = CATALOGUE.get(fault.code) else {
        return Message {
            text: fault.code.to_owned(),
            next: String::new(),
        };
    };
    let (text, next) = match lang {
        Lang::Zh => (&entry.zh, &entry.zh_next),
        Lang::En => (&entry.en, &entry.en_next),
    };
    let fill = |template: &str| {
        fault.args.iter().fold(template.to_owned(), |text, (key, value)| {
            text.replace(&format!("{{{key}}}"), value)
        })
    };
    Message {
        text: fill(text),
        next: fill(next),
    }
}

/// Whether the catalogue has a text for the code.
#[must_use]
pub fn knows(code: &str) -> bool {
    CATALOGUE.contains_key(code)
}

/// The catalogue's own copy of a code.
#[must_use]
pub fn code_of(code: &str) -> Option<&'static str> {
    CATALOGUE.get_key_value(code).map(|(known, _)| known.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_speaks_both_languages() {
        assert!(
            CATALOGUE.len() > 20,
            "the catalogue must parse, it has {}",
            CATALOGUE.len()
        );
        for (code, entry) in CATALOGUE.iter() {
            assert!(!entry.zh.is_empty() && !entry.en.is_empty(), "{code}");
            assert_eq!(entry.zh_next.is_empty(), entry.en_next.is_empty(), "{code}");
        }
    }

    #[test]
    fn arguments_are_filled_in() {
        let fault = Fault::of("newer_schema").with("found", 9);
        assert!(message(&fault, Lang::En).text.contains('9'));
        assert!(message(&fault, Lang::Zh).text.contains('9'));
    }
}
