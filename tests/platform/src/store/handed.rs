//! Hand-overs as they were answered, and mobilisations as the timers find them.

use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::time::UtcMillis;

use super::{Stored, Tx};
use crate::values;

/// When people answered one call of a mobilisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallTimes {
    /// When it went out.
    pub at: UtcMillis,
    /// First answer.
    pub answered: Option<UtcMillis>,
}

impl Tx<'_> {
    /// The digest and the answer of a hand-over.
    ///
    /// # Errors
    /// Those of the database.
    pub fn handed(&mut self, id: &str) -> Stored<Option<([u8; 32], String)>> {
        let row = self.first("SELECT hash, answer FROM hand_over WHERE id = ?", values![id])?;
        row.map(|row| Ok((row.fixed(0)?, row.text(1)?.to_owned()))).transpose()
    }

    /// Keeps the answer of a hand-over; it is the same one for ever.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_handed(&mut self, id: &str, hash: &[u8; 32], answer: &str, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO hand_over (id, hash, answer, at) VALUES (?, ?, ?, ?)",
            values![id, hash, answer, at.0],
        )
    }

    /// Notes when the timers look at a mobilisation next.
    ///
    /// # Errors
    /// Those of the database.
    pub fn wake_mobilisation(&mut self, record: RecordId, wake: Option<UtcMillis>) -> Stored<()> {
        self.later(
            "INSERT INTO mobilisation (record, wake_at) VALUES (?1, ?2) ON CONFLICT (record) DO UPDATE SET wake_at = ?2",
            values![record.bytes(), wake.map(|at| at.0)],
        )
    }

    /// Mobilisations that the timers have to look at.
    ///
    /// # Errors
    /// Those of the database.
    pub fn mobilisations_awake(&mut self, now: UtcMillis, limit: u32) -> Stored<Vec<RecordId>> {
        let rows = self.query(
            "SELECT record FROM mobilisation WHERE wake_at <= ? ORDER BY wake_at, record LIMIT ?",
            values![now.0, limit],
        )?;
        rows.iter()
            .map(|row| Ok(RecordId::from_slice(row.bytes(0)?)?))
            .collect()
    }

    /// Keeps a call.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_call(&mut self, record: RecordId, staff: &StaffId, wave: &str, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO mobilisation_call (record, staff, wave, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            values![record.bytes(), &staff.0, wave, at.0],
        )
    }

    /// Keeps when a call was answered for the first time, and when they arrived.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_answer(
        &mut self,
        record: RecordId,
        staff: &StaffId,
        called: UtcMillis,
        arrived: bool,
        now: UtcMillis,
    ) -> Stored<()> {
        self.later(
            "UPDATE mobilisation_call SET answered_at = COALESCE(answered_at, ?4), arrived_at = COALESCE(arrived_at, ?5)
             WHERE record = ?1 AND staff = ?2 AND at = ?3",
            values![record.bytes(), &staff.0, called.0, now.0, arrived.then_some(now.0)],
        )
    }

    /// Who was called for another mobilisation since a moment, and when last.
    ///
    /// # Errors
    /// Those of the database.
    pub fn called_elsewhere(&mut self, record: RecordId, since: UtcMillis) -> Stored<Vec<(StaffId, UtcMillis)>> {
        let rows = self.query(
            "SELECT staff, MAX(at) FROM mobilisation_call WHERE record <> ? AND at > ? GROUP BY staff ORDER BY staff",
            values![record.bytes(), since.0],
        )?;
        rows.iter()
            .map(|row| Ok((StaffId(row.text(0)?.to_owned()), UtcMillis(row.int(1)?))))
            .collect()
    }

    /// Calls that went out in a time for incidents of an area, with their answers.
    ///
    /// # Errors
    /// Those of the database.
    pub fn calls_between(&mut self, area: &str, from: UtcMillis, until: UtcMillis) -> Stored<Vec<CallTimes>> {
        let rows = self.query(
            "SELECT c.at, c.answered_at FROM mobilisation_call c JOIN record r ON r.id = c.record
             WHERE c.at >= ? AND c.at < ? AND r.grid >= ? AND r.grid < ?",
            values![from.0, until.0, area, format!("{area}~")],
        )?;
        rows.iter()
            .map(|row| {
                Ok(CallTimes {
                    at: UtcMillis(row.int(0)?),
                    answered: if row.is_null(1)? {
                        None
                    } else {
                        Some(UtcMillis(row.int(1)?))
                    },
                })
            })
            .collect()
    }
}
