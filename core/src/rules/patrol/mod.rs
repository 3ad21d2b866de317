//! Patrols: planned points, check-in by distance and dwell, the offline track, coverage, signs of a faked position, and
//! time on duty.
//!
//! Spans of time are differences of the phone's monotonic clock within one boot. Between two boots no span is known, so
//! nothing is derived across them. The wall clock is kept beside it for show and for one sign only: that it was changed.

mod attend;
mod check_in;
mod code;
mod coverage;
mod signs;
mod simplify;
mod track;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use attend::{Attendance, attendance};
pub use check_in::{CheckIn, Dwell, Method, Surroundings, check_in, dwell};
pub use code::{TrackError, decode, encode};
pub use coverage::{Coverage, coverage};
pub use signs::{Sign, signs};
pub use simplify::simplify;
pub use track::{Filtered, clean, length_m};

use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;

/// One reading of the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Where.
    pub point: Point,
    /// Radius of the reading in metres, as the system estimates it.
    pub accuracy_m: u16,
    /// Counts the boots seen during the patrol, from 0.
    pub boot: u16,
    /// Monotonic milliseconds of that boot.
    pub mono_ms: u64,
    /// The wall clock beside it; shown, never decisive.
    pub wall: UtcMillis,
    /// The system said that the position comes from a mock provider.
    #[serde(default)]
    pub mock: bool,
}

impl Fix {
    /// Milliseconds from an earlier reading; `None` across a reboot or backwards.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Option<u64> {
        if self.boot == earlier.boot {
            self.mono_ms.checked_sub(earlier.mono_ms)
        } else {
            None
        }
    }
}

/// A point that a patrol should pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedPoint {
    /// Its name within the route.
    pub id: String,
    /// What the worker reads.
    pub name: String,
    /// Where it is.
    pub point: Point,
    /// The place it stands for, when it is one of the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<RecordId>,
    /// Code on a plate at the place; scanning it checks in without a position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr: Option<String>,
    /// Seconds to stay; 0 to pass by.
    #[serde(default)]
    pub dwell_s: u32,
}

/// A route that is walked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Stable id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Country rules instead of town rules: check-in within 150 m instead of 50 m.
    #[serde(default)]
    pub rural: bool,
    /// Whether the points come in a fixed order.
    #[serde(default)]
    pub ordered: bool,
    /// The points.
    pub points: Vec<PlannedPoint>,
}
