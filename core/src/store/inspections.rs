//! What records say about inspections: days of visits, the last sheet of a place, open hazards.

use rusqlite::params;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::records::{COLUMNS, View, marked, stored};
use crate::model::ids::RecordId;
use crate::model::record::Kind;

/// One visit of a place by one checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    /// The place.
    pub place: String,
    /// Id of the form.
    pub form: String,
    /// The day, `YYYY-MM-DD`, as the inspection has it.
    pub day: String,
}

/// All finished inspections of this phone's grids, as far as plans need them. Corrections count for the visit they correct.
///
/// # Errors
/// Those of the store.
pub fn visited(r: &Reader<'_>) -> Result<Vec<Visited>, StoreError> {
    let sql =
        "SELECT json_extract(body, '$.place'), json_extract(body, '$.form'), json_extract(body, '$.day') FROM shown
               WHERE kind = ?1 AND deleted = 0 AND json_extract(body, '$.place') IS NOT NULL
               AND json_extract(body, '$.day') IS NOT NULL AND json_extract(body, '$.form') IS NOT NULL";
    let mut statement = r.0.prepare_cached(sql)?;
    let visits = statement.query_map([Kind::INSPECTION], |row| {
        Ok(Visited {
            place: row.get(0)?,
            form: row.get(1)?,
            day: row.get(2)?,
        })
    })?;
    Ok(visits.collect::<Result<_, _>>()?)
}

/// The last finished inspection of a place with a form.
///
/// # Errors
/// Those of the store.
pub fn last_of(r: &Reader<'_>, place: RecordId, form: &str) -> Result<Option<View>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM shown WHERE kind = ?1 AND deleted = 0 AND json_extract(body, '$.place') = ?2
         AND json_extract(body, '$.form') = ?3 AND json_extract(body, '$.day') IS NOT NULL ORDER BY id DESC LIMIT 1"
    );
    views(r, &sql, params![Kind::INSPECTION, place.to_string(), form]).map(|mut found| found.pop())
}

/// Hazards that are not cleared, of one place or of all; the oldest first, at most 1,000.
///
/// # Errors
/// Those of the store.
pub fn open_hazards(r: &Reader<'_>, place: Option<RecordId>) -> Result<Vec<View>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM shown WHERE kind = ?1 AND deleted = 0
         AND json_extract(body, '$.state') IN ('RECTIFYING', 'RECHECK')
         AND (?2 IS NULL OR json_extract(body, '$.place') = ?2) ORDER BY id LIMIT 1000"
    );
    views(r, &sql, params![Kind::HAZARD, place.map(|p| p.to_string())])
}

/// The hazards of one inspection, in the order they were found.
///
/// # Errors
/// Those of the store.
pub fn hazards_of(r: &Reader<'_>, inspection: RecordId) -> Result<Vec<View>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM shown WHERE kind = ?1 AND deleted = 0 AND json_extract(body, '$.inspection') = ?2
         ORDER BY id LIMIT 1000"
    );
    views(r, &sql, params![Kind::HAZARD, inspection.to_string()])
}

fn views(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<View>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(marked(r, stored(row)?)?);
    }
    Ok(found)
}

/// Lets a draft go as if it was written now: behind everything that was made since, so that it stands beside the other
/// members of its group.
///
/// # Errors
/// [`StoreError::NotFound`] when the record has no draft.
pub fn release_last(w: &Writer<'_>, record: RecordId) -> Result<(), StoreError> {
    let moved = w.0.0.execute(
        "UPDATE op SET state = 'queued', seq = (SELECT max(seq) + 1 FROM op) WHERE record = ?1 AND state = 'draft'",
        [record.bytes()],
    )?;
    if moved == 0 {
        return Err(StoreError::NotFound);
    }
    super::records::refresh(w, record)
}
