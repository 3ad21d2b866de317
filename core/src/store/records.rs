//! Records as the app reads them, and the platform's last word below.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::{identity, ops, packs, search, snapshot};
use crate::merge;
use crate::model::area::GridCode;
use crate::model::ids::{RecordId, StaffId};
use crate::model::op::Operation;
use crate::model::record::{Body, Kind, Record};
use crate::rules::workflow;
use crate::wire::digest::canonical;

/// A record with the mark of its sync state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// The record, own unanswered operations replayed; `rev` is the platform's.
    pub record: Record,
    /// Operations replayed on it.
    pub pending: u32,
    /// What a list shows beside it.
    pub mark: Mark,
}

/// Sync state of a record, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// An operation was refused and waits for the worker.
    Dead,
    /// There is an open conflict about it.
    Conflict,
    /// A draft that was never submitted.
    Draft,
    /// Operations wait for the platform.
    Pending,
    /// As the platform has it.
    Clean,
}

/// Which records a page holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Kind.
    pub kind: Kind,
    /// Only of this grid.
    pub grid: Option<GridCode>,
    /// Only in this state.
    pub state: Option<String>,
    /// After this id.
    pub after: Option<RecordId>,
    /// At most so many, and never more than 1,000.
    pub limit: u32,
}

/// One page; `next` is where the following one starts, absent at the end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page<T, K = RecordId> {
    /// The items.
    pub items: Vec<T>,
    /// Key to go on after.
    pub next: Option<K>,
}

/// Most items of one page.
pub(super) const PAGE_MAX: u32 = 1000;

pub(super) const COLUMNS: &str = "row, id, kind, grid, rev, state, deleted, pending, body";

/// A row of `record` with its number.
pub(super) struct Stored {
    pub(super) row: i64,
    pub(super) pending: u32,
    pub(super) record: Record,
}

/// Reads a row of [`COLUMNS`].
pub(super) fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let id: [u8; 16] = row.get(1)?;
    let body: String = row.get(8)?;
    let grid: String = row.get(3)?;
    Ok(Stored {
        row: row.get(0)?,
        pending: row.get(7)?,
        record: Record {
            id: RecordId::from_slice(&id)?,
            kind: Kind(row.get(2)?),
            grid: grid_of(&grid)?,
            rev: row.get(4)?,
            state: row.get(5)?,
            deleted: row.get(6)?,
            body: serde_json::from_str(&body)?,
        },
    })
}

fn grid_of(text: &str) -> Result<Option<GridCode>, StoreError> {
    if text.is_empty() {
        Ok(None)
    } else {
        Ok(Some(text.parse()?))
    }
}

fn grid_text(record: &Record) -> &str {
    record.grid.as_ref().map_or("", GridCode::as_str)
}

/// Runs a query of [`COLUMNS`] that gives at most one row.
fn one(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Option<Stored>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(stored).transpose()
}

pub(super) fn find(r: &Reader<'_>, id: RecordId) -> Result<Option<Stored>, StoreError> {
    one(r, &format!("SELECT {COLUMNS} FROM record WHERE id = ?1"), [id.bytes()])
}

/// A record as the app reads it.
///
/// # Errors
/// Those of the store.
pub fn view(r: &Reader<'_>, id: RecordId) -> Result<Option<View>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM shown WHERE id = ?1");
    one(r, &sql, [id.bytes()])?.map(|stored| marked(r, stored)).transpose()
}

pub(super) fn marked(r: &Reader<'_>, stored: Stored) -> Result<View, StoreError> {
    let mark = mark_of(r, &stored)?;
    Ok(View {
        record: stored.record,
        pending: stored.pending,
        mark,
    })
}

fn mark_of(r: &Reader<'_>, stored: &Stored) -> Result<Mark, StoreError> {
    let id = stored.record.id;
    if stored.pending > 0 {
        let states = ops::open_states(r, id)?;
        if states.iter().any(|s| s == "dead") {
            return Ok(Mark::Dead);
        }
        if has_open_conflict(r, id)? {
            return Ok(Mark::Conflict);
        }
        return Ok(if states.iter().any(|s| s == "draft") {
            Mark::Draft
        } else {
            Mark::Pending
        });
    }
    Ok(if has_open_conflict(r, id)? {
        Mark::Conflict
    } else {
        Mark::Clean
    })
}

fn has_open_conflict(r: &Reader<'_>, id: RecordId) -> Result<bool, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT 1 FROM shown WHERE about = ?1")?;
    Ok(statement.exists([id.bytes()])?)
}

/// The platform's last word on a record; `None` when it has not spoken.
///
/// # Errors
/// Those of the store.
pub fn mirror(r: &Reader<'_>, id: RecordId) -> Result<Option<Record>, StoreError> {
    let Some(stored) = find(r, id)? else { return Ok(None) };
    if stored.pending == 0 {
        return Ok((stored.record.rev > 0).then_some(stored.record));
    }
    let sql = "SELECT r.row, r.id, r.kind, b.grid, b.rev, b.state, b.deleted, 0, b.body
               FROM base b JOIN record r ON r.row = b.row WHERE b.row = ?1";
    Ok(one(r, sql, [stored.row])?.map(|s| s.record))
}

/// A page of records in the order of their ids.
///
/// # Errors
/// Those of the store.
pub fn list(r: &Reader<'_>, query: &ListQuery) -> Result<Page<View>, StoreError> {
    let limit = query.limit.clamp(1, PAGE_MAX);
    let sql = format!(
        "SELECT {COLUMNS} FROM shown WHERE kind = ?1 AND id > ?2 AND (?3 IS NULL OR grid = ?3)
         AND (?4 IS NULL OR state = ?4) AND deleted = 0 ORDER BY id LIMIT ?5"
    );
    let after = query.after.map_or([0; 16], |id| *id.bytes());
    let grid = query.grid.as_ref().map(GridCode::as_str);
    let mut statement = r.0.prepare_cached(&sql)?;
    let mut rows = statement.query(params![query.kind.0, after, grid, query.state, limit + 1])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(marked(r, stored(row)?)?);
    }
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|view| view.record.id);
    Ok(Page { items, next })
}

/// Living records of a kind.
///
/// # Errors
/// Those of the store.
pub fn count(r: &Reader<'_>, kind: &str) -> Result<u64, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT count(*) FROM shown WHERE kind = ?1 AND deleted = 0")?;
    Ok(statement.query_row([kind], |row| row.get(0))?)
}

/// How much the platform's word on a record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// When it is later than what is known.
    Later,
    /// Whatever its revision is: what is known here was found wrong, or is of an earlier life of the platform's data.
    Final,
}

impl Word {
    fn counts(self, record: &Record, known: &Record) -> bool {
        match self {
            Self::Later => record.rev > known.rev,
            Self::Final => record != known,
        }
    }
}

/// Takes the platform's word on a record, and replays own operations on it.
pub(super) fn adopt(w: &Writer<'_>, record: &Record, word: Word) -> Result<i64, StoreError> {
    match find(w, record.id)? {
        Some(stored) if stored.pending == 0 => {
            if word.counts(record, &stored.record) {
                write_view(w, Some(stored.row), record, 0, Some(&stored.record))?;
                if word == Word::Final {
                    // own operations that were settled on a later word show again on this one
                    refresh(w, record.id)?;
                }
            }
            Ok(stored.row)
        }
        Some(stored) => {
            ops::let_go_of_drafts(w, record.id)?;
            if mirror(w, record.id)?.is_none_or(|known| word.counts(record, &known)) {
                write_base(w, stored.row, record)?;
            }
            refresh(w, record.id)?;
            Ok(stored.row)
        }
        None => write_view(w, None, record, 0, None),
    }
}

/// Replays the record's own operations on the platform's last word, after either has changed.
pub(super) fn refresh(w: &Writer<'_>, id: RecordId) -> Result<(), StoreError> {
    let before = find(w, id)?;
    let known = mirror(w, id)?;
    let pending = ops::replayed(w, id, known.as_ref().map_or(0, |m| m.rev))?;
    let refs: Vec<&Operation> = pending.iter().collect();
    let shown = if refs.is_empty() {
        known.clone()
    } else {
        let me = identity::get(w)?.map_or_else(|| StaffId(String::new()), |me| me.staff.id);
        let hand = merge::Hand {
            actor: &me,
            effects: &workflow::effects,
        };
        merge::overlay(known.as_ref(), &refs, &hand).or(known.clone())
    };
    let Some(mut shown) = shown else {
        return forget(w, before);
    };
    shown.rev = known.as_ref().map_or(0, |m| m.rev);
    let old = before.as_ref().map(|s| &s.record);
    let count = u32::try_from(refs.len()).unwrap_or(u32::MAX);
    let row = write_view(w, before.as_ref().map(|s| s.row), &shown, count, old)?;
    match known {
        Some(known) if count > 0 => write_base(w, row, &known),
        _ => {
            w.0.0
                .prepare_cached("DELETE FROM base WHERE row = ?1")?
                .execute([row])?;
            Ok(())
        }
    }
}

/// Empties a row whose text cannot be read any more, so that the platform's word can take its place; own operations are kept
/// apart from it and are replayed on that.
pub(super) fn make_readable(w: &Writer<'_>, id: RecordId) -> Result<(), StoreError> {
    let read = find(w, id).map(drop).and_then(|()| mirror(w, id).map(drop));
    if !matches!(read, Err(StoreError::Document(_) | StoreError::Id(_))) {
        return read;
    }
    for sql in [
        "UPDATE base SET body = '{}', grid = '' WHERE row = (SELECT row FROM record WHERE id = ?1)",
        "UPDATE record SET body = '{}', grid = '' WHERE id = ?1",
    ] {
        w.0.0.execute(sql, [id.bytes()])?;
    }
    Ok(())
}

/// Removes a row that neither the platform nor an own operation knows any more.
pub(super) fn forget(w: &Writer<'_>, stored: Option<Stored>) -> Result<(), StoreError> {
    let Some(stored) = stored else { return Ok(()) };
    search::remove(w, stored.row, &stored.record)?;
    w.0.0
        .prepare_cached("DELETE FROM record WHERE row = ?1")?
        .execute([stored.row])?;
    Ok(())
}

fn write_base(w: &Writer<'_>, row: i64, record: &Record) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT OR REPLACE INTO base (row, grid, rev, state, deleted, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            row,
            grid_text(record),
            record.rev,
            record.state,
            record.deleted,
            canonical(&record.body)
        ])?;
    Ok(())
}

fn write_view(
    w: &Writer<'_>,
    row: Option<i64>,
    record: &Record,
    pending: u32,
    old: Option<&Record>,
) -> Result<i64, StoreError> {
    let about = about(record);
    let body = canonical(&record.body);
    let row_or_new = match row {
        Some(row) => Some(row),
        None => snapshot::next_row(w)?,
    };
    let values = params![
        record.id.bytes(),
        record.kind.0,
        grid_text(record),
        record.rev,
        record.state,
        record.deleted,
        pending,
        about.as_ref().map(|id| id.bytes()),
        body,
        row_or_new
    ];
    let written = match row {
        Some(row) => {
            w.0.0
                .prepare_cached(
                    "UPDATE record SET kind = ?2, grid = ?3, rev = ?4, state = ?5, deleted = ?6, pending = ?7,
                     about = ?8, body = ?9 WHERE row = ?10 AND id = ?1",
                )?
                .execute(values)?;
            row
        }
        None => {
            w.0.0
                .prepare_cached(
                    "INSERT INTO record (id, kind, grid, rev, state, deleted, pending, about, body, row)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )?
                .insert(values)?
        }
    };
    search::replace(w, written, old, record)?;
    if record.kind.is(Kind::PACK) {
        packs::changed(w, record)?;
    }
    Ok(written)
}

/// The record that an open conflict is about.
fn about(record: &Record) -> Option<RecordId> {
    let text = |name: &str| record.body.get(name).and_then(serde_json::Value::as_str);
    let open = record.kind.is(Kind::CONFLICT) && !record.deleted && text("status") == Some("OPEN");
    if open {
        text("record").and_then(|id| id.parse().ok())
    } else {
        None
    }
}

/// The row of a record, when this phone holds it.
pub(super) fn row_of(r: &Reader<'_>, id: RecordId) -> Result<Option<i64>, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT row FROM record WHERE id = ?1")?;
    Ok(statement.query_row([id.bytes()], |row| row.get(0)).optional()?)
}

/// A tombstone of a record: ended, without content.
pub(super) fn tombstone(record: &Record, rev: i64) -> Record {
    Record {
        rev,
        deleted: true,
        body: Body::new(),
        ..record.clone()
    }
}
