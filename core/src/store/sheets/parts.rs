//! What a sheet consists of: the state of its nodes, its photos by item, and what was put right on the spot.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::super::conn::{Reader, Writer};
use super::super::error::StoreError;
use crate::model::blob::BlobHash;
use crate::model::ids::RecordId;

/// A photo at an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Placed {
    /// Path of the item.
    pub path: String,
    /// Digest of the original.
    pub sha256: BlobHash,
    /// What it shows.
    pub role: String,
}

/// The state of a sheet's nodes, by path.
///
/// # Errors
/// Those of the store.
pub fn nodes(r: &Reader<'_>, sheet: RecordId) -> Result<BTreeMap<String, String>, StoreError> {
    pairs(r, "SELECT path, value FROM sheet_node WHERE sheet = ?1", sheet)
}

/// Changes nodes; `None` removes one.
///
/// # Errors
/// Those of the store.
pub fn change_nodes<'n>(
    w: &Writer<'_>,
    sheet: RecordId,
    changes: impl IntoIterator<Item = (&'n str, Option<&'n str>)>,
) -> Result<(), StoreError> {
    let mut put = w.0.0.prepare_cached(
        "INSERT INTO sheet_node (sheet, path, value) VALUES (?1, ?2, ?3)
         ON CONFLICT (sheet, path) DO UPDATE SET value = ?3",
    )?;
    let mut remove =
        w.0.0
            .prepare_cached("DELETE FROM sheet_node WHERE sheet = ?1 AND path = ?2")?;
    for (path, value) in changes {
        match value {
            Some(value) => put.execute(params![sheet.bytes(), path, value])?,
            None => remove.execute(params![sheet.bytes(), path])?,
        };
    }
    Ok(())
}

/// Replaces the state of all nodes.
///
/// # Errors
/// Those of the store.
pub fn replace_nodes(w: &Writer<'_>, sheet: RecordId, nodes: &BTreeMap<String, String>) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM sheet_node WHERE sheet = ?1")?
        .execute([sheet.bytes()])?;
    change_nodes(
        w,
        sheet,
        nodes.iter().map(|(path, value)| (path.as_str(), Some(value.as_str()))),
    )
}

/// Photos by item.
///
/// # Errors
/// Those of the store.
pub fn photos(r: &Reader<'_>, sheet: RecordId) -> Result<Vec<Placed>, StoreError> {
    let sql = "SELECT path, hash, role FROM sheet_photo WHERE sheet = ?1 ORDER BY path, role, hash";
    let mut statement = r.0.prepare_cached(sql)?;
    let placed = statement.query_map([sheet.bytes()], |row| {
        Ok(Placed {
            path: row.get(0)?,
            sha256: BlobHash(row.get(1)?),
            role: row.get(2)?,
        })
    })?;
    Ok(placed.collect::<Result<_, _>>()?)
}

/// Places a photo at an item; the same one again changes nothing.
///
/// # Errors
/// Those of the store.
pub fn put_photo(w: &Writer<'_>, sheet: RecordId, photo: &Placed) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT OR IGNORE INTO sheet_photo (sheet, path, hash, role) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![sheet.bytes(), photo.path, photo.sha256.0, photo.role])?;
    Ok(())
}

/// Takes a photo from its item; the photo itself stays with the inspection.
///
/// # Errors
/// Those of the store.
pub fn forget_photo(w: &Writer<'_>, sheet: RecordId, photo: &Placed) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM sheet_photo WHERE sheet = ?1 AND path = ?2 AND hash = ?3 AND role = ?4")?
        .execute(params![sheet.bytes(), photo.path, photo.sha256.0, photo.role])?;
    Ok(())
}

/// Notes of what was put right on the spot, by item.
///
/// # Errors
/// Those of the store.
pub fn fixes(r: &Reader<'_>, sheet: RecordId) -> Result<BTreeMap<String, String>, StoreError> {
    pairs(r, "SELECT path, note FROM sheet_fix WHERE sheet = ?1", sheet)
}

/// Notes that a hazard was put right on the spot.
///
/// # Errors
/// Those of the store.
pub fn put_fix(w: &Writer<'_>, sheet: RecordId, path: &str, note: &str) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT INTO sheet_fix (sheet, path, note) VALUES (?1, ?2, ?3)
             ON CONFLICT (sheet, path) DO UPDATE SET note = ?3",
        )?
        .execute(params![sheet.bytes(), path, note])?;
    Ok(())
}

/// Takes that note back.
///
/// # Errors
/// Those of the store.
pub fn forget_fix(w: &Writer<'_>, sheet: RecordId, path: &str) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM sheet_fix WHERE sheet = ?1 AND path = ?2")?
        .execute(params![sheet.bytes(), path])?;
    Ok(())
}

fn pairs(r: &Reader<'_>, sql: &str, sheet: RecordId) -> Result<BTreeMap<String, String>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let pairs = statement.query_map([sheet.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pairs.collect::<Result<_, _>>()?)
}
