//! Answer sheets: drafts of inspections, each answer a transaction of its own, so that a kill loses at most a keystroke.

mod log;
mod parts;
mod undo;
mod visits;

pub use log::{Entry, log, logged};
pub use parts::{
    Placed, change_nodes, fixes, forget_fix, forget_photo, nodes, photos, put_fix, put_photo, replace_nodes,
};
pub use undo::{Undo, can_undo, keep_undo, take_undo};
pub use visits::{Visit, add_visit, change_visit, end_visit, visit};

use rusqlite::{Row, params};
use serde::Serialize;
use serde_json::Value;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;

/// What has become of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetState {
    /// Being filled in.
    Draft,
    /// An inspection now.
    Finished,
    /// Given up by the worker.
    Dropped,
}

impl SheetState {
    fn text(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Finished => "finished",
            Self::Dropped => "dropped",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "draft" => Self::Draft,
            "finished" => Self::Finished,
            _ => Self::Dropped,
        }
    }
}

/// A sheet without its answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sheet {
    /// Its id, and that of the inspection it becomes.
    pub id: RecordId,
    /// The visit it belongs to.
    pub visit: RecordId,
    /// Digest of the form's version.
    pub form: String,
    /// What has become of it.
    pub state: SheetState,
    /// When it was begun, by the phone's clock.
    pub started_at: UtcMillis,
    /// When it was last changed.
    pub touched_at: UtcMillis,
    /// Path of the last answer: where the work stopped.
    pub stopped_at: String,
    /// What it is for.
    pub doc: Value,
}

const COLUMNS: &str = "id, visit, form, state, started_at, touched_at, stopped_at, doc";

fn sheet(row: &Row<'_>) -> Result<Sheet, StoreError> {
    let (id, visit): ([u8; 16], [u8; 16]) = (row.get(0)?, row.get(1)?);
    let (state, doc): (String, String) = (row.get(3)?, row.get(7)?);
    Ok(Sheet {
        id: RecordId::from_slice(&id)?,
        visit: RecordId::from_slice(&visit)?,
        form: row.get(2)?,
        state: SheetState::of(&state),
        started_at: UtcMillis(row.get(4)?),
        touched_at: UtcMillis(row.get(5)?),
        stopped_at: row.get(6)?,
        doc: serde_json::from_str(&doc)?,
    })
}

/// Begins a sheet.
///
/// # Errors
/// Those of the store.
pub fn add(w: &Writer<'_>, new: &Sheet) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(&format!(
            "INSERT INTO sheet ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        ))?
        .execute(params![
            new.id.bytes(),
            new.visit.bytes(),
            new.form,
            new.state.text(),
            new.started_at.0,
            new.touched_at.0,
            new.stopped_at,
            new.doc.to_string()
        ])?;
    Ok(())
}

/// One sheet.
///
/// # Errors
/// Those of the store.
pub fn get(r: &Reader<'_>, id: RecordId) -> Result<Option<Sheet>, StoreError> {
    let mut statement =
        r.0.prepare_cached(&format!("SELECT {COLUMNS} FROM sheet WHERE id = ?1"))?;
    let mut rows = statement.query([id.bytes()])?;
    rows.next()?.map(sheet).transpose()
}

/// Drafts, the one touched last first.
///
/// # Errors
/// Those of the store.
pub fn drafts(r: &Reader<'_>) -> Result<Vec<Sheet>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sheet WHERE state = 'draft' ORDER BY touched_at DESC, id DESC");
    many(r, &sql, [])
}

/// The sheets of a visit, in the order they were begun.
///
/// # Errors
/// Those of the store.
pub fn of_visit(r: &Reader<'_>, visit: RecordId) -> Result<Vec<Sheet>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sheet WHERE visit = ?1 ORDER BY started_at, id");
    many(r, &sql, [visit.bytes()])
}

fn many(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Sheet>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(sheet(row)?);
    }
    Ok(found)
}

/// Notes where the work stopped.
///
/// # Errors
/// Those of the store.
pub fn touch(w: &Writer<'_>, id: RecordId, path: &str, now: UtcMillis) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE sheet SET stopped_at = ?2, touched_at = ?3 WHERE id = ?1")?
        .execute(params![id.bytes(), path, now.0])?;
    Ok(())
}

/// Ends a draft, one way or the other.
///
/// # Errors
/// [`StoreError::WrongState`] when it is no draft.
pub fn end(w: &Writer<'_>, id: RecordId, state: SheetState, now: UtcMillis) -> Result<(), StoreError> {
    let changed =
        w.0.0
            .prepare_cached("UPDATE sheet SET state = ?2, touched_at = ?3 WHERE id = ?1 AND state = 'draft'")?
            .execute(params![id.bytes(), state.text(), now.0])?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::WrongState)
    }
}

/// Moves a draft to another version of its form.
///
/// # Errors
/// [`StoreError::WrongState`] when it is no draft.
pub fn set_form(w: &Writer<'_>, id: RecordId, digest: &str) -> Result<(), StoreError> {
    let changed =
        w.0.0
            .prepare_cached("UPDATE sheet SET form = ?2 WHERE id = ?1 AND state = 'draft'")?
            .execute(params![id.bytes(), digest])?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::WrongState)
    }
}
