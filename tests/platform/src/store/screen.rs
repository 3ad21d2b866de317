//! What the hall's screen counts: incidents by state, level and grid, what is overdue, and the last steps. No column read here
//! holds anything about a person.

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;

use super::{Stored, Tx};
use crate::values;

/// Incidents of one state and level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCount {
    /// State.
    pub state: String,
    /// Level of circulation; 0 before it was accepted.
    pub level: u8,
    /// Reported since the day began.
    pub today: u64,
    /// All of them.
    pub all: u64,
    /// Past the deadline that runs.
    pub overdue: u64,
}

/// Open incidents of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridCount {
    /// Grid.
    pub grid: String,
    /// Open.
    pub open: u64,
    /// Of these, overdue.
    pub overdue: u64,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTaken {
    /// When.
    pub at: UtcMillis,
    /// The operation as it is kept.
    pub doc: String,
    /// Case number.
    pub case_no: String,
    /// Grid.
    pub grid: String,
    /// Category.
    pub category: String,
}

/// States in which nothing is open any more.
const OVER: &str = "'DRAFT', 'CLOSED', 'EVALUATED', 'REJECTED', 'MERGED', 'VOIDED'";

impl Tx<'_> {
    /// Incidents by state and level.
    ///
    /// # Errors
    /// Those of the database.
    pub fn state_counts(&mut self, midnight: UtcMillis, now: UtcMillis) -> Stored<Vec<StateCount>> {
        let rows = self.query(
            format!(
                "SELECT state, level, CAST(SUM(CASE WHEN reported_at >= ?1 THEN 1 ELSE 0 END) AS BIGINT),
                     CAST(COUNT(*) AS BIGINT),
                     CAST(SUM(CASE WHEN due_at < ?2 AND state NOT IN ({OVER}) THEN 1 ELSE 0 END) AS BIGINT)
                 FROM incident WHERE state <> 'DRAFT' GROUP BY state, level ORDER BY state, level"
            ),
            values![midnight.0, now.0],
        )?;
        rows.iter()
            .map(|row| {
                Ok(StateCount {
                    state: row.text(0)?.to_owned(),
                    level: u8::try_from(row.int(1)?).unwrap_or(0),
                    today: row.count(2)?,
                    all: row.count(3)?,
                    overdue: row.count(4)?,
                })
            })
            .collect()
    }

    /// Open incidents by grid.
    ///
    /// # Errors
    /// Those of the database.
    pub fn grid_counts(&mut self, now: UtcMillis) -> Stored<Vec<GridCount>> {
        let rows = self.query(
            format!(
                "SELECT grid, CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN due_at < ? THEN 1 ELSE 0 END) AS BIGINT)
                 FROM incident WHERE state NOT IN ({OVER}) GROUP BY grid ORDER BY grid"
            ),
            values![now.0],
        )?;
        rows.iter()
            .map(|row| {
                Ok(GridCount {
                    grid: row.text(0)?.to_owned(),
                    open: row.count(1)?,
                    overdue: row.count(2)?,
                })
            })
            .collect()
    }

    /// Ids of the incidents that are overdue longest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn most_overdue(&mut self, now: UtcMillis, limit: u32) -> Stored<Vec<RecordId>> {
        let rows = self.query(
            format!(
                "SELECT record FROM incident WHERE due_at < ? AND state NOT IN ({OVER}) ORDER BY due_at, record LIMIT ?"
            ),
            values![now.0, limit],
        )?;
        rows.iter()
            .map(|row| Ok(RecordId::from_slice(row.bytes(0)?)?))
            .collect()
    }

    /// The last steps of incidents, the latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_steps(&mut self, limit: u32) -> Stored<Vec<StepTaken>> {
        let rows = self.query(
            "SELECT h.at, h.doc, i.case_no, i.grid, i.category FROM history h JOIN incident i ON i.record = h.record
             ORDER BY h.at DESC, h.rev DESC, h.op DESC LIMIT ?",
            values![limit],
        )?;
        rows.iter()
            .map(|row| {
                Ok(StepTaken {
                    at: UtcMillis(row.int(0)?),
                    doc: row.text(1)?.to_owned(),
                    case_no: row.text(2)?.to_owned(),
                    grid: row.text(3)?.to_owned(),
                    category: row.text(4)?.to_owned(),
                })
            })
            .collect()
    }
}
