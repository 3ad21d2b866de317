//! Versions of checklists, each named by its digest. None is ever removed: a sheet is shown with the version it was filled in.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::time::UtcMillis;

/// A version of a checklist, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormVersion {
    /// SHA-256 of the canonical JSON.
    pub digest: String,
    /// The form's id.
    pub form: String,
    /// What its author calls the version.
    pub version: Option<String>,
    /// Its title.
    pub title: String,
    /// Whether new sheets use it.
    pub current: bool,
}

const COLUMNS: &str = "digest, form, version, title, current";

fn version(row: &Row<'_>) -> rusqlite::Result<FormVersion> {
    Ok(FormVersion {
        digest: row.get(0)?,
        form: row.get(1)?,
        version: row.get(2)?,
        title: row.get(3)?,
        current: row.get(4)?,
    })
}

/// Keeps a version and makes it the current one of its form. One that is there already only becomes current again.
///
/// # Errors
/// Those of the store.
pub fn install(w: &Writer<'_>, new: &FormVersion, doc: &str, now: UtcMillis) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE form SET current = 0 WHERE form = ?1 AND current = 1")?
        .execute([&new.form])?;
    w.0.0
        .prepare_cached(
            "INSERT INTO form (digest, form, version, title, current, installed_at, doc) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
             ON CONFLICT (digest) DO UPDATE SET current = 1",
        )?
        .execute(params![new.digest, new.form, new.version, new.title, now.0, doc])?;
    Ok(())
}

/// The version that new sheets of a form use.
///
/// # Errors
/// Those of the store.
pub fn current(r: &Reader<'_>, form: &str) -> Result<Option<FormVersion>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM form WHERE form = ?1 AND current = 1");
    Ok(r.0.prepare_cached(&sql)?.query_row([form], version).optional()?)
}

/// A version by its digest.
///
/// # Errors
/// Those of the store.
pub fn by_digest(r: &Reader<'_>, digest: &str) -> Result<Option<FormVersion>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM form WHERE digest = ?1");
    Ok(r.0.prepare_cached(&sql)?.query_row([digest], version).optional()?)
}

/// The content of a version.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn content(r: &Reader<'_>, digest: &str) -> Result<String, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT doc FROM form WHERE digest = ?1")?;
    Ok(statement.query_row([digest], |row| row.get(0))?)
}

/// All versions, by form, the current one first.
///
/// # Errors
/// Those of the store.
pub fn all(r: &Reader<'_>) -> Result<Vec<FormVersion>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM form ORDER BY form, current DESC, installed_at DESC, digest");
    let mut statement = r.0.prepare_cached(&sql)?;
    let versions = statement.query_map([], version)?;
    Ok(versions.collect::<Result<_, _>>()?)
}
