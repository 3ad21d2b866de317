//! When to come again after a run that failed: full jitter, and never against the platform's own wish.

use serde::{Deserialize, Serialize};

use crate::model::time::UtcMillis;

/// First bound of the wait, in milliseconds.
const FIRST_MS: u64 = 5_000;
/// Greatest bound of the wait, in milliseconds.
const CAP_MS: u64 = 3_600_000;

/// Milliseconds until the next attempt after `failures` failed runs in a row: what the platform asked for, else a random
/// moment within a bound that doubles. A thousand phones must not return in the same second.
#[must_use]
pub fn next_attempt_ms(failures: u32, asked_ms: Option<u64>, random: u32) -> u64 {
    let bound = FIRST_MS
        .saturating_mul(1 << failures.saturating_sub(1).min(20))
        .min(CAP_MS);
    let jitter = bound.saturating_mul(u64::from(random)) / u64::from(u32::MAX);
    match asked_ms {
        Some(asked) => asked.saturating_add(jitter / 10),
        None => jitter.max(1_000),
    }
}

/// The moment of the next attempt, kept across restarts of the app. Within one boot the monotonic clock counts; after a reboot the
/// wall clock does, never for longer than the wait itself, so that a clock that jumps neither storms nor stalls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// The wait, in milliseconds.
    pub wait_ms: u64,
    /// Boot in which it was set.
    pub boot: String,
    /// Monotonic clock at the end of the wait.
    pub until_mono_ms: u64,
    /// Wall clock at the end of the wait.
    pub until: UtcMillis,
    /// Whether the platform asked for it: a change of the network does not shorten it then.
    pub asked: bool,
}

impl Timer {
    /// A timer that starts now.
    #[must_use]
    pub fn start(wait_ms: u64, asked: bool, boot: &str, mono_ms: u64, wall: UtcMillis) -> Self {
        Self {
            wait_ms,
            boot: boot.to_owned(),
            until_mono_ms: mono_ms.saturating_add(wait_ms),
            until: wall.plus(i64::try_from(wait_ms).unwrap_or(i64::MAX)),
            asked,
        }
    }

    /// Milliseconds that are left of the wait.
    #[must_use]
    pub fn left_ms(&self, boot: &str, mono_ms: u64, wall: UtcMillis) -> u64 {
        let left = if boot == self.boot {
            self.until_mono_ms.saturating_sub(mono_ms)
        } else {
            u64::try_from(self.until.since(wall)).unwrap_or(0)
        };
        left.min(self.wait_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_holds_across_reboots_and_clocks_that_jump() {
        let timer = Timer::start(60_000, false, "a", 1_000, UtcMillis(5_000_000));
        let left = |boot: &str, mono, wall| timer.left_ms(boot, mono, UtcMillis(wall));
        assert_eq!(left("a", 21_000, 5_020_000), 40_000);
        assert_eq!(
            left("a", 21_000, 9_999_999_999),
            40_000,
            "the wall clock does not count within a boot"
        );
        assert_eq!(left("b", 5, 5_020_000), 40_000);
        assert_eq!(
            left("b", 5, 0),
            60_000,
            "a clock set back never waits longer than the wait"
        );
        assert_eq!(left("b", 5, 99_000_000_000), 0);
    }
}
