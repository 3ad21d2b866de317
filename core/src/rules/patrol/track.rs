//! Cleans a track: readings too coarse to use, out of order, or that only jitter around a still worker.

use serde::Serialize;

use super::Fix;

/// Readings coarser than this say too little about where somebody walked, in metres.
const COARSEST_M: u16 = 50;
/// A still worker is written down this often (domain dictionary 5.1: one point per 60 s when still).
const STILL_MS: u64 = 60_000;

/// A track that was cleaned, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Filtered {
    /// What remains, in order.
    pub kept: Vec<Fix>,
    /// Readings coarser than 50 m.
    pub coarse: u32,
    /// Readings that were not later than the one before.
    pub disordered: u32,
    /// Readings within the accuracy of the last kept one: the worker stood still.
    pub still: u32,
}

/// Cleans a track. The raw readings are for [`super::signs`]; this is for distance, coverage and storage.
#[must_use]
pub fn clean(fixes: &[Fix]) -> Filtered {
    let mut out = Filtered::default();
    for fix in fixes {
        match out.kept.last() {
            _ if fix.accuracy_m > COARSEST_M => out.coarse += 1,
            Some(last) if fix.boot < last.boot || (fix.boot == last.boot && fix.mono_ms <= last.mono_ms) => {
                out.disordered += 1;
            }
            Some(last) if is_still(last, fix) => out.still += 1,
            _ => out.kept.push(*fix),
        }
    }
    out
}

fn is_still(last: &Fix, fix: &Fix) -> bool {
    let radius = f64::from(last.accuracy_m.max(fix.accuracy_m));
    fix.since(last).is_some_and(|ms| ms < STILL_MS) && last.point.distance_m(&fix.point) <= radius
}

/// Length of a track in metres; the gap over a reboot counts as a straight line.
#[must_use]
pub fn length_m(fixes: &[Fix]) -> f64 {
    fixes
        .iter()
        .zip(fixes.iter().skip(1))
        .map(|(a, b)| a.point.distance_m(&b.point))
        .sum()
}
