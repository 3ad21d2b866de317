//! Time as UTC milliseconds. A phone's wall clock is shown and recorded, it never decides anything.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMillis(pub i64);

impl UtcMillis {
    /// Adds a span in milliseconds, stopping at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Date and time in China's one zone, for people: `2026-09-01 08:42:00 +08:00`.
    #[must_use]
    pub fn local_text(self) -> String {
        match chrono::DateTime::from_timestamp_millis(self.plus(8 * 3_600_000).0) {
            Some(t) => format!("{} +08:00", t.format("%Y-%m-%d %H:%M:%S")),
            None => self.to_string(),
        }
    }

    /// Reads an RFC 3339 text such as `2026-09-01T08:42:00+08:00`.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        chrono::DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|t| Self(t.timestamp_millis()))
    }
}

impl fmt::Display for UtcMillis {
    /// RFC 3339 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match chrono::DateTime::from_timestamp_millis(self.0) {
            Some(t) => write!(f, "{}", t.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
            None => write!(f, "{}ms", self.0),
        }
    }
}

/// Hybrid logical clock: 48 bits of milliseconds and a 16-bit counter. It orders one phone's own operations and
/// breaks ties of last-writer-wins fields; it never decides a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hlc(pub u64);

impl Hlc {
    /// The next stamp after `self`, at or after the wall clock `now`.
    #[must_use]
    pub fn tick(self, now: UtcMillis) -> Self {
        let wall = u64::try_from(now.0).unwrap_or(0).min(0xFFFF_FFFF_FFFF) << 16;
        Self(wall.max(self.0.saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hlc_goes_forward_though_the_wall_clock_goes_back() {
        let a = Hlc::default().tick(UtcMillis(5_000));
        let b = a.tick(UtcMillis(1_000));
        assert!(b > a);
        assert!(b.tick(UtcMillis(9_000)) > b);
    }

    #[test]
    fn rfc3339_is_read_with_its_offset_and_shown_in_utc() {
        let t = UtcMillis::parse_rfc3339("2026-09-01T08:42:00+08:00").unwrap();
        assert_eq!(t.to_string(), "2026-09-01T00:42:00.000Z");
    }
}
