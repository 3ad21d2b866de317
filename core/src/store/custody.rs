//! The custody log: events of photos, waiting to be sealed into entries, and sealed.

use rusqlite::params;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::blob::BlobHash;
use crate::wire::manifest::Event;

/// Notes an event.
///
/// # Errors
/// Those of the store.
pub fn add(w: &Writer<'_>, event: &Event) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT INTO custody (media, doc) VALUES (?1, ?2)")?
        .execute(params![event.media.0, serde_json::to_string(event)?])?;
    Ok(())
}

fn events(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<(i64, bool, Event)>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let doc: String = row.get(2)?;
        found.push((row.get(0)?, row.get(1)?, serde_json::from_str(&doc)?));
    }
    Ok(found)
}

/// Events that no entry has sealed yet, in their order.
///
/// # Errors
/// Those of the store.
pub fn open(r: &Reader<'_>, limit: usize) -> Result<Vec<(i64, Event)>, StoreError> {
    let sql = "SELECT row, 0, doc FROM custody WHERE entry IS NULL ORDER BY row LIMIT ?1";
    let found = events(r, sql, [i64::try_from(limit).unwrap_or(i64::MAX)])?;
    Ok(found.into_iter().map(|(row, _, event)| (row, event)).collect())
}

/// Notes that an entry has sealed all open events up to a row.
///
/// # Errors
/// Those of the store.
pub fn seal(w: &Writer<'_>, through: i64, entry: i64) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE custody SET entry = ?2 WHERE entry IS NULL AND row <= ?1")?
        .execute(params![through, entry])?;
    Ok(())
}

/// Events of one photo in their order, each with whether it is sealed.
///
/// # Errors
/// Those of the store.
pub fn of_media(r: &Reader<'_>, media: BlobHash) -> Result<Vec<(bool, Event)>, StoreError> {
    let sql = "SELECT row, entry IS NOT NULL, doc FROM custody WHERE media = ?1 ORDER BY row";
    let found = events(r, sql, [media.0])?;
    Ok(found.into_iter().map(|(_, sealed, event)| (sealed, event)).collect())
}
