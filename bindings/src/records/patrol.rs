//! Patrols: a route is walked, readings are committed as they come.

use fushan_grid_core::app::patrol::{Reading, Walked};
use fushan_grid_core::rules::patrol;
use fushan_grid_core::store::patrols;

use super::basics::{Fix, GeoPoint, json};
use super::incident::word;
use crate::error::GridError;

/// A walk of this phone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PatrolSummary {
    /// Its id, and that of the record it becomes.
    pub id: String,
    /// Whether it has ended.
    pub finished: bool,
    /// When it began, in UTC milliseconds.
    pub started_ms: i64,
}

/// A walk summed up.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PatrolWalked {
    /// The patrol.
    pub patrol: String,
    /// Whether it has ended.
    pub finished: bool,
    /// Readings in all.
    pub readings: u64,
    /// Readings left after cleaning and simplifying.
    pub kept: u64,
    /// Length in metres.
    pub length_m: u32,
    /// Coverage by grid.
    pub coverage: Vec<GridCoverage>,
    /// Milliseconds inside own grids.
    pub inside_ms: u64,
    /// Milliseconds outside.
    pub outside_ms: u64,
    /// Milliseconds between readings too far apart to say.
    pub silent_ms: u64,
    /// Planned points with a check-in.
    pub checked_in: Vec<String>,
    /// Planned points without one, in the order of the route.
    pub open: Vec<String>,
    /// Signs of a faked position, as a JSON array. They are shown, nothing is refused.
    pub signs_json: String,
}

/// How well a grid was covered.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct GridCoverage {
    /// Code of the grid.
    pub grid: String,
    /// Planned points in it.
    pub points: u32,
    /// Those that were passed.
    pub passed: u32,
    /// Cells of its ground.
    pub cells: u32,
    /// Cells that came into sight.
    pub seen: u32,
}

/// A check-in at a planned point.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PatrolCheckIn {
    /// How: `gps`, `qr`, `reason`.
    pub method: String,
    /// Metres from the place, when both are known.
    pub distance_m: Option<u32>,
    /// Where the worker was.
    pub point: Option<GeoPoint>,
    /// Whether the system said that the position is mocked.
    pub mock: bool,
}

impl Fix {
    /// As a patrol takes it: read just now, or so long ago as it says.
    pub(crate) fn reading(&self, mono_ms: u64, wall_ms: i64) -> Result<Reading, GridError> {
        let fix = self.on_patrol(mono_ms, fushan_grid_core::model::time::UtcMillis(wall_ms))?;
        Ok(Reading {
            point: fix.point,
            accuracy_m: fix.accuracy_m,
            mock: fix.mock,
            at: Some((fix.mono_ms, fix.wall)),
        })
    }
}

impl From<patrols::Patrol> for PatrolSummary {
    fn from(patrol: patrols::Patrol) -> Self {
        Self {
            id: patrol.id.to_string(),
            finished: patrol.finished,
            started_ms: patrol.started_at.0,
        }
    }
}

impl From<Walked> for PatrolWalked {
    fn from(walked: Walked) -> Self {
        Self {
            patrol: walked.patrol.to_string(),
            finished: walked.finished,
            readings: walked.readings as u64,
            kept: walked.kept as u64,
            length_m: walked.length_m,
            coverage: walked.coverage.into_iter().map(GridCoverage::from).collect(),
            inside_ms: walked.attendance.inside_ms,
            outside_ms: walked.attendance.outside_ms,
            silent_ms: walked.attendance.silent_ms,
            checked_in: walked.checked_in.into_keys().collect(),
            open: walked.open,
            signs_json: json(&walked.signs),
        }
    }
}

impl From<patrol::Coverage> for GridCoverage {
    fn from(coverage: patrol::Coverage) -> Self {
        Self {
            grid: coverage.grid.to_string(),
            points: coverage.points,
            passed: coverage.passed,
            cells: coverage.cells,
            seen: coverage.seen,
        }
    }
}

impl From<patrol::CheckIn> for PatrolCheckIn {
    fn from(come: patrol::CheckIn) -> Self {
        Self {
            method: word(&come.method),
            distance_m: come.distance_m,
            point: come.point.map(GeoPoint::from),
            mock: come.mock,
        }
    }
}
