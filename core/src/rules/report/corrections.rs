//! What changed after a report was frozen: told in the next report, never slipped into the old one.

use serde::Serialize;

use super::figures::{Figure, Figures};

/// A figure that is another one now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// Its code.
    pub code: &'static str,
    /// As it was printed; absent for a figure that was not.
    pub was: Option<Figure>,
    /// As it is by what is known today.
    pub now: Figure,
}

/// Compares a frozen report with the same period computed again.
#[must_use]
pub fn corrections(frozen: &Figures, again: &Figures) -> Vec<Correction> {
    let changed = again.iter().filter(|(code, now)| frozen.get(*code) != Some(now));
    changed
        .map(|(code, now)| Correction {
            code,
            was: frozen.get(code).copied(),
            now: *now,
        })
        .collect()
}
