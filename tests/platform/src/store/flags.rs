//! The supervisor's queue, and the days' time-stamps.

use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::manifest::Named256;

use super::{Row, Stored, Tx};
use crate::values;

/// Something a supervisor should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The entry it is about.
    pub entry: Named256,
    /// What, by code.
    pub code: String,
    /// The case.
    pub subject: String,
    /// The grid, or empty.
    pub grid: String,
    /// Measured value or the other entry: no personal data.
    pub detail: String,
    /// When.
    pub raised_at: UtcMillis,
    /// When somebody decided.
    pub closed_at: Option<UtcMillis>,
    /// What was decided.
    pub decision: String,
    /// By whom, a pseudonymous id.
    pub decided_by: String,
}

/// The time-stamp of a day's checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayStamp {
    /// The day in the district, `2026-11-25`.
    pub day: String,
    /// Entries of the checkpoint.
    pub size: u64,
    /// The checkpoint, as a signed note.
    pub checkpoint: String,
    /// `pending`, `failed` or `stamped`.
    pub state: String,
    /// Why it failed, by code.
    pub code: String,
    /// The reply of the authority, DER.
    pub token: Option<Vec<u8>>,
    /// The last try.
    pub tried_at: UtcMillis,
}

const FLAG: &str = "entry, code, subject, grid, detail, raised_at, closed_at, decision, decided_by";
const STAMP: &str = "day, size, checkpoint, state, code, token, tried_at";

fn flag(row: Row) -> Stored<Flag> {
    Ok(Flag {
        entry: Named256(row.fixed(0)?),
        code: row.text(1)?.to_owned(),
        subject: row.text(2)?.to_owned(),
        grid: row.text(3)?.to_owned(),
        detail: row.text(4)?.to_owned(),
        raised_at: UtcMillis(row.int(5)?),
        closed_at: if row.is_null(6)? {
            None
        } else {
            Some(UtcMillis(row.int(6)?))
        },
        decision: row.text(7)?.to_owned(),
        decided_by: row.text(8)?.to_owned(),
    })
}

fn stamp(row: Row) -> Stored<DayStamp> {
    Ok(DayStamp {
        day: row.text(0)?.to_owned(),
        size: row.count(1)?,
        checkpoint: row.text(2)?.to_owned(),
        state: row.text(3)?.to_owned(),
        code: row.text(4)?.to_owned(),
        token: if row.is_null(5)? {
            None
        } else {
            Some(row.bytes(5)?.to_vec())
        },
        tried_at: UtcMillis(row.int(6)?),
    })
}

impl Tx<'_> {
    /// Raises a flag; one that is there already stays as it is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn raise(&mut self, flag: &Flag) -> Stored<()> {
        self.later(
            "INSERT INTO evidence_flag (entry, code, subject, grid, detail, raised_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (entry, code) DO NOTHING",
            values![
                &flag.entry.0,
                &flag.code,
                &flag.subject,
                &flag.grid,
                &flag.detail,
                flag.raised_at.0
            ],
        )
    }

    /// Open flags, oldest first, or closed ones, newest first; at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn flags(&mut self, open: bool, limit: u32) -> Stored<Vec<Flag>> {
        let rest = if open {
            "closed_at IS NULL ORDER BY raised_at, entry, code"
        } else {
            "closed_at IS NOT NULL ORDER BY closed_at DESC, entry, code"
        };
        let sql = format!("SELECT {FLAG} FROM evidence_flag WHERE {rest} LIMIT ?");
        self.query(sql, values![limit])?.into_iter().map(flag).collect()
    }

    /// Closes an open flag; tells whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn close_flag(&mut self, entry: Named256, code: &str, decision: &str, by: &str, at: UtcMillis) -> Stored<bool> {
        let changed = self.execute(
            "UPDATE evidence_flag SET closed_at = ?, decision = ?, decided_by = ?
             WHERE entry = ? AND code = ? AND closed_at IS NULL",
            values![at.0, decision, by, &entry.0, code],
        )?;
        Ok(changed > 0)
    }

    /// The time-stamp of a day.
    ///
    /// # Errors
    /// Those of the database.
    pub fn day_stamp(&mut self, day: &str) -> Stored<Option<DayStamp>> {
        let row = self.first(format!("SELECT {STAMP} FROM log_stamp WHERE day = ?"), values![day])?;
        row.map(stamp).transpose()
    }

    /// The earliest time-stamped checkpoint that holds a leaf.
    ///
    /// # Errors
    /// Those of the database.
    pub fn stamp_over(&mut self, leaf: u64) -> Stored<Option<DayStamp>> {
        let sql = format!("SELECT {STAMP} FROM log_stamp WHERE state = 'stamped' AND size > ? ORDER BY size LIMIT 1");
        self.first(sql, values![leaf])?.map(stamp).transpose()
    }

    /// The day that was tried last.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_stamp(&mut self) -> Stored<Option<DayStamp>> {
        let sql = format!("SELECT {STAMP} FROM log_stamp ORDER BY day DESC LIMIT 1");
        self.first(sql, values![])?.map(stamp).transpose()
    }

    /// Notes the time-stamp of a day. One that is stamped stays.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_stamp(&mut self, stamp: &DayStamp) -> Stored<()> {
        self.later(
            "INSERT INTO log_stamp (day, size, checkpoint, state, code, token, tried_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (day) DO UPDATE SET size = ?2, checkpoint = ?3, state = ?4, code = ?5, token = ?6, tried_at = ?7
             WHERE log_stamp.state <> 'stamped'",
            values![
                &stamp.day,
                stamp.size,
                &stamp.checkpoint,
                &stamp.state,
                &stamp.code,
                stamp.token.as_deref(),
                stamp.tried_at.0
            ],
        )
    }
}
