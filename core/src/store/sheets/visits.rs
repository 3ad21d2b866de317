//! Visits: one check-in at one place, with the sheets that were filled in there.

use rusqlite::params;
use serde::Serialize;
use serde_json::Value;

use super::super::conn::{Reader, Writer};
use super::super::error::StoreError;
use crate::model::area::GridCode;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;

/// One visit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Visit {
    /// Its id.
    pub id: RecordId,
    /// The place, when it is one of the registry.
    pub place: Option<RecordId>,
    /// The grid it is in.
    pub grid: GridCode,
    /// When it began, by the phone's clock.
    pub started_at: UtcMillis,
    /// When it ended.
    pub ended_at: Option<UtcMillis>,
    /// Check-in and the like.
    pub doc: Value,
}

/// Begins a visit.
///
/// # Errors
/// Those of the store.
pub fn add_visit(w: &Writer<'_>, new: &Visit) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT INTO visit (id, place, grid, started_at, ended_at, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            new.id.bytes(),
            new.place.as_ref().map(RecordId::bytes),
            new.grid.as_str(),
            new.started_at.0,
            new.ended_at.map(|t| t.0),
            new.doc.to_string()
        ])?;
    Ok(())
}

/// One visit.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn visit(r: &Reader<'_>, id: RecordId) -> Result<Visit, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT place, grid, started_at, ended_at, doc FROM visit WHERE id = ?1")?;
    let mut rows = statement.query([id.bytes()])?;
    let row = rows.next()?.ok_or(StoreError::NotFound)?;
    let place: Option<[u8; 16]> = row.get(0)?;
    let (grid, doc): (String, String) = (row.get(1)?, row.get(4)?);
    Ok(Visit {
        id,
        place: place.map(|bytes| RecordId::from_slice(&bytes)).transpose()?,
        grid: grid.parse()?,
        started_at: UtcMillis(row.get(2)?),
        ended_at: row.get::<_, Option<i64>>(3)?.map(UtcMillis),
        doc: serde_json::from_str(&doc)?,
    })
}

/// Changes what is noted about a visit.
///
/// # Errors
/// Those of the store.
pub fn change_visit(w: &Writer<'_>, id: RecordId, doc: &Value) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE visit SET doc = ?2 WHERE id = ?1")?
        .execute(params![id.bytes(), doc.to_string()])?;
    Ok(())
}

/// Ends a visit; the first end counts.
///
/// # Errors
/// Those of the store.
pub fn end_visit(w: &Writer<'_>, id: RecordId, now: UtcMillis) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE visit SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL")?
        .execute(params![id.bytes(), now.0])?;
    Ok(())
}
