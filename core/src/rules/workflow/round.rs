//! What the present round of an incident holds, for guards, dispatch and the platform's timers: one definition for all of them.
//! A round begins when a case is taken up again (T31).

use super::lines::Lines;
use crate::model::record::Record;
use crate::model::time::UtcMillis;

/// Refusals of a round after which the departments decide together and nobody may refuse again (domain dictionary 4.4, T18).
pub const REFUSALS: usize = 2;

/// How often a case has been refused (T18) in its present round.
#[must_use]
pub fn refusals(record: &Record) -> usize {
    Lines::of(record).round().count(18)
}

/// When the request for an extension was made that nobody has decided. It ends with a decision, with the handling, and when the
/// case leaves the handler who asked.
#[must_use]
pub fn extension_asked(record: &Record) -> Option<UtcMillis> {
    let last = Lines::of(record).last_of(&[14, 15, 20, 21, 24, 29, 31])?;
    (last.number() == 20).then(|| last.at())
}

/// When what lies with its reporter for completion was returned (T10).
#[must_use]
pub fn returned(record: &Record) -> Option<UtcMillis> {
    let line = Lines::of(record).last_of(&[10])?;
    (record.state == "RETURNED").then(|| line.at())
}
