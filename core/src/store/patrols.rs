//! Plans, and patrols with their tracks: every batch of readings is committed as it comes.

use rusqlite::{Row, params};
use serde::Serialize;
use serde_json::Value;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;

/// A walk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Patrol {
    /// Its id, and that of the record it becomes.
    pub id: RecordId,
    /// Whether it has ended.
    pub finished: bool,
    /// When it began, by the phone's clock.
    pub started_at: UtcMillis,
    /// Route and check-ins.
    pub doc: Value,
}

fn patrol(row: &Row<'_>) -> Result<Patrol, StoreError> {
    let id: [u8; 16] = row.get(0)?;
    let (state, doc): (String, String) = (row.get(1)?, row.get(3)?);
    Ok(Patrol {
        id: RecordId::from_slice(&id)?,
        finished: state == "finished",
        started_at: UtcMillis(row.get(2)?),
        doc: serde_json::from_str(&doc)?,
    })
}

/// Begins a patrol.
///
/// # Errors
/// Those of the store.
pub fn add(w: &Writer<'_>, new: &Patrol) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT INTO patrol (id, state, started_at, doc) VALUES (?1, 'walking', ?2, ?3)")?
        .execute(params![new.id.bytes(), new.started_at.0, new.doc.to_string()])?;
    Ok(())
}

/// One patrol.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn get(r: &Reader<'_>, id: RecordId) -> Result<Patrol, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT id, state, started_at, doc FROM patrol WHERE id = ?1")?;
    let mut rows = statement.query([id.bytes()])?;
    patrol(rows.next()?.ok_or(StoreError::NotFound)?)
}

/// All patrols of this phone, the newest first, at most 200.
///
/// # Errors
/// Those of the store.
pub fn all(r: &Reader<'_>) -> Result<Vec<Patrol>, StoreError> {
    let sql = "SELECT id, state, started_at, doc FROM patrol ORDER BY started_at DESC, id DESC LIMIT 200";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(patrol(row)?);
    }
    Ok(found)
}

/// Changes what is noted about a patrol under way.
///
/// # Errors
/// [`StoreError::WrongState`] when it has ended.
pub fn change(w: &Writer<'_>, id: RecordId, doc: &Value, finished: bool) -> Result<(), StoreError> {
    let state = if finished { "finished" } else { "walking" };
    let changed =
        w.0.0
            .prepare_cached("UPDATE patrol SET doc = ?2, state = ?3 WHERE id = ?1 AND state = 'walking'")?
            .execute(params![id.bytes(), doc.to_string(), state])?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::WrongState)
    }
}

/// Adds a batch of readings.
///
/// # Errors
/// Those of the store.
pub fn add_fixes(w: &Writer<'_>, id: RecordId, fixes: &[u8]) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT INTO patrol_track (patrol, fixes) VALUES (?1, ?2)")?
        .execute(params![id.bytes(), fixes])?;
    Ok(())
}

/// The batches of readings in their order.
///
/// # Errors
/// Those of the store.
pub fn fixes(r: &Reader<'_>, id: RecordId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT fixes FROM patrol_track WHERE patrol = ?1 ORDER BY seq")?;
    let batches = statement.query_map([id.bytes()], |row| row.get(0))?;
    Ok(batches.collect::<Result<_, _>>()?)
}

/// Keeps a plan; one of the same id is replaced.
///
/// # Errors
/// Those of the store.
pub fn put_plan(w: &Writer<'_>, id: &str, doc: &Value) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT INTO plan (id, doc) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET doc = ?2")?
        .execute(params![id, doc.to_string()])?;
    Ok(())
}

/// Removes a plan. Tells whether it was there.
///
/// # Errors
/// Those of the store.
pub fn remove_plan(w: &Writer<'_>, id: &str) -> Result<bool, StoreError> {
    let removed = w.0.0.prepare_cached("DELETE FROM plan WHERE id = ?1")?.execute([id])?;
    Ok(removed > 0)
}

/// All plans, by id.
///
/// # Errors
/// Those of the store.
pub fn plans(r: &Reader<'_>) -> Result<Vec<Value>, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT doc FROM plan ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let doc: String = row.get(0)?;
        found.push(serde_json::from_str(&doc)?);
    }
    Ok(found)
}
