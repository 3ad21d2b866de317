//! When to come again after a run that failed: full jitter, and never against the platform's own wish.

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
