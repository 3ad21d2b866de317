//! Orders of the channels, how citizens are reached, the replies owed to them, and reports that may be of the same thing.

use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;

use super::incidents::over;
use super::records::record_of;
use super::{Page, Row, Stored, Tx};
use crate::intake::Told;
use crate::values;

/// An order as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOrder {
    /// Channel.
    pub channel: String,
    /// Its number there.
    pub order_no: String,
    /// Digest of its content.
    pub hash: [u8; 32],
    /// The incident.
    pub record: RecordId,
    /// When.
    pub at: UtcMillis,
    /// The answer it got.
    pub answer: String,
}

/// A reply that is owed or was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyRow {
    /// Channel.
    pub channel: String,
    /// Order.
    pub order_no: String,
    /// Incident.
    pub record: RecordId,
    /// Calls so far.
    pub attempts: u32,
    /// Whether the citizen was reached.
    pub contacted: Option<bool>,
    /// Whether they say it is solved.
    pub solved: Option<bool>,
    /// From 5 to 1.
    pub satisfaction: Option<u8>,
    /// Who called last.
    pub by_staff: StaffId,
    /// When the order was taken.
    pub ordered_at: UtcMillis,
}

/// Two reports that may be of the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HintRow {
    /// The later one.
    pub record: RecordId,
    /// The one it may be merged into.
    pub other: RecordId,
    /// Distance in centimetres.
    pub distance_cm: u32,
    /// When it was suggested.
    pub at: UtcMillis,
}

const REPLIES: &str =
    "SELECT p.channel, p.order_no, p.record, p.attempts, p.contacted, p.solved, p.satisfaction, p.by_staff, o.at
     FROM citizen_reply p JOIN channel_order o ON o.channel = p.channel AND o.order_no = p.order_no";

fn reply(row: &Row) -> Stored<ReplyRow> {
    Ok(ReplyRow {
        channel: row.text(0)?.to_owned(),
        order_no: row.text(1)?.to_owned(),
        record: RecordId::from_slice(row.bytes(2)?)?,
        attempts: u32::try_from(row.int(3)?).unwrap_or(0),
        contacted: yes(row, 4)?,
        solved: yes(row, 5)?,
        satisfaction: if row.is_null(6)? {
            None
        } else {
            u8::try_from(row.int(6)?).ok()
        },
        by_staff: StaffId(row.text(7)?.to_owned()),
        ordered_at: UtcMillis(row.int(8)?),
    })
}

fn yes(row: &Row, column: usize) -> Stored<Option<bool>> {
    Ok(if row.is_null(column)? {
        None
    } else {
        Some(row.is(column)?)
    })
}

impl Tx<'_> {
    /// An order that was taken before.
    ///
    /// # Errors
    /// Those of the database.
    pub fn channel_order(&mut self, channel: &str, order_no: &str) -> Stored<Option<TakenOrder>> {
        let row = self.first(
            "SELECT channel, order_no, hash, record, at, answer FROM channel_order WHERE channel = ? AND order_no = ?",
            values![channel, order_no],
        )?;
        row.map(|row| {
            Ok(TakenOrder {
                channel: row.text(0)?.to_owned(),
                order_no: row.text(1)?.to_owned(),
                hash: row.fixed(2)?,
                record: RecordId::from_slice(row.bytes(3)?)?,
                at: UtcMillis(row.int(4)?),
                answer: row.text(5)?.to_owned(),
            })
        })
        .transpose()
    }

    /// Keeps an order. Should another process have taken the number meanwhile, the transaction starts again and finds it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_channel_order(&mut self, order: &TakenOrder) -> Stored<()> {
        self.later(
            "INSERT INTO channel_order (channel, order_no, hash, record, at, answer) VALUES (?, ?, ?, ?, ?, ?)",
            values![
                &order.channel,
                &order.order_no,
                &order.hash,
                order.record.bytes(),
                order.at.0,
                &order.answer
            ],
        )
    }

    /// Incidents that came through a channel between two moments, the latest first, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn channel_records(
        &mut self,
        channel: &str,
        from: UtcMillis,
        to: UtcMillis,
        limit: u32,
    ) -> Stored<Vec<Record>> {
        let rows = self.query(
            "SELECT r.id, r.kind, r.grid, r.rev, r.state, r.deleted, r.body FROM channel_order o JOIN record r ON r.id = o.record
             WHERE o.channel = ? AND o.at >= ? AND o.at <= ? ORDER BY o.at DESC, o.order_no LIMIT ?",
            values![channel, from.0, to.0, limit],
        )?;
        rows.iter().map(|row| record_of(row, 0)).collect()
    }

    /// The incident of a case number, when it came through a channel.
    ///
    /// # Errors
    /// Those of the database.
    pub fn channel_record(&mut self, channel: &str, case_no: &str) -> Stored<Option<Record>> {
        let row = self.first(
            "SELECT r.id, r.kind, r.grid, r.rev, r.state, r.deleted, r.body FROM incident i
             JOIN channel_order o ON o.record = i.record JOIN record r ON r.id = i.record
             WHERE i.case_no = ? AND o.channel = ? LIMIT 1",
            values![case_no, channel],
        )?;
        row.as_ref().map(|row| record_of(row, 0)).transpose()
    }

    /// Keeps how a citizen is reached, apart from the incident.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_contact(&mut self, channel: &str, order_no: &str, contact: &str) -> Stored<()> {
        self.later(
            "INSERT INTO citizen_contact (channel, order_no, contact) VALUES (?, ?, ?) ON CONFLICT (channel, order_no) DO NOTHING",
            values![channel, order_no, contact],
        )
    }

    /// How a citizen is reached.
    ///
    /// # Errors
    /// Those of the database.
    pub fn contact(&mut self, channel: &str, order_no: &str) -> Stored<Option<String>> {
        let row = self.first(
            "SELECT contact FROM citizen_contact WHERE channel = ? AND order_no = ?",
            values![channel, order_no],
        )?;
        row.map(|row| row.text(0).map(str::to_owned)).transpose()
    }

    /// Notes that somebody waits for a reply.
    ///
    /// # Errors
    /// Those of the database.
    pub fn owe_reply(&mut self, channel: &str, order_no: &str, record: RecordId) -> Stored<()> {
        self.later(
            "INSERT INTO citizen_reply (channel, order_no, record, attempts, by_staff, note) VALUES (?, ?, ?, 0, '', '')
             ON CONFLICT (channel, order_no) DO NOTHING",
            values![channel, order_no, record.bytes()],
        )
    }

    /// Notes what a caller learned; the incident, when a reply was owed. What was learned before is never forgotten: a call
    /// that reached nobody leaves the answers of one that did.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn note_reply(
        &mut self,
        channel: &str,
        order_no: &str,
        told: &Told,
        at: UtcMillis,
    ) -> Stored<Option<RecordId>> {
        let row = self.first(
            "UPDATE citizen_reply SET attempts = attempts + 1, contacted = CASE WHEN contacted = 1 THEN 1 ELSE ?3 END,
                 solved = COALESCE(?4, solved), satisfaction = COALESCE(?5, satisfaction), at = ?6, by_staff = ?7,
                 note = CASE WHEN ?8 = '' THEN note ELSE ?8 END
             WHERE channel = ?1 AND order_no = ?2 RETURNING record",
            values![
                channel,
                order_no,
                told.contacted,
                told.solved,
                told.satisfaction.map(i64::from),
                at.0,
                &told.staff.0,
                &told.note
            ],
        )?;
        row.map(|row| Ok(RecordId::from_slice(row.bytes(0)?)?)).transpose()
    }

    /// The replies to the orders of one incident.
    ///
    /// # Errors
    /// Those of the database.
    pub fn replies(&mut self, record: RecordId) -> Stored<Vec<ReplyRow>> {
        let sql = format!("{REPLIES} WHERE p.record = ? ORDER BY p.channel, p.order_no");
        let rows = self.query(sql, values![record.bytes()])?;
        rows.iter().map(reply).collect()
    }

    /// A page of the replies that nobody has given, the oldest order first. Those of an incident that was merged away are told
    /// with the one it lives on in only when asked for by its own id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn replies_owed(&mut self, page: &Page) -> Stored<Vec<ReplyRow>> {
        let rows = self.query(
            format!(
                "{REPLIES} WHERE (p.contacted IS NULL OR p.contacted = 0) AND (o.at, p.record) > (?, ?)
                 ORDER BY o.at, p.record LIMIT ?"
            ),
            vec![page.at(), page.record(), page.limit.into()],
        )?;
        rows.iter().map(reply).collect()
    }

    /// Notes that two reports may be of the same thing.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hint(&mut self, record: RecordId, other: RecordId, distance_cm: u32, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO duplicate_hint (record, other, distance_cm, at, dismissed_by) VALUES (?, ?, ?, ?, '')
             ON CONFLICT (record, other) DO NOTHING",
            values![record.bytes(), other.bytes(), distance_cm, at.0],
        )
    }

    /// A page of the suggestions that nobody has dismissed and whose both reports are still open, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hints(&mut self, page: &Page) -> Stored<Vec<HintRow>> {
        let over = over();
        let rows = self.query(
            format!(
                "SELECT h.record, h.other, h.distance_cm, h.at FROM duplicate_hint h
                 JOIN incident a ON a.record = h.record JOIN incident b ON b.record = h.other
                 WHERE h.dismissed_by = '' AND a.state NOT IN ({over}) AND b.state NOT IN ({over})
                     AND (h.at, h.record, h.other) > (?, ?, ?)
                 ORDER BY h.at, h.record, h.other LIMIT ?"
            ),
            vec![page.at(), page.record(), page.other(), page.limit.into()],
        )?;
        rows.iter()
            .map(|row| {
                Ok(HintRow {
                    record: RecordId::from_slice(row.bytes(0)?)?,
                    other: RecordId::from_slice(row.bytes(1)?)?,
                    distance_cm: u32::try_from(row.int(2)?).unwrap_or(0),
                    at: UtcMillis(row.int(3)?),
                })
            })
            .collect()
    }

    /// Whether a suggestion about a report is open.
    ///
    /// # Errors
    /// Those of the database.
    pub fn has_hint(&mut self, record: RecordId) -> Stored<bool> {
        let row = self.first(
            format!(
                "SELECT 1 FROM duplicate_hint h JOIN incident b ON b.record = h.other
                 WHERE h.record = ? AND h.dismissed_by = '' AND b.state NOT IN ({}) LIMIT 1",
                over()
            ),
            values![record.bytes()],
        )?;
        Ok(row.is_some())
    }

    /// Dismisses a suggestion; tells whether there was one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dismiss_hint(&mut self, record: RecordId, other: RecordId, by: &str) -> Stored<bool> {
        let changed = self.execute(
            "UPDATE duplicate_hint SET dismissed_by = ? WHERE record = ? AND other = ? AND dismissed_by = ''",
            values![by, record.bytes(), other.bytes()],
        )?;
        Ok(changed > 0)
    }
}
