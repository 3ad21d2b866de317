//! What waits in each lane, and the bytes each has sent today over networks that cost by the byte.

use rusqlite::params;
use serde::Serialize;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::identity;
use crate::model::time::UtcMillis;

const DAY_MS: i64 = 86_400_000;
/// China has one time zone, eight hours ahead of UTC.
const CHINA_MS: i64 = 8 * 3_600_000;

/// What waits in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Waiting {
    /// Operations queued or on their way.
    pub ops: u64,
    /// Of these, set aside because the platform could not digest them.
    pub set_aside: u64,
    /// Photos and thumbnails whose upload is due.
    pub photos: u64,
    /// Of the photos: stuck with a problem.
    pub stuck: u64,
    /// Bytes of operations and photos.
    pub bytes: u64,
    /// When the oldest was made, by the phone's clock.
    pub oldest: Option<UtcMillis>,
    /// Bytes sent today over networks that cost by the byte.
    pub bytes_today: u64,
}

/// What waits in each of the five lanes. `today` is any moment of the day.
///
/// # Errors
/// Those of the store.
pub fn lanes(r: &Reader<'_>, today: UtcMillis) -> Result<[Waiting; 5], StoreError> {
    let mut lanes = [Waiting::default(); 5];
    let run = identity::run_number(r)?;
    let sql = "SELECT lane, count(*), count(*) FILTER (WHERE parked_until > ?1), total(length(doc)),
                      min(json_extract(doc, '$.at')) FROM op WHERE state IN ('queued', 'sending') GROUP BY lane";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([run])?;
    while let Some(row) = rows.next()? {
        if let Some(lane) = lanes.get_mut(row.get::<_, usize>(0)?) {
            lane.ops = row.get(1)?;
            lane.set_aside = row.get(2)?;
            lane.bytes = row.get::<_, f64>(3)? as u64;
            lane.oldest = row.get::<_, Option<i64>>(4)?.map(UtcMillis);
        }
    }
    let sql = "SELECT b.lane, count(*) FILTER (WHERE problem IS NULL), count(*) FILTER (WHERE problem IS NOT NULL),
                      total(bytes - sent), min(o.at) FROM blob b
               LEFT JOIN (SELECT record, min(json_extract(doc, '$.at')) AS at FROM op GROUP BY record) o
               ON o.record = b.record WHERE stored = 0 GROUP BY b.lane";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(lane) = lanes.get_mut(row.get::<_, usize>(0)?) {
            lane.photos = row.get(1)?;
            lane.stuck = row.get(2)?;
            lane.bytes += row.get::<_, f64>(3)? as u64;
            let oldest = row.get::<_, Option<i64>>(4)?.map(UtcMillis);
            lane.oldest = [lane.oldest, oldest].into_iter().flatten().min();
        }
    }
    let mut statement = r.0.prepare_cached("SELECT lane, bytes FROM traffic WHERE day = ?1")?;
    let mut rows = statement.query([day_of(today)])?;
    while let Some(row) = rows.next()? {
        if let Some(lane) = lanes.get_mut(row.get::<_, usize>(0)?) {
            lane.bytes_today = row.get(1)?;
        }
    }
    Ok(lanes)
}

/// The most urgent lane, of the given ones, in which an operation is due; and the one in which a photo is.
///
/// # Errors
/// Those of the store.
pub fn most_urgent(r: &Reader<'_>, allowed: &[u8]) -> Result<(Option<u8>, Option<u8>), StoreError> {
    let run = identity::run_number(r)?;
    let mut ops = r.0.prepare_cached(
        "SELECT 1 FROM op WHERE state IN ('queued', 'sending') AND lane = ?1 AND (state = 'sending' OR parked_until <= ?2)
         LIMIT 1",
    )?;
    let mut blobs = r.0.prepare_cached(
        "SELECT 1 FROM blob WHERE stored = 0 AND lane = ?1 AND problem IS NULL
         AND NOT EXISTS (SELECT 1 FROM op WHERE op.record = blob.record AND op.state = 'draft') LIMIT 1",
    )?;
    let (mut op, mut blob) = (None, None);
    for lane in allowed {
        if op.is_none() && ops.exists(params![lane, run])? {
            op = Some(*lane);
        }
        if blob.is_none() && blobs.exists([lane])? {
            blob = Some(*lane);
        }
    }
    Ok((op, blob))
}

/// Counts bytes of a lane over a network that costs by the byte; days before are let go.
///
/// # Errors
/// Those of the store.
pub fn count(w: &Writer<'_>, today: UtcMillis, lane: u8, bytes: u64) -> Result<(), StoreError> {
    let day = day_of(today);
    w.0.0
        .prepare_cached("DELETE FROM traffic WHERE day <> ?1")?
        .execute([day])?;
    w.0.0
        .prepare_cached(
            "INSERT INTO traffic (day, lane, bytes) VALUES (?1, ?2, ?3)
             ON CONFLICT (day, lane) DO UPDATE SET bytes = bytes + excluded.bytes",
        )?
        .execute(params![day, lane, bytes])?;
    Ok(())
}

fn day_of(moment: UtcMillis) -> i64 {
    moment.0.saturating_add(CHINA_MS).div_euclid(DAY_MS)
}
