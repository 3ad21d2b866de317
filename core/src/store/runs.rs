//! The last synchronisations, for the sync screen.

use rusqlite::params;
use serde_json::Value;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::time::UtcMillis;

/// How many are kept.
const KEPT: u32 = 20;

/// Keeps the report of a run and lets the oldest go.
///
/// # Errors
/// Those of the store.
pub fn add(w: &Writer<'_>, started_at: UtcMillis, report: &Value) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT INTO run (started_at, doc) VALUES (?1, ?2)")?
        .execute(params![started_at.0, report.to_string()])?;
    w.0.0
        .prepare_cached("DELETE FROM run WHERE id <= (SELECT max(id) FROM run) - ?1")?
        .execute([KEPT])?;
    Ok(())
}

/// The last runs, the newest first.
///
/// # Errors
/// Those of the store.
pub fn last(r: &Reader<'_>) -> Result<Vec<(UtcMillis, Value)>, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT started_at, doc FROM run ORDER BY id DESC")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let doc: String = row.get(1)?;
        found.push((UtcMillis(row.get(0)?), serde_json::from_str(&doc)?));
    }
    Ok(found)
}
