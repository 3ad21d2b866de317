//! Rungs of the timeout ladder that were taken.

use std::collections::BTreeSet;

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Stored, Tx};
use crate::values;

/// A rung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RungRow {
    /// Incident.
    pub record: RecordId,
    /// Which limit.
    pub stage: String,
    /// When that limit began.
    pub began: UtcMillis,
    /// Which rung.
    pub kind: String,
    /// When it was due.
    pub at: UtcMillis,
    /// When it was taken.
    pub taken_at: UtcMillis,
    /// What was done: a step, a notice, or why not.
    pub done: String,
}

impl Tx<'_> {
    /// Kinds of the rungs of a limit that were taken.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rungs(&mut self, record: RecordId, stage: &str, began: UtcMillis) -> Stored<BTreeSet<String>> {
        let rows = self.query(
            "SELECT kind FROM rung WHERE record = ? AND stage = ? AND began = ?",
            values![record.bytes(), stage, began.0],
        )?;
        rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
    }

    /// Notes a rung; one that is there already stays.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_rung(&mut self, rung: &RungRow) -> Stored<()> {
        self.later(
            "INSERT INTO rung (record, stage, began, kind, at, taken_at, done) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (record, stage, began, kind) DO NOTHING",
            values![
                rung.record.bytes(),
                &rung.stage,
                rung.began.0,
                &rung.kind,
                rung.at.0,
                rung.taken_at.0,
                &rung.done
            ],
        )
    }

    /// Rungs taken since a moment, the oldest first, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rungs_since(&mut self, since: UtcMillis, limit: u32) -> Stored<Vec<RungRow>> {
        let rows = self.query(
            "SELECT record, stage, began, kind, at, taken_at, done FROM rung WHERE taken_at >= ?
             ORDER BY taken_at, at, record, kind LIMIT ?",
            values![since.0, limit],
        )?;
        rows.iter()
            .map(|row| {
                Ok(RungRow {
                    record: RecordId::from_slice(row.bytes(0)?)?,
                    stage: row.text(1)?.to_owned(),
                    began: UtcMillis(row.int(2)?),
                    kind: row.text(3)?.to_owned(),
                    at: UtcMillis(row.int(4)?),
                    taken_at: UtcMillis(row.int(5)?),
                    done: row.text(6)?.to_owned(),
                })
            })
            .collect()
    }
}
