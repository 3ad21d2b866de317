//! What a pull brings: staged line by line, published scope by scope, in one transaction each.

use rusqlite::{OptionalExtension, params};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::{ops, records, search};
use crate::model::area::GridCode;
use crate::model::ids::RecordId;
use crate::model::record::{Kind, Record, Scope};
use crate::model::time::UtcMillis;
use crate::wire::pull::{PullLine, ScopeCursor};

/// From so many staged lines on, a scope that is filled for the first time is filled in bulk.
const BULK: i64 = 5_000;

/// How far each of the scopes has been followed, in the given order; unknown ones from the start.
///
/// # Errors
/// Those of the store.
pub fn cursors(r: &Reader<'_>, scopes: &[Scope]) -> Result<Vec<ScopeCursor>, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT epoch, seq FROM scope WHERE name = ?1")?;
    scopes
        .iter()
        .map(|scope| {
            let known = statement
                .query_row([&scope.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (epoch, since) = known.unwrap_or((0, 0));
            Ok(ScopeCursor {
                scope: scope.clone(),
                epoch,
                since,
            })
        })
        .collect()
}

/// Scopes this phone holds, by name.
///
/// # Errors
/// Those of the store.
pub fn held(r: &Reader<'_>) -> Result<Vec<Scope>, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT name FROM scope ORDER BY name")?;
    let names = statement.query_map([], |row| row.get(0).map(Scope))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Keeps lines of an unfinished pull; later lines on the same record win. Lines that carry no record are passed over.
///
/// # Errors
/// Those of the store.
pub fn stage(w: &Writer<'_>, lines: &[PullLine]) -> Result<(), StoreError> {
    let mut put = w.0.0.prepare_cached(
        "INSERT OR REPLACE INTO stage (scope, id, what, kind, grid, rev, state, deleted, body)
         VALUES (?1, ?2, 'put', ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut other =
        w.0.0
            .prepare_cached("INSERT OR REPLACE INTO stage (scope, id, what, rev) VALUES (?1, ?2, ?3, ?4)")?;
    for line in lines {
        match line {
            PullLine::Put { scope, record, .. } => put.execute(params![
                scope.0,
                record.id.bytes(),
                record.kind.0,
                record.grid.as_ref().map_or("", GridCode::as_str),
                record.rev,
                record.state,
                record.deleted,
                serde_json::to_string(&record.body)?
            ])?,
            PullLine::Leave { scope, id, .. } => other.execute(params![scope.0, id.bytes(), "leave", 0])?,
            PullLine::Gone { scope, id, rev, .. } => other.execute(params![scope.0, id.bytes(), "gone", rev])?,
            _ => 0,
        };
    }
    Ok(())
}

/// Throws away what was staged for a scope: the pull that brought it was cut or started again.
///
/// # Errors
/// Those of the store.
pub fn unstage(w: &Writer<'_>, scope: &Scope) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM stage WHERE scope = ?1")?
        .execute([&scope.0])?;
    Ok(())
}

/// Publishes what was staged for a scope: records, views, search and cursor in one step. Tells how many lines it was.
///
/// # Errors
/// Those of the store; nothing is published then.
pub fn publish(
    w: &Writer<'_>,
    scope: &Scope,
    epoch: i64,
    seq: i64,
    count: i64,
    now: UtcMillis,
) -> Result<u64, StoreError> {
    let (scope_id, first_fill) = scope_row(w, scope)?;
    let staged: i64 =
        w.0.0
            .query_row("SELECT count(*) FROM stage WHERE scope = ?1", [&scope.0], |row| {
                row.get(0)
            })?;
    if first_fill && staged >= BULK {
        fill(w, scope, scope_id)?;
    }
    let mut last = [0_u8; 16];
    while let Some(line) = next_staged(w, scope, &last)? {
        last = *line.record.id.bytes();
        publish_line(w, scope_id, &line)?;
    }
    unstage(w, scope)?;
    w.0.0
        .prepare_cached("UPDATE scope SET epoch = ?2, seq = ?3, count = ?4, completed_at = ?5 WHERE id = ?1")?
        .execute(params![scope_id, epoch, seq, count, now.0])?;
    Ok(u64::try_from(staged).unwrap_or(0))
}

/// Notes how far an unfinished pull has come; what it brought stays staged until the scope is complete.
///
/// # Errors
/// Those of the store.
pub fn advance(w: &Writer<'_>, scope: &Scope, epoch: i64, seq: i64) -> Result<(), StoreError> {
    let (scope_id, _) = scope_row(w, scope)?;
    w.0.0
        .prepare_cached("UPDATE scope SET epoch = ?2, seq = ?3 WHERE id = ?1")?
        .execute(params![scope_id, epoch, seq])?;
    Ok(())
}

/// Starts a scope again from the beginning; records stay until the new picture is complete, own operations always.
///
/// # Errors
/// Those of the store.
pub fn resync(w: &Writer<'_>, scope: &Scope, epoch: i64) -> Result<(), StoreError> {
    unstage(w, scope)?;
    let (scope_id, _) = scope_row(w, scope)?;
    w.0.0
        .prepare_cached("UPDATE scope SET epoch = ?2, seq = 0 WHERE id = ?1")?
        .execute(params![scope_id, epoch])?;
    Ok(())
}

/// Lets go of a scope that the phone may not hold any more. Records with own unanswered operations stay until these are
/// answered. Tells how many records left the phone.
///
/// # Errors
/// Those of the store.
pub fn drop_scope(w: &Writer<'_>, scope: &Scope) -> Result<u64, StoreError> {
    unstage(w, scope)?;
    let (scope_id, _) = scope_row(w, scope)?;
    let mut statement = w.0.0.prepare("SELECT row FROM scope_member WHERE scope = ?1")?;
    let rows: Vec<i64> = statement
        .query_map([scope_id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    w.0.0.execute("DELETE FROM scope_member WHERE scope = ?1", [scope_id])?;
    let mut left = 0;
    for row in rows {
        left += u64::from(release(w, row)?);
    }
    w.0.0.execute("DELETE FROM scope WHERE id = ?1", [scope_id])?;
    Ok(left)
}

struct StagedLine {
    what: String,
    record: Record,
}

fn next_staged(w: &Writer<'_>, scope: &Scope, after: &[u8; 16]) -> Result<Option<StagedLine>, StoreError> {
    let mut statement = w.0.0.prepare_cached(
        "SELECT id, what, kind, grid, rev, state, deleted, body FROM stage
         WHERE scope = ?1 AND id > ?2 ORDER BY id LIMIT 1",
    )?;
    let mut rows = statement.query(params![scope.0, after])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let id: [u8; 16] = row.get(0)?;
    let grid: String = row.get(3)?;
    let body: String = row.get(7)?;
    Ok(Some(StagedLine {
        what: row.get(1)?,
        record: Record {
            id: RecordId::from_slice(&id)?,
            kind: Kind(row.get(2)?),
            grid: if grid.is_empty() { None } else { Some(grid.parse()?) },
            rev: row.get(4)?,
            state: row.get(5)?,
            deleted: row.get(6)?,
            body: serde_json::from_str(&body)?,
        },
    }))
}

fn publish_line(w: &Writer<'_>, scope_id: i64, line: &StagedLine) -> Result<(), StoreError> {
    match line.what.as_str() {
        "put" => {
            let row = records::adopt(w, &line.record)?;
            w.0.0
                .prepare_cached("INSERT OR IGNORE INTO scope_member (scope, row) VALUES (?1, ?2)")?
                .execute([scope_id, row])?;
        }
        "gone" => {
            if let Some(known) = records::mirror(w, line.record.id)? {
                records::adopt(w, &records::tombstone(&known, line.record.rev))?;
            }
            leave(w, scope_id, line.record.id)?;
        }
        _ => leave(w, scope_id, line.record.id)?,
    }
    Ok(())
}

fn leave(w: &Writer<'_>, scope_id: i64, id: RecordId) -> Result<(), StoreError> {
    let Some(row) = records::row_of(w, id)? else {
        return Ok(());
    };
    w.0.0
        .prepare_cached("DELETE FROM scope_member WHERE scope = ?1 AND row = ?2")?
        .execute([scope_id, row])?;
    release(w, row)?;
    Ok(())
}

/// Removes a record that no scope holds, unless an own operation on it has no answer yet.
fn release(w: &Writer<'_>, row: i64) -> Result<bool, StoreError> {
    let held =
        w.0.0
            .prepare_cached("SELECT 1 FROM scope_member WHERE row = ?1")?
            .exists([row])?;
    let mut statement =
        w.0.0
            .prepare_cached(&format!("SELECT {} FROM record WHERE row = ?1", records::COLUMNS))?;
    let mut rows = statement.query([row])?;
    let Some(stored) = rows.next()?.map(records::stored).transpose()? else {
        return Ok(false);
    };
    drop(rows);
    if held || ops::any_open(w, stored.record.id)? {
        return Ok(false);
    }
    records::forget(w, Some(stored))?;
    Ok(true)
}

/// Id of a scope's row, and whether nothing was ever published in it.
fn scope_row(w: &Writer<'_>, scope: &Scope) -> Result<(i64, bool), StoreError> {
    w.0.0
        .prepare_cached("INSERT OR IGNORE INTO scope (name) VALUES (?1)")?
        .execute([&scope.0])?;
    let mut statement =
        w.0.0
            .prepare_cached("SELECT id, completed_at = 0 FROM scope WHERE name = ?1")?;
    Ok(statement.query_row([&scope.0], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// First fill of a scope: rows that the phone does not know are copied inside the database, in the order of their ids, and
/// indexed afterwards; what remains staged takes the ordinary way.
fn fill(w: &Writer<'_>, scope: &Scope, scope_id: i64) -> Result<(), StoreError> {
    let before: i64 =
        w.0.0
            .query_row("SELECT coalesce(max(row), 0) FROM record", [], |row| row.get(0))?;
    w.0.0.execute(
        "INSERT INTO record (id, kind, grid, rev, state, deleted, body)
         SELECT id, kind, grid, rev, state, deleted, body FROM stage
         WHERE scope = ?1 AND what = 'put' AND kind <> ?2 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.id = stage.id)
         ORDER BY id",
        params![scope.0, Kind::CONFLICT],
    )?;
    w.0.0.execute(
        "INSERT INTO scope_member (scope, row) SELECT ?1, row FROM record WHERE row > ?2 ORDER BY row",
        [scope_id, before],
    )?;
    search::index_from(w, before)?;
    w.0.0.execute(
        "DELETE FROM stage WHERE scope = ?1 AND what = 'put'
         AND EXISTS (SELECT 1 FROM record r WHERE r.id = stage.id AND r.row > ?2)",
        params![scope.0, before],
    )?;
    Ok(())
}
