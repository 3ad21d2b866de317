//! Who answered what and when: the columns of an ODK audit log, one row an event.

use rusqlite::params;
use serde::Serialize;

use super::super::conn::{Reader, Writer};
use super::super::error::StoreError;
use crate::model::ids::RecordId;

/// One event. Times are the phone's own; they are shown and decide nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Entry {
    /// What happened, such as `form start`, `question`, `photo`, `form finalize`.
    pub event: String,
    /// Path of the node; empty for events of the whole sheet.
    pub node: String,
    /// Start in milliseconds since 1970.
    pub start: i64,
    /// End, for events that last.
    pub end: Option<i64>,
    /// Degrees north, when a position was known.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Metres.
    pub accuracy: Option<f64>,
    /// The answer before.
    #[serde(rename = "old-value")]
    pub old_value: Option<String>,
    /// The answer after.
    #[serde(rename = "new-value")]
    pub new_value: Option<String>,
    /// Pseudonymous id of the worker.
    pub user: String,
    /// Why a sent answer was changed.
    #[serde(rename = "change-reason")]
    pub change_reason: Option<String>,
}

/// Writes an event down.
///
/// # Errors
/// Those of the store.
pub fn log(w: &Writer<'_>, sheet: RecordId, entry: &Entry) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT INTO sheet_log (sheet, event, node, start_ms, end_ms, latitude, longitude, accuracy, old_value,
                                    new_value, user, change_reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            sheet.bytes(),
            entry.event,
            entry.node,
            entry.start,
            entry.end,
            entry.latitude,
            entry.longitude,
            entry.accuracy,
            entry.old_value,
            entry.new_value,
            entry.user,
            entry.change_reason
        ])?;
    Ok(())
}

/// The events of a sheet in their order.
///
/// # Errors
/// Those of the store.
pub fn logged(r: &Reader<'_>, sheet: RecordId) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT event, node, start_ms, end_ms, latitude, longitude, accuracy, old_value, new_value, user,
                      change_reason FROM sheet_log WHERE sheet = ?1 ORDER BY seq";
    let mut statement = r.0.prepare_cached(sql)?;
    let entries = statement.query_map([sheet.bytes()], |row| {
        Ok(Entry {
            event: row.get(0)?,
            node: row.get(1)?,
            start: row.get(2)?,
            end: row.get(3)?,
            latitude: row.get(4)?,
            longitude: row.get(5)?,
            accuracy: row.get(6)?,
            old_value: row.get(7)?,
            new_value: row.get(8)?,
            user: row.get(9)?,
            change_reason: row.get(10)?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}
