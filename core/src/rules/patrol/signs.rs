//! Signs of a faked position (domain dictionary 5.1). They are recorded and shown; nothing is refused because of them.

use serde::{Deserialize, Serialize};

use super::Fix;

/// Faster than anything a worker rides, in kilometres an hour.
const IMPOSSIBLE_KMH: f64 = 150.0;
/// More identical readings in a row than a real receiver gives.
const IDENTICAL: usize = 20;
/// Wall and monotonic clock may drift apart so far between two readings, in milliseconds.
const CLOCK_DRIFT_MS: i64 = 60_000;

/// What looks wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "sign", rename_all = "snake_case")]
pub enum Sign {
    /// The system itself called readings mocked.
    Mock {
        /// How many.
        readings: u32,
    },
    /// Two readings that nobody can have travelled between.
    Speed {
        /// Highest speed in kilometres an hour.
        kmh: u32,
        /// How often.
        times: u32,
    },
    /// Identical coordinates over and over.
    Frozen {
        /// Longest run.
        readings: u32,
    },
    /// The wall clock was changed on the way.
    Clock {
        /// How often.
        times: u32,
    },
    /// The phone was started anew on the way.
    Reboot {
        /// How often.
        times: u32,
    },
}

/// All signs in the raw readings of a patrol.
#[must_use]
pub fn signs(fixes: &[Fix]) -> Vec<Sign> {
    let mut found = Vec::new();
    let mocked = fixes.iter().filter(|fix| fix.mock).count();
    if mocked > 0 {
        found.push(Sign::Mock {
            readings: count(mocked),
        });
    }
    let pairs = || fixes.iter().zip(fixes.iter().skip(1));
    let speeds: Vec<f64> = pairs()
        .filter_map(|(a, b)| speed_kmh(a, b))
        .filter(|kmh| *kmh > IMPOSSIBLE_KMH)
        .collect();
    if let Some(highest) = speeds.iter().copied().max_by(f64::total_cmp) {
        found.push(Sign::Speed {
            kmh: super::check_in::whole(highest.min(99_999.0)),
            times: count(speeds.len()),
        });
    }
    let longest = fixes
        .chunk_by(|a, b| a.point == b.point)
        .map(<[Fix]>::len)
        .max()
        .unwrap_or(0);
    if longest > IDENTICAL {
        found.push(Sign::Frozen {
            readings: count(longest),
        });
    }
    let changed = pairs().filter(|(a, b)| clock_changed(a, b)).count();
    if changed > 0 {
        found.push(Sign::Clock { times: count(changed) });
    }
    let reboots = pairs().filter(|(a, b)| a.boot != b.boot).count();
    if reboots > 0 {
        found.push(Sign::Reboot { times: count(reboots) });
    }
    found
}

/// Speed between two readings, each given the benefit of its accuracy.
fn speed_kmh(a: &Fix, b: &Fix) -> Option<f64> {
    let ms = b.since(a).filter(|ms| *ms > 0)?;
    let slack = f64::from(a.accuracy_m) + f64::from(b.accuracy_m);
    let metres = (a.point.distance_m(&b.point) - slack).max(0.0);
    #[allow(clippy::cast_precision_loss)] // spans of a patrol are far below 2^52
    let hours = ms as f64 / 3_600_000.0;
    Some(metres / 1000.0 / hours)
}

fn clock_changed(a: &Fix, b: &Fix) -> bool {
    let Some(ms) = b.since(a) else { return false };
    let wall = b.wall.since(a.wall);
    wall.abs_diff(i64::try_from(ms).unwrap_or(i64::MAX)) > CLOCK_DRIFT_MS.unsigned_abs()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
