//! Earlier captures of this phone, as the checks of the next one ask about them.

use rusqlite::{OptionalExtension as _, Row, params};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::blob::BlobHash;
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;
use crate::wire::manifest::{Derived, Named256};

/// One capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Captured {
    /// The photo.
    pub media: BlobHash,
    /// Its subject.
    pub record: RecordId,
    /// What it shows.
    pub role: String,
    /// Wall clock.
    pub at: UtcMillis,
    /// Monotonic clock, milliseconds.
    pub mono_ms: u64,
    /// Boot.
    pub boot: String,
    /// Where.
    pub place: Option<Point>,
    /// 256-bit hash, 32 bytes.
    pub dhash: Option<[u8; 32]>,
    /// 64-bit hashes of five crops, eight bytes each.
    pub crops: Option<[u8; 40]>,
}

const COLUMNS: &str = "media, record, role, at, mono_ms, boot, lon_e7, lat_e7, dhash, crops";

fn captured(row: &Row<'_>) -> Result<Captured, StoreError> {
    let record: [u8; 16] = row.get(1)?;
    let place: (Option<i32>, Option<i32>) = (row.get(6)?, row.get(7)?);
    Ok(Captured {
        media: BlobHash(row.get(0)?),
        record: RecordId::from_slice(&record)?,
        role: row.get(2)?,
        at: UtcMillis(row.get(3)?),
        mono_ms: row.get(4)?,
        boot: row.get(5)?,
        place: match place {
            (Some(lon_e7), Some(lat_e7)) => Some(Point { lon_e7, lat_e7 }),
            _ => None,
        },
        dhash: row.get(8)?,
        crops: row.get(9)?,
    })
}

fn many(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Captured>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(captured(row)?);
    }
    Ok(found)
}

/// Keeps a capture beside its entry.
///
/// # Errors
/// Those of the store.
pub fn insert(w: &Writer<'_>, entry: i64, new: &Captured) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT INTO capture (entry, media, record, role, at, mono_ms, boot, lon_e7, lat_e7, dhash, crops)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            entry,
            new.media.0,
            new.record.bytes(),
            new.role,
            new.at.0,
            new.mono_ms,
            new.boot,
            new.place.map(|p| p.lon_e7),
            new.place.map(|p| p.lat_e7),
            new.dhash,
            new.crops
        ])?;
    Ok(())
}

/// The last captures, the latest first.
///
/// # Errors
/// Those of the store.
pub fn recent(r: &Reader<'_>, limit: u32) -> Result<Vec<Captured>, StoreError> {
    many(
        r,
        &format!("SELECT {COLUMNS} FROM capture ORDER BY entry DESC LIMIT ?1"),
        [limit],
    )
}

/// Captures of the same bytes.
///
/// # Errors
/// Those of the store.
pub fn of_media(r: &Reader<'_>, media: BlobHash) -> Result<Vec<Captured>, StoreError> {
    many(
        r,
        &format!("SELECT {COLUMNS} FROM capture WHERE media = ?1 ORDER BY entry"),
        [media.0],
    )
}

/// The latest capture of a subject with this role.
///
/// # Errors
/// Those of the store.
pub fn latest(r: &Reader<'_>, record: RecordId, role: &str) -> Result<Option<Captured>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM capture WHERE record = ?1 AND role = ?2 ORDER BY entry DESC LIMIT 1");
    Ok(many(r, &sql, params![record.bytes(), role])?.pop())
}

/// Captures with hashes since a time, in their order.
///
/// # Errors
/// Those of the store.
pub fn hashed(r: &Reader<'_>, since: UtcMillis) -> Result<Vec<Captured>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM capture WHERE at >= ?1 AND dhash IS NOT NULL ORDER BY entry");
    many(r, &sql, [since.0])
}

/// Digests of the manifests of a photo, in their order.
///
/// # Errors
/// Those of the store.
pub fn manifests(r: &Reader<'_>, media: BlobHash) -> Result<Vec<Named256>, StoreError> {
    let sql = "SELECT e.digest FROM capture c JOIN entry e ON e.row = c.entry WHERE c.media = ?1 ORDER BY c.entry";
    let mut statement = r.0.prepare_cached(sql)?;
    let rows = statement.query_map([media.0], |row| row.get(0).map(Named256))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps how a file was made of a photo.
///
/// # Errors
/// Those of the store.
pub fn insert_derived(w: &Writer<'_>, derived: &Derived) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT INTO derivative (hash, original, doc) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING",
        )?
        .execute(params![derived.sha256.0, derived.of.0, serde_json::to_string(derived)?])?;
    Ok(())
}

/// Files made of a photo.
///
/// # Errors
/// Those of the store.
pub fn derived_of(r: &Reader<'_>, original: BlobHash) -> Result<Vec<Derived>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT doc FROM derivative WHERE original = ?1 ORDER BY hash")?;
    let mut rows = statement.query([original.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let doc: String = row.get(0)?;
        found.push(serde_json::from_str(&doc)?);
    }
    Ok(found)
}

/// What a file was made of and how; none for a file that is no copy.
///
/// # Errors
/// Those of the store.
pub fn derivative(r: &Reader<'_>, hash: BlobHash) -> Result<Option<Derived>, StoreError> {
    let doc: Option<String> =
        r.0.prepare_cached("SELECT doc FROM derivative WHERE hash = ?1")?
            .query_row([hash.0], |row| row.get(0))
            .optional()?;
    Ok(doc.map(|doc| serde_json::from_str(&doc)).transpose()?)
}
