//! The history: every operation that was taken, in the order of a record's revisions, for audits.

use fushan_grid_core::model::ids::{DeviceId, RecordId, StaffId};
use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::time::UtcMillis;
use serde::Serialize;

use super::{Stored, Tx};
use crate::values;

/// An operation as it was taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptOperation {
    /// Revision of the record that it made.
    pub rev: i64,
    /// When, by the platform's clock.
    pub at: UtcMillis,
    /// Who: a person, a channel, or the system.
    pub actor: StaffId,
    /// Phone it came from; none for what a desk or the platform did.
    pub device: Option<DeviceId>,
    /// It.
    pub op: Operation,
}

impl Tx<'_> {
    /// Writes the history line of an accepted operation, at most one for each operation id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn history(
        &mut self,
        op: &Operation,
        rev: i64,
        actor: &StaffId,
        device: Option<DeviceId>,
        at: UtcMillis,
    ) -> Stored<()> {
        self.later(
            "INSERT INTO history (op, record, rev, actor, device, hlc, at, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (op) DO NOTHING",
            values![
                op.op.bytes(),
                op.record.bytes(),
                rev,
                &actor.0,
                device.as_ref().map(DeviceId::bytes),
                op.hlc.0,
                at.0,
                serde_json::to_string(op)?
            ],
        )
    }

    /// The operations of a record in order: revision, moment, who, phone, and what.
    ///
    /// # Errors
    /// Those of the database.
    pub fn operations(&mut self, record: RecordId, limit: u32) -> Stored<Vec<KeptOperation>> {
        let rows = self.query(
            "SELECT rev, at, actor, device, doc FROM history WHERE record = ? ORDER BY rev, at, op LIMIT ?",
            values![record.bytes(), limit],
        )?;
        rows.iter()
            .map(|row| {
                Ok(KeptOperation {
                    rev: row.int(0)?,
                    at: UtcMillis(row.int(1)?),
                    actor: StaffId(row.text(2)?.to_owned()),
                    device: if row.is_null(3)? {
                        None
                    } else {
                        Some(DeviceId::from_slice(row.bytes(3)?)?)
                    },
                    op: serde_json::from_str(row.text(4)?)?,
                })
            })
            .collect()
    }
}
