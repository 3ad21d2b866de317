//! Made-up series: many subjects within minutes, or at intervals as even as nobody's hand makes them.

use std::collections::BTreeSet;

use super::{Facts, told};
use crate::model::geo::Point;
use crate::model::time::UtcMillis;
use crate::wire::manifest::{Check, Verdict};

/// Span that is looked at, milliseconds.
const SPAN_MS: i64 = 5 * 60_000;
/// Subjects within it that flag.
const SUBJECTS: usize = 6;
/// Captures in a row whose intervals are compared.
const ROW: usize = 6;
/// Spread of the intervals that no hand makes, milliseconds.
const EVEN_MS: i64 = 500;
/// Shortest interval that counts: a camera's own series is even too.
const SHORTEST_MS: i64 = 5_000;

/// An earlier capture of this phone.
#[derive(Debug, Clone, Copy)]
pub struct Recent<'a> {
    /// Wall clock.
    pub at: UtcMillis,
    /// Monotonic clock, milliseconds.
    pub mono_ms: u64,
    /// Boot.
    pub boot_id: &'a str,
    /// Where.
    pub place: Option<Point>,
    /// Subject.
    pub case: &'a str,
}

pub(super) fn checks(facts: &Facts<'_>) -> Vec<Check> {
    let now = facts.clocks.wall;
    let near = facts.recent.iter().filter(|r| (0..=SPAN_MS).contains(&now.since(r.at)));
    let subjects: BTreeSet<&str> = near.map(|r| r.case).chain([facts.case]).collect();
    let (verdict, reason) = match subjects.len() {
        n if n >= SUBJECTS => (Verdict::Flag, "many_subjects_at_once"),
        _ if is_even(facts) => (Verdict::Flag, "even_intervals"),
        _ => (Verdict::Ok, ""),
    };
    vec![told("burst", subjects.len(), verdict, reason)]
}

/// Whether the last intervals are as even as a script's.
fn is_even(facts: &Facts<'_>) -> bool {
    let times: Vec<UtcMillis> = [facts.clocks.wall]
        .into_iter()
        .chain(facts.recent.iter().map(|r| r.at))
        .take(ROW)
        .collect();
    let gaps: Vec<i64> = times
        .windows(2)
        .filter_map(|pair| Some(pair.first()?.since(*pair.last()?)))
        .collect();
    let (Some(shortest), Some(longest)) = (gaps.iter().min(), gaps.iter().max()) else {
        return false;
    };
    times.len() == ROW && *shortest >= SHORTEST_MS && longest - shortest <= EVEN_MS
}
