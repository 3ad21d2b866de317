//! Collects what is wrong, each thing once.

use crate::forms::trouble::{Spot, Trouble, Weight};

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) troubles: Vec<Trouble>,
}

/// No more than so many are told: the rest of a spoilt workbook repeats itself.
const MOST: usize = 200;

impl Log {
    pub(super) fn error(&mut self, code: &'static str, subject: impl Into<String>, spot: Spot) {
        self.push(Trouble::error(code, subject).at(spot));
    }

    pub(super) fn warn(&mut self, code: &'static str, subject: impl Into<String>, spot: Spot) {
        self.push(Trouble::warning(code, subject).at(spot));
    }

    pub(super) fn push(&mut self, trouble: Trouble) {
        let full = self.troubles.len() >= MOST && (trouble.weight == Weight::Warning || self.failed());
        if !full && !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }

    pub(super) fn failed(&self) -> bool {
        self.troubles.iter().any(|trouble| trouble.weight == Weight::Error)
    }
}
