//! Filling a new scope from a file: parts of it kept as they come, then its lines loaded in the order of their ids, a few at a
//! time, unseen until all are there and searchable.
//!
//! The lines take rows of their own range, so that publishing them is one small write; what the worker makes meanwhile gets rows
//! behind that range. A crash at any moment goes on where it stood.

use std::borrow::Cow;

use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::pull::{self, Head};
use super::{records, search};
use crate::model::ids::RecordId;
use crate::model::record::{Kind, Scope};
use crate::model::time::UtcMillis;
use crate::wire::digest::{Hashed, Sum};
use crate::wire::scopes::SnapshotReply;

/// Rows put into the search in one transaction.
const INDEXED_AT_ONCE: u32 = 10_000;

/// How far a snapshot is.
#[derive(Debug, Clone, PartialEq)]
pub struct Filling {
    /// The scope.
    pub scope: Scope,
    /// What the platform told of the file.
    pub file: SnapshotReply,
    /// Bytes of the file that are here.
    pub held: u64,
    /// Lines loaded.
    pub loaded: u64,
    /// Whether the file was checked and its rows are being loaded.
    pub loading: bool,
    /// Rows before this one are in the search.
    pub indexed: i64,
}

/// Scopes that this phone may hold and has nothing of, in the given order, without those whose snapshot could not be used.
///
/// # Errors
/// Those of the store.
pub fn wanted(r: &Reader<'_>, scopes: &[Scope]) -> Result<Vec<Scope>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT 1 FROM scope WHERE name = ?1 AND (completed_at > 0 OR feed_only = 1 OR seq > 0)")?;
    let mut wanted = Vec::new();
    for scope in scopes {
        if !statement.exists([&scope.0])? {
            wanted.push(scope.clone());
        }
    }
    Ok(wanted)
}

/// Whether a scope is being filled from a file.
///
/// # Errors
/// Those of the store.
pub fn get(r: &Reader<'_>, scope: &Scope) -> Result<Option<Filling>, StoreError> {
    let sql = "SELECT doc, end_row, loaded, indexed,
                      (SELECT coalesce(max(start + length(bytes)), 0) FROM snapshot_part p WHERE p.scope = s.scope)
               FROM snapshot s WHERE scope = ?1";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([&scope.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let doc: String = row.get(0)?;
    Ok(Some(Filling {
        scope: scope.clone(),
        file: serde_json::from_str(&doc)?,
        held: row.get(4)?,
        loaded: row.get(2)?,
        loading: row.get::<_, i64>(1)? > 0,
        indexed: row.get(3)?,
    }))
}

/// Scopes that no snapshot is wanted for are followed by the feed alone.
///
/// # Errors
/// Those of the store.
pub fn use_feed(w: &Writer<'_>, scope: &Scope) -> Result<(), StoreError> {
    drop(w, scope)?;
    let (id, _) = pull::scope_row(w, scope)?;
    w.0.0.execute("UPDATE scope SET feed_only = 1 WHERE id = ?1", [id])?;
    Ok(())
}

/// Begins to fetch a file.
///
/// # Errors
/// Those of the store.
pub fn open(w: &Writer<'_>, scope: &Scope, file: &SnapshotReply) -> Result<(), StoreError> {
    pull::unstage(w, scope)?;
    w.0.0.execute(
        "INSERT OR REPLACE INTO snapshot (scope, doc) VALUES (?1, ?2)",
        params![scope.0, serde_json::to_string(file)?],
    )?;
    Ok(())
}

/// Keeps a part of the file.
///
/// # Errors
/// Those of the store.
pub fn add_part(w: &Writer<'_>, scope: &Scope, start: u64, bytes: &[u8]) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT OR REPLACE INTO snapshot_part (scope, start, bytes) VALUES (?1, ?2, ?3)")?
        .execute(params![scope.0, start, bytes])?;
    Ok(())
}

/// The part that begins at or after `start`, with where it begins.
///
/// # Errors
/// Those of the store.
pub fn part(r: &Reader<'_>, scope: &Scope, start: u64) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
    let sql = "SELECT start, bytes FROM snapshot_part WHERE scope = ?1 AND start >= ?2 ORDER BY start LIMIT 1";
    let mut statement = r.0.prepare_cached(sql)?;
    let part = statement.query_row(params![scope.0, start], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(part.optional()?)
}

/// The file is whole and its digest fits: its rows get their range.
///
/// # Errors
/// Those of the store.
pub fn begin_load(w: &Writer<'_>, scope: &Scope, count: u64) -> Result<(), StoreError> {
    let (_, _) = pull::scope_row(w, scope)?;
    let first: i64 = match next_row(w)? {
        Some(row) => row,
        None => {
            w.0.0
                .query_row("SELECT coalesce(max(row), 0) + 1 FROM record", [], |row| row.get(0))?
        }
    };
    let end = first
        .saturating_add(i64::try_from(count).unwrap_or(i64::MAX))
        .saturating_add(1);
    w.0.0.execute(
        "UPDATE snapshot SET first_row = ?2, end_row = ?3, indexed = ?2, sum = ?4 WHERE scope = ?1",
        params![scope.0, first, end, Sum::default().to_string()],
    )?;
    Ok(())
}

/// One line of the file. The body is kept as it stands, so it is not taken apart here.
#[derive(Deserialize)]
struct Line<'a> {
    id: RecordId,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    grid: Option<Cow<'a, str>>,
    rev: i64,
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// Loads the next lines of the file, one record each.
///
/// # Errors
/// [`StoreError::Document`] for a line that does not read; nothing of this call is kept then.
pub fn load(w: &Writer<'_>, scope: &Scope, lines: &str) -> Result<u64, StoreError> {
    let (scope_id, _) = pull::scope_row(w, scope)?;
    let (first, loaded, sum): (i64, u64, String) = w.0.0.query_row(
        "SELECT first_row, loaded, sum FROM snapshot WHERE scope = ?1",
        [&scope.0],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut sum: Sum = sum.parse()?;
    let mut insert = w.0.0.prepare_cached(
        "INSERT OR IGNORE INTO record (row, id, kind, grid, rev, state, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut join =
        w.0.0
            .prepare_cached("INSERT OR IGNORE INTO scope_member (scope, row) VALUES (?1, ?2)")?;
    let mut stage = w.0.0.prepare_cached(
        "INSERT OR REPLACE INTO stage (scope, id, what, kind, grid, rev, state, body) VALUES (?1, ?2, 'put', ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut count = loaded;
    for text in lines.lines() {
        let line: Line<'_> = serde_json::from_str(text)?;
        let (id, body) = (line.id.bytes(), line.body.get());
        let grid = line.grid.as_deref().unwrap_or_default();
        sum.add(
            Hashed {
                id,
                rev: line.rev,
                kind: &line.kind,
                grid,
                state: &line.state,
                body,
            }
            .hash(),
        );
        let row = first.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
        count += 1;
        // these have effects of their own, and what is known already may have own operations on it: the ordinary way
        let plain = line.kind != Kind::CONFLICT && line.kind != Kind::PACK;
        if plain && insert.execute(params![row, id, line.kind, grid, line.rev, line.state, body])? == 1 {
            join.execute([scope_id, row])?;
        } else {
            stage.execute(params![scope.0, id, line.kind, grid, line.rev, line.state, body])?;
        }
    }
    w.0.0
        .prepare_cached("UPDATE snapshot SET loaded = ?2, sum = ?3 WHERE scope = ?1")?
        .execute(params![scope.0, count, sum.to_string()])?;
    Ok(count - loaded)
}

/// Puts some loaded rows into the search, then joins its segments. Tells whether there is more to do.
///
/// # Errors
/// Those of the store.
pub fn index(w: &Writer<'_>, scope: &Scope) -> Result<bool, StoreError> {
    let (first, end, indexed): (i64, i64, i64) = w.0.0.query_row(
        "SELECT first_row, end_row, indexed FROM snapshot WHERE scope = ?1",
        [&scope.0],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if indexed > end {
        return search::merge_some(w, false);
    }
    if indexed == first {
        search::begin_bulk(w)?;
    }
    let next = search::index_some(w, indexed, end, INDEXED_AT_ONCE)?;
    w.0.0.execute(
        "UPDATE snapshot SET indexed = ?2 WHERE scope = ?1",
        // beyond the end: only the joining is left
        params![scope.0, next.unwrap_or(end + 1)],
    )?;
    if next.is_none() {
        search::end_bulk(w)?;
        search::merge_some(w, true)?;
    }
    Ok(true)
}

/// Publishes what was loaded, when it is what the platform said; otherwise lets it go, and the scope is followed by the feed.
/// Tells how many lines were published.
///
/// # Errors
/// Those of the store.
pub fn finish(w: &Writer<'_>, scope: &Scope, now: UtcMillis) -> Result<Option<u64>, StoreError> {
    let filling = get(w, scope)?.ok_or(StoreError::NotFound)?;
    let sum: String =
        w.0.0
            .query_row("SELECT sum FROM snapshot WHERE scope = ?1", [&scope.0], |row| {
                row.get(0)
            })?;
    let file = filling.file;
    if filling.loaded != file.count || sum.parse::<Sum>()? != file.digest {
        use_feed(w, scope)?;
        return Ok(None);
    }
    w.0.0.execute("DELETE FROM snapshot WHERE scope = ?1", [&scope.0])?;
    w.0.0
        .execute("DELETE FROM snapshot_part WHERE scope = ?1", [&scope.0])?;
    let head = Head {
        epoch: file.epoch,
        seq: file.seq,
        count: i64::try_from(file.count).unwrap_or(i64::MAX),
        digest: Some(file.digest),
    };
    pull::publish_rest(w, scope, head, now)?;
    Ok(Some(filling.loaded))
}

/// Throws a file and what was loaded of it away.
///
/// # Errors
/// Those of the store.
pub fn drop(w: &Writer<'_>, scope: &Scope) -> Result<(), StoreError> {
    let range: Option<(i64, i64, i64)> =
        w.0.0
            .query_row(
                "SELECT first_row, end_row, indexed FROM snapshot WHERE scope = ?1",
                [&scope.0],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
    let Some((first, end, indexed)) = range else {
        return Ok(());
    };
    w.0.0.execute("DELETE FROM snapshot WHERE scope = ?1", [&scope.0])?;
    w.0.0
        .execute("DELETE FROM snapshot_part WHERE scope = ?1", [&scope.0])?;
    pull::unstage(w, scope)?;
    let (scope_id, _) = pull::scope_row(w, scope)?;
    w.0.0.execute("DELETE FROM scope_member WHERE scope = ?1", [scope_id])?;
    let only =
        "row >= ?1 AND row < ?2 AND pending = 0 AND NOT EXISTS (SELECT 1 FROM scope_member m WHERE m.row = record.row)";
    let mut statement = w.0.0.prepare(&format!("SELECT id FROM record WHERE {only}"))?;
    let ids: Vec<[u8; 16]> = statement
        .query_map([first, indexed.min(end)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in ids {
        records::forget(w, records::find(w, RecordId::from_slice(&id)?)?)?;
    }
    // these have no terms yet
    w.0.0
        .execute(&format!("DELETE FROM record WHERE {only}"), [indexed.min(end), end])?;
    Ok(())
}

/// The row of a new record while a range is reserved; otherwise SQLite gives the next one itself.
pub(super) fn next_row(r: &Reader<'_>) -> Result<Option<i64>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT max(end_row) FROM snapshot WHERE end_row > 0")?;
    let end: Option<i64> = statement.query_row([], |row| row.get(0))?;
    let Some(end) = end else { return Ok(None) };
    let last: i64 =
        r.0.prepare_cached("SELECT coalesce(max(row), 0) + 1 FROM record")?
            .query_row([], |row| row.get(0))?;
    Ok(Some(last.max(end)))
}
