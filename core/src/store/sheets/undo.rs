//! A sheet as it was before it moved to another version of its form, so that the move can be taken back.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::super::conn::{Reader, Writer};
use super::super::error::StoreError;
use super::parts::{Placed, put_fix, put_photo, replace_nodes};
use super::{fixes, nodes, photos};
use crate::model::ids::RecordId;

/// What a move can be taken back to.
#[derive(Debug, Clone, PartialEq)]
pub struct Undo {
    /// Digest of the version before.
    pub form: String,
    /// State of the nodes.
    pub nodes: BTreeMap<String, String>,
}

/// Keeps the sheet as it is now; what was kept before is replaced.
///
/// # Errors
/// Those of the store.
pub fn keep_undo(w: &Writer<'_>, sheet: RecordId, form: &str) -> Result<(), StoreError> {
    let (nodes, photos, fixes) = (nodes(w, sheet)?, photos(w, sheet)?, fixes(w, sheet)?);
    w.0.0
        .prepare_cached(
            "INSERT OR REPLACE INTO sheet_undo (sheet, form, nodes, photos, fixes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            sheet.bytes(),
            form,
            serde_json::to_string(&nodes)?,
            serde_json::to_string(&photos)?,
            serde_json::to_string(&fixes)?
        ])?;
    Ok(())
}

/// Brings the sheet back to what was kept, once; `None` when nothing is kept. The form's digest is the caller's to set.
///
/// # Errors
/// Those of the store.
pub fn take_undo(w: &Writer<'_>, sheet: RecordId) -> Result<Option<Undo>, StoreError> {
    let kept: Option<(String, String, String, String)> =
        w.0.0
            .prepare_cached("SELECT form, nodes, photos, fixes FROM sheet_undo WHERE sheet = ?1")?
            .query_row([sheet.bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
    let Some((form, nodes, photos, fixes)) = kept else {
        return Ok(None);
    };
    let nodes: BTreeMap<String, String> = serde_json::from_str(&nodes)?;
    replace_nodes(w, sheet, &nodes)?;
    for table in ["sheet_photo", "sheet_fix", "sheet_undo"] {
        w.0.0
            .execute(&format!("DELETE FROM {table} WHERE sheet = ?1"), [sheet.bytes()])?;
    }
    for photo in serde_json::from_str::<Vec<Placed>>(&photos)? {
        put_photo(w, sheet, &photo)?;
    }
    for (path, note) in serde_json::from_str::<BTreeMap<String, String>>(&fixes)? {
        put_fix(w, sheet, &path, &note)?;
    }
    Ok(Some(Undo { form, nodes }))
}

/// Whether a move can be taken back.
///
/// # Errors
/// Those of the store.
pub fn can_undo(r: &Reader<'_>, sheet: RecordId) -> Result<bool, StoreError> {
    Ok(r.0
        .prepare_cached("SELECT 1 FROM sheet_undo WHERE sheet = ?1")?
        .exists([sheet.bytes()])?)
}
