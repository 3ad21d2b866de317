//! Photos in the vault: their keys, what cites them, and how far their upload is.

use rusqlite::{OptionalExtension, Row, params};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::retention;
use crate::model::blob::BlobHash;
use crate::model::env::SecretKey;
use crate::model::ids::RecordId;
use crate::model::op::Lane;
use crate::model::time::UtcMillis;

/// A file that was taken into the vault.
#[derive(Clone)]
pub struct NewBlob {
    /// Digest of the original bytes.
    pub hash: BlobHash,
    /// Size of the original.
    pub bytes: u64,
    /// Media type.
    pub media_type: String,
    /// Key that opens the vault file.
    pub key: SecretKey,
    /// Digest of its thumbnail, itself a file of the vault.
    pub thumbnail: Option<BlobHash>,
    /// Record that cites it.
    pub record: RecordId,
    /// How urgent its upload is.
    pub lane: Lane,
}

/// A file of the vault as the store knows it.
#[derive(Clone)]
pub struct Blob {
    /// Digest of the original bytes.
    pub hash: BlobHash,
    /// Size of the original.
    pub bytes: u64,
    /// Media type.
    pub media_type: String,
    /// Key that opens the vault file.
    pub key: SecretKey,
    /// Digest of its thumbnail.
    pub thumbnail: Option<BlobHash>,
    /// Record that cites it.
    pub record: RecordId,
    /// Path of the open upload.
    pub upload: Option<String>,
    /// Bytes the platform has confirmed.
    pub sent: u64,
    /// Whether the platform has said `stored`.
    pub stored: bool,
    /// Why its upload cannot go on, by code.
    pub problem: Option<String>,
    /// Number of its lane.
    pub lane: u8,
    /// Whether the file has left the phone: the platform keeps it.
    pub evicted: bool,
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blob")
            .field("hash", &self.hash)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Files in each state, and bytes not stored yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct BlobCounts {
    /// Files the platform has stored.
    pub stored: u64,
    /// Files whose upload is due.
    pub due: u64,
    /// Files whose upload cannot go on.
    pub problems: u64,
    /// Bytes not stored yet.
    pub bytes_due: u64,
}

const COLUMNS: &str = "hash, bytes, media_type, key, thumbnail, record, upload, sent, stored, problem, lane, evicted";

fn blob(row: &Row<'_>) -> Result<Blob, StoreError> {
    let thumbnail: Option<[u8; 32]> = row.get(4)?;
    let record: [u8; 16] = row.get(5)?;
    Ok(Blob {
        hash: BlobHash(row.get(0)?),
        bytes: row.get(1)?,
        media_type: row.get(2)?,
        key: SecretKey::new(row.get(3)?),
        thumbnail: thumbnail.map(BlobHash),
        record: RecordId::from_slice(&record)?,
        upload: row.get(6)?,
        sent: row.get(7)?,
        stored: row.get(8)?,
        problem: row.get(9)?,
        lane: row.get(10)?,
        evicted: row.get(11)?,
    })
}

fn blobs(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Blob>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(blob(row)?);
    }
    Ok(found)
}

/// Keeps a file that was taken in. One that is known already keeps its upload and loses its problem; its key becomes that
/// of the file that is in the vault now.
///
/// # Errors
/// Those of the store.
pub fn insert(w: &Writer<'_>, new: &NewBlob) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT INTO blob (hash, bytes, media_type, key, thumbnail, record, lane)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (hash) DO UPDATE
             SET key = excluded.key, problem = NULL, evicted = 0",
        )?
        .execute(params![
            new.hash.0,
            new.bytes,
            new.media_type,
            new.key.as_slice(),
            new.thumbnail.map(|t| t.0),
            new.record.bytes(),
            new.lane as i64
        ])?;
    retention::keep_file(w, new.hash)
}

/// An original that had left is in the vault again, under a new key, and stays for the retention time from `at` on.
///
/// # Errors
/// Those of the store.
pub fn bring_back(w: &Writer<'_>, hash: BlobHash, key: &SecretKey, at: UtcMillis) -> Result<(), StoreError> {
    w.0.0.execute(
        "UPDATE blob SET key = ?2, evicted = 0, stored_at = ?3 WHERE hash = ?1",
        params![hash.0, key.as_slice(), at.0],
    )?;
    retention::keep_file(w, hash)
}

/// One file.
///
/// # Errors
/// Those of the store.
pub fn get(r: &Reader<'_>, hash: BlobHash) -> Result<Option<Blob>, StoreError> {
    Ok(blobs(r, &format!("SELECT {COLUMNS} FROM blob WHERE hash = ?1"), [hash.0])?.pop())
}

/// Files after `after`, by digest: a page of at most 1,000.
///
/// # Errors
/// Those of the store.
pub fn page(r: &Reader<'_>, after: Option<BlobHash>) -> Result<Vec<Blob>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM blob WHERE hash > ?1 ORDER BY hash LIMIT 1000");
    blobs(r, &sql, [after.map_or([0; 32], |h| h.0)])
}

/// The file whose upload is due first in the given lanes. Those of drafts stay here, and those with a problem wait.
///
/// # Errors
/// Those of the store.
pub fn due(r: &Reader<'_>, lanes: &[u8]) -> Result<Option<Blob>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM blob WHERE stored = 0 AND problem IS NULL AND lane = ?1
         AND NOT EXISTS (SELECT 1 FROM op WHERE op.record = blob.record AND op.state = 'draft')
         ORDER BY hash LIMIT 1"
    );
    for lane in lanes {
        if let Some(blob) = blobs(r, &sql, [lane])?.pop() {
            return Ok(Some(blob));
        }
    }
    Ok(None)
}

/// Notes an open upload and the bytes the platform has confirmed.
///
/// # Errors
/// Those of the store.
pub fn set_upload(w: &Writer<'_>, hash: BlobHash, upload: Option<&str>, sent: u64) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE blob SET upload = ?2, sent = ?3 WHERE hash = ?1 AND stored = 0")?
        .execute(params![hash.0, upload, sent])?;
    Ok(())
}

/// Notes that the platform has said `stored`, at a moment of its own clock.
///
/// # Errors
/// Those of the store.
pub fn set_stored(w: &Writer<'_>, hash: BlobHash, at: UtcMillis) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "UPDATE blob SET stored = 1, stored_at = ?2, sent = bytes, upload = NULL, problem = NULL WHERE hash = ?1",
        )?
        .execute(params![hash.0, at.0])?;
    Ok(())
}

/// Asks again for every file that is still here: the platform's data went back to an earlier day.
pub(super) fn distrust(w: &Writer<'_>) -> Result<(), StoreError> {
    w.0.0.execute(
        "UPDATE blob SET stored = 0, stored_at = 0, sent = 0, upload = NULL WHERE stored = 1 AND evicted = 0",
        [],
    )?;
    Ok(())
}

/// Notes why an upload cannot go on; `None` lets it try again.
///
/// # Errors
/// Those of the store.
pub fn set_problem(w: &Writer<'_>, hash: BlobHash, code: Option<&str>) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE blob SET problem = ?2, upload = NULL, sent = 0 WHERE hash = ?1 AND stored = 0")?
        .execute(params![hash.0, code])?;
    Ok(())
}

/// Forgets a file and its key. Only for bytes that the platform has stored: the caller asks before.
///
/// # Errors
/// Those of the store.
pub fn delete(w: &Writer<'_>, hash: BlobHash) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM blob WHERE hash = ?1 AND stored = 1")?
        .execute([hash.0])?;
    Ok(())
}

/// Counts the files.
///
/// # Errors
/// Those of the store.
pub fn counts(r: &Reader<'_>) -> Result<BlobCounts, StoreError> {
    let sql = "SELECT count(*) FILTER (WHERE stored = 1), count(*) FILTER (WHERE stored = 0 AND problem IS NULL),
                      count(*) FILTER (WHERE problem IS NOT NULL),
                      coalesce(sum(bytes - sent) FILTER (WHERE stored = 0), 0) FROM blob";
    let counts = r.0.prepare_cached(sql)?.query_row([], |row| {
        Ok(BlobCounts {
            stored: row.get(0)?,
            due: row.get(1)?,
            problems: row.get(2)?,
            bytes_due: row.get(3)?,
        })
    });
    Ok(counts.optional()?.unwrap_or_default())
}

/// Files whose upload cannot go on, counted by the code of the reason.
///
/// # Errors
/// Those of the store.
pub fn problems(r: &Reader<'_>) -> Result<std::collections::BTreeMap<String, u64>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT problem, count(*) FROM blob WHERE problem IS NOT NULL GROUP BY problem")?;
    let counts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(counts.collect::<Result<_, _>>()?)
}
