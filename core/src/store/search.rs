//! Registry search: by Chinese substring, pinyin, initials, last digits of a number, or address.
//!
//! The index only narrows down; every hit is checked against the record, so that stale or colliding terms never show.
//! Results come in the order of arrival on this phone, and a page goes on after a key.

use rusqlite::params;
use serde::Serialize;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::records::{COLUMNS, PAGE_MAX, Page, stored};
use super::{packs, terms};
use crate::model::record::Record;

/// Bytes of terms that the index gathers in memory before it writes a segment: SQLite's own figure, and for a first fill.
const ORDINARY_BYTES: i64 = 1024 * 1024;
const BULK_BYTES: i64 = 16 * 1024 * 1024;

/// Pages of the index joined in one transaction.
const MERGE_PAGES: i64 = 250;

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchQuery {
    /// The text; any text is allowed, and one without letters or digits finds nothing.
    pub text: String,
    /// Only this kind.
    pub kind: Option<String>,
    /// Go on after this key of an earlier page.
    pub after: Option<i64>,
    /// At most so many, and never more than 1,000.
    pub limit: u32,
}

/// One found record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// Key for the next page.
    pub key: i64,
    /// The record.
    pub record: Record,
}

/// A page of records that match.
///
/// # Errors
/// Those of the store; never for what the text contains.
pub fn search(r: &Reader<'_>, query: &SearchQuery) -> Result<Page<Hit, i64>, StoreError> {
    let Some(expression) = terms::expression(&query.text) else {
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    };
    let schema = packs::registry_schema(r)?;
    let limit = query.limit.clamp(1, PAGE_MAX) as usize;
    let sql = format!(
        "SELECT {COLUMNS} FROM search s JOIN shown r ON r.row = s.rowid
         WHERE search MATCH ?1 AND s.rowid > ?2 AND (?3 IS NULL OR kind = ?3) ORDER BY s.rowid"
    );
    let mut statement = r.0.prepare_cached(&sql)?;
    let mut rows = statement.query(params![expression, query.after.unwrap_or(0), query.kind])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let found = stored(row)?;
        if found.record.deleted || !terms::matches(&schema, &found.record, &query.text) {
            continue;
        }
        items.push(Hit {
            key: found.row,
            record: found.record,
        });
        if items.len() > limit {
            break;
        }
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|hit| hit.key);
    Ok(Page { items, next })
}

/// Puts a row's terms in the place of its old ones.
pub(super) fn replace(w: &Writer<'_>, row: i64, old: Option<&Record>, new: &Record) -> Result<(), StoreError> {
    let schema = packs::registry_schema(w)?;
    let before = old.map(|record| terms::of_record(&schema, record)).unwrap_or_default();
    let after = terms::of_record(&schema, new);
    if before != after {
        delete(w, row, &before)?;
        insert(w, row, &after)?;
    }
    Ok(())
}

/// Takes a row's terms out.
pub(super) fn remove(w: &Writer<'_>, row: i64, record: &Record) -> Result<(), StoreError> {
    let schema = packs::registry_schema(w)?;
    delete(w, row, &terms::of_record(&schema, record))
}

/// Indexes all rows after `row`, which have no terms yet.
pub(super) fn index_from(w: &Writer<'_>, row: i64) -> Result<(), StoreError> {
    begin_bulk(w)?;
    let mut from = row + 1;
    while let Some(next) = index_some(w, from, i64::MAX, u32::MAX)? {
        from = next;
    }
    w.0.0.execute("INSERT INTO search (search) VALUES ('optimize')", [])?;
    end_bulk(w)
}

/// One large segment instead of many small ones that every later commit would go on merging.
pub(super) fn begin_bulk(w: &Writer<'_>) -> Result<(), StoreError> {
    setting(w, "automerge", 0)?;
    setting(w, "hashsize", BULK_BYTES)
}

/// Back to the ordinary settings.
pub(super) fn end_bulk(w: &Writer<'_>) -> Result<(), StoreError> {
    setting(w, "automerge", 4)?;
    setting(w, "hashsize", ORDINARY_BYTES)
}

/// Indexes rows that have no terms yet, from one row up to before another, at most so many. Gives the row to go on with.
pub(super) fn index_some(w: &Writer<'_>, from: i64, end: i64, most: u32) -> Result<Option<i64>, StoreError> {
    let schema = packs::registry_schema(w)?;
    let mut read = w.0.0.prepare_cached(
        "SELECT row, kind, body FROM record WHERE row >= ?1 AND row < ?2 AND deleted = 0 ORDER BY row LIMIT ?3",
    )?;
    let mut rows = read.query(params![from, end, most])?;
    let mut last = None;
    while let Some(found) = rows.next()? {
        let row: i64 = found.get(0)?;
        last = Some(row + 1);
        let kind = found.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let Some(spec) = schema.kind(kind) else { continue };
        let body = serde_json::from_str(found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
        insert(w, row, &terms::of_body(spec, &body))?;
    }
    Ok(last)
}

/// Joins segments of the index, about so many pages of it; `first` begins to join all there are. Tells whether there is more to
/// join.
pub(super) fn merge_some(w: &Writer<'_>, first: bool) -> Result<bool, StoreError> {
    let pages = if first { -MERGE_PAGES } else { MERGE_PAGES };
    let before = w.0.0.total_changes();
    setting(w, "merge", pages)?;
    // one change is the command itself
    Ok(w.0.0.total_changes() - before >= 2)
}

fn setting(w: &Writer<'_>, name: &str, value: i64) -> Result<(), StoreError> {
    w.0.0.execute(
        "INSERT INTO search (search, rank) VALUES (?1, ?2)",
        params![name, value],
    )?;
    Ok(())
}

/// Makes the whole index again, after the schema has changed what is searched.
pub(super) fn rebuild(w: &Writer<'_>) -> Result<(), StoreError> {
    w.0.0.execute("INSERT INTO search (search) VALUES ('delete-all')", [])?;
    index_from(w, 0)
}

fn insert(w: &Writer<'_>, row: i64, terms: &str) -> Result<(), StoreError> {
    if !terms.is_empty() {
        w.0.0
            .prepare_cached("INSERT INTO search (rowid, terms) VALUES (?1, ?2)")?
            .execute(params![row, terms])?;
    }
    Ok(())
}

fn delete(w: &Writer<'_>, row: i64, terms: &str) -> Result<(), StoreError> {
    if !terms.is_empty() {
        w.0.0
            .prepare_cached("INSERT INTO search (search, rowid, terms) VALUES ('delete', ?1, ?2)")?
            .execute(params![row, terms])?;
    }
    Ok(())
}
