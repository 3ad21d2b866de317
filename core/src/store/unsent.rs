//! Work that is on this phone alone: what keeps a wipe from destroying it, and what the recovery key gives back.

use super::conn::Reader;
use super::error::StoreError;
use super::{blobs, entries, ops, sheets};
use crate::model::op::Operation;

/// Most entries read for a recovery.
const ENTRIES: u32 = u32::MAX;

/// How much of it there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unsent {
    /// Operations without an answer, and refused ones that nobody has decided on.
    pub operations: u64,
    /// Photos whose bytes are here and not yet stored on the platform.
    pub photos: u64,
    /// Entries of the evidence chain that the platform has not answered.
    pub entries: u64,
    /// Checklists that are being filled in.
    pub sheets: u64,
}

impl Unsent {
    /// Whether the platform has everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Counts it.
///
/// # Errors
/// Those of the store.
pub fn count(r: &Reader<'_>) -> Result<Unsent, StoreError> {
    let books = ops::ledger(r)?;
    // a photo whose file has vanished is not on this phone any more
    let sql = "SELECT count(*) FROM blob WHERE stored = 0 AND coalesce(problem, '') <> 'missing_media'";
    Ok(Unsent {
        operations: books.draft + books.unsent() + books.dead,
        photos: r.0.prepare_cached(sql)?.query_row([], |row| row.get(0))?,
        entries: entries::counts(r)?.0,
        sheets: sheets::drafts(r)?.len() as u64,
    })
}

/// Operations that can only be handed over, at most 100: refused ones, and drafts that nobody will submit any more.
///
/// # Errors
/// Those of the store.
pub fn to_hand_over(r: &Reader<'_>) -> Result<Vec<Operation>, StoreError> {
    ops::documents(
        r,
        "SELECT doc FROM op WHERE state IN ('dead', 'draft') ORDER BY seq LIMIT 100",
        [],
    )
}

/// Operations without an answer and refused ones, in the order of making.
///
/// # Errors
/// Those of the store.
pub fn operations(r: &Reader<'_>) -> Result<Vec<Operation>, StoreError> {
    let sql = "SELECT doc FROM op WHERE state IN ('draft', 'queued', 'sending', 'dead') ORDER BY seq";
    ops::documents(r, sql, [])
}

/// Photos the platform does not have.
///
/// # Errors
/// Those of the store.
pub fn photos(r: &Reader<'_>) -> Result<Vec<blobs::Blob>, StoreError> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = blobs::page(r, after)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.hash);
        found.extend(page.into_iter().filter(|blob| !blob.stored));
    }
}

/// Evidence entries without an answer, as their signed texts.
///
/// # Errors
/// Those of the store.
pub fn due_entries(r: &Reader<'_>) -> Result<Vec<String>, StoreError> {
    Ok(entries::due(r, ENTRIES)?
        .into_iter()
        .map(|kept| kept.signed.manifest)
        .collect())
}
