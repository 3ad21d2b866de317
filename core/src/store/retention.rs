//! Which files may leave the vault: originals the platform has kept for long enough, and what a purge has let go of.

use rusqlite::params;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::blob::BlobHash;
use crate::model::time::UtcMillis;

/// Lets originals go that the platform has stored for `keep_ms` or longer, by its own clock `now`. Thumbnails stay, and so does
/// whatever belongs to a record with unanswered operations. Their files go with [`next_file`]. Tells how many.
///
/// # Errors
/// Those of the store.
pub fn evict(w: &Writer<'_>, now: UtcMillis, keep_ms: u64) -> Result<u64, StoreError> {
    let before = now.0.saturating_sub(i64::try_from(keep_ms).unwrap_or(i64::MAX));
    let sql = "SELECT hash FROM blob b WHERE stored = 1 AND evicted = 0 AND stored_at > 0 AND stored_at <= ?1
               AND NOT EXISTS (SELECT 1 FROM blob t WHERE t.thumbnail = b.hash)
               AND NOT EXISTS (SELECT 1 FROM op WHERE op.record = b.record
                               AND op.state IN ('draft', 'queued', 'sending', 'dead'))";
    let mut statement = w.0.0.prepare_cached(sql)?;
    let due: Vec<[u8; 32]> = statement
        .query_map([before], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for hash in &due {
        w.0.0
            .prepare_cached("UPDATE blob SET evicted = 1 WHERE hash = ?1")?
            .execute([hash])?;
        let_file_go(w, hash)?;
    }
    Ok(due.len() as u64)
}

/// A file that has to leave the vault; [`file_gone`] tells that it has.
///
/// # Errors
/// Those of the store.
pub fn next_file(r: &Reader<'_>) -> Result<Option<BlobHash>, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT hash FROM purge_blob LIMIT 1")?;
    let mut rows = statement.query([])?;
    Ok(rows.next()?.map(|row| row.get(0).map(BlobHash)).transpose()?)
}

/// Notes that a file has left the vault.
///
/// # Errors
/// Those of the store.
pub fn file_gone(w: &Writer<'_>, hash: BlobHash) -> Result<(), StoreError> {
    keep_file(w, hash)
}

pub(super) fn let_file_go(w: &Writer<'_>, hash: &[u8; 32]) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT OR IGNORE INTO purge_blob (hash) VALUES (?1)")?
        .execute(params![hash])?;
    Ok(())
}

/// A file of that name was taken in (again): it stays.
pub(super) fn keep_file(w: &Writer<'_>, hash: BlobHash) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM purge_blob WHERE hash = ?1")?
        .execute([hash.0])?;
    Ok(())
}
