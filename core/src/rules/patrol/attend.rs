//! Time on duty, from the track: inside the worker's own grids, outside, and silent.

use serde::Serialize;

use super::Fix;
use super::check_in::SILENCE_MS;
use crate::model::area::GridArea;
use crate::rules::polygon::{Side, side};

/// Where a shift was spent, in milliseconds of the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Attendance {
    /// Inside own grids.
    pub inside_ms: u64,
    /// Outside.
    pub outside_ms: u64,
    /// Between readings too far apart in time to say.
    pub silent_ms: u64,
    /// Reboots on the way; the spans over them are unknown and not counted.
    pub reboots: u32,
}

/// Sums a shift up. A span counts as inside when both of its ends are, on the border included.
#[must_use]
pub fn attendance(fixes: &[Fix], own: &[GridArea]) -> Attendance {
    let inside: Vec<bool> = fixes
        .iter()
        .map(|fix| own.iter().any(|grid| side(&grid.ring, &fix.point) != Side::Outside))
        .collect();
    let mut sum = Attendance::default();
    let ends = fixes.iter().zip(&inside);
    for ((earlier, began_in), (later, ended_in)) in ends.clone().zip(ends.skip(1)) {
        match later.since(earlier) {
            None => sum.reboots += u32::from(later.boot != earlier.boot),
            Some(ms) if ms > SILENCE_MS => sum.silent_ms += ms,
            Some(ms) if *began_in && *ended_in => sum.inside_ms += ms,
            Some(ms) => sum.outside_ms += ms,
        }
    }
    sum
}
