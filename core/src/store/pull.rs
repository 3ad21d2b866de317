//! What a pull brings: staged line by line, published scope by scope, in one transaction each.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::records::Word;
use super::{blobs, digest, identity, ops, packs, purge, records, search};
use crate::model::area::GridCode;
use crate::model::ids::RecordId;
use crate::model::record::{Kind, Record, Scope};
use crate::model::time::UtcMillis;
use crate::wire::digest::{Sum, canonical};
use crate::wire::pull::{PullLine, ScopeCursor};

/// From so many staged lines on, a scope that is filled for the first time is filled in bulk.
const BULK: i64 = 5_000;

/// How far each of the scopes has been followed, in the given order; unknown ones from the start. Scopes that are being filled
/// from a file are left out.
///
/// # Errors
/// Those of the store.
pub fn cursors(r: &Reader<'_>, scopes: &[Scope]) -> Result<Vec<ScopeCursor>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT epoch, seq, unfinished FROM scope WHERE name = ?1")?;
    let mut filling = r.0.prepare_cached("SELECT 1 FROM snapshot WHERE scope = ?1")?;
    let mut followed = Vec::new();
    for scope in scopes {
        if !filling.exists([&scope.0])? {
            followed.push(scope);
        }
    }
    followed
        .into_iter()
        .map(|scope| {
            let known = statement
                .query_row([&scope.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let (epoch, since, unfinished) = known.unwrap_or((0, 0, false));
            Ok(ScopeCursor {
                scope: scope.clone(),
                epoch,
                since,
                unfinished,
            })
        })
        .collect()
}

/// Whether the scope is one that this phone holds or may hold: not one that was revoked while the reply was on its way.
///
/// # Errors
/// Those of the store.
pub fn follows(r: &Reader<'_>, scope: &Scope) -> Result<bool, StoreError> {
    Ok(identity::scope_set(r)?.scopes.contains(scope))
}

/// Where a scope stands on this phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScopeState {
    /// The scope.
    pub scope: Scope,
    /// Epoch of the cursor.
    pub epoch: i64,
    /// The cursor.
    pub seq: i64,
    /// Records the platform has in it.
    pub count: i64,
    /// Records held here.
    pub held: i64,
    /// When its head was last reached, by the phone's clock.
    pub completed_at: Option<UtcMillis>,
    /// Whether the records came to the platform's digest when they were last summed.
    pub sound: bool,
    /// Whether it is being followed anew.
    pub resyncing: bool,
}

/// Where each scope stands, by name.
///
/// # Errors
/// Those of the store.
pub fn states(r: &Reader<'_>) -> Result<Vec<ScopeState>, StoreError> {
    let sql = "SELECT name, epoch, seq, count, completed_at, checked, resyncing,
                      (SELECT count(*) FROM scope_member m WHERE m.scope = scope.id) FROM scope ORDER BY name";
    let mut statement = r.0.prepare_cached(sql)?;
    let states = statement.query_map([], |row| {
        let completed: i64 = row.get(4)?;
        Ok(ScopeState {
            scope: Scope(row.get(0)?),
            epoch: row.get(1)?,
            seq: row.get(2)?,
            count: row.get(3)?,
            held: row.get(7)?,
            completed_at: (completed > 0).then_some(UtcMillis(completed)),
            sound: row.get(5)?,
            resyncing: row.get(6)?,
        })
    })?;
    Ok(states.collect::<Result<_, _>>()?)
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
                canonical(&record.body)
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

/// The head of a scope as a pull told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Epoch of the sequence.
    pub epoch: i64,
    /// Sequence at the head.
    pub seq: i64,
    /// Records present.
    pub count: i64,
    /// Sum of their hashes, when the platform tells it.
    pub digest: Option<Sum>,
}

/// Publishes what was staged for a scope: records, views, search and cursor in one step. When the scope is being followed anew,
/// records that did not come again leave it. Tells how many lines it was.
///
/// # Errors
/// Those of the store; nothing is published then.
pub fn publish(w: &Writer<'_>, scope: &Scope, head: Head, now: UtcMillis) -> Result<u64, StoreError> {
    let (scope_id, first_fill) = scope_row(w, scope)?;
    let staged: i64 =
        w.0.0
            .query_row("SELECT count(*) FROM stage WHERE scope = ?1", [&scope.0], |row| {
                row.get(0)
            })?;
    let resyncing: i64 =
        w.0.0
            .query_row("SELECT resyncing FROM scope WHERE id = ?1", [scope_id], |row| {
                row.get(0)
            })?;
    if first_fill && staged >= BULK {
        fill(w, scope, scope_id)?;
    } else if resyncing > 0 {
        leave_unlisted(w, scope, scope_id)?;
    }
    let word = if resyncing > 0 { Word::Final } else { Word::Later };
    let mut last = [0_u8; 16];
    while let Some(line) = next_staged(w, scope, &last)? {
        last = *line.record.id.bytes();
        publish_line(w, scope_id, &line, word)?;
    }
    unstage(w, scope)?;
    settle(w, scope_id, head, now)?;
    digest::check(w, scope_id)?;
    Ok(u64::try_from(staged).unwrap_or(0))
}

/// Publishes what is staged beside rows that are in place and summed already, and sets the cursor.
pub(super) fn publish_rest(w: &Writer<'_>, scope: &Scope, head: Head, now: UtcMillis) -> Result<(), StoreError> {
    let (scope_id, _) = scope_row(w, scope)?;
    let mut last = [0_u8; 16];
    while let Some(line) = next_staged(w, scope, &last)? {
        last = *line.record.id.bytes();
        publish_line(w, scope_id, &line, Word::Later)?;
    }
    unstage(w, scope)?;
    settle(w, scope_id, head, now)?;
    w.0.0
        .execute("UPDATE scope SET checked = 1 WHERE id = ?1", [scope_id])?;
    Ok(())
}

/// Sets the cursor of a scope to its head.
pub(super) fn settle(w: &Writer<'_>, scope_id: i64, head: Head, now: UtcMillis) -> Result<(), StoreError> {
    let schema = packs::registry_schema(w)?.schema;
    w.0.0
        .prepare_cached(
            "UPDATE scope SET epoch = ?2, seq = ?3, count = ?4, completed_at = ?5, digest = ?6, resyncing = 0, unfinished = 0,
             schema = CASE WHEN resyncing > 0 OR completed_at = 0 THEN ?7 ELSE schema END WHERE id = ?1",
        )?
        .execute(params![
            scope_id,
            head.epoch,
            head.seq,
            head.count,
            now.0,
            head.digest.map(|d| d.to_string()).unwrap_or_default(),
            schema
        ])?;
    Ok(())
}

/// Records of the scope that the platform did not list again have left it.
fn leave_unlisted(w: &Writer<'_>, scope: &Scope, scope_id: i64) -> Result<(), StoreError> {
    let mut statement = w.0.0.prepare(
        "SELECT r.id FROM scope_member m JOIN record r ON r.row = m.row WHERE m.scope = ?1
         AND NOT EXISTS (SELECT 1 FROM stage s WHERE s.scope = ?2 AND s.id = r.id AND s.what = 'put')",
    )?;
    let gone: Vec<[u8; 16]> = statement
        .query_map(params![scope_id, scope.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    drop(statement);
    for id in gone {
        leave(w, scope_id, RecordId::from_slice(&id)?)?;
    }
    Ok(())
}

/// Notes how far an unfinished pull has come; what it brought stays staged until the scope is complete.
///
/// # Errors
/// Those of the store.
pub fn advance(w: &Writer<'_>, scope: &Scope, epoch: i64, seq: i64) -> Result<(), StoreError> {
    let (scope_id, _) = scope_row(w, scope)?;
    w.0.0
        .prepare_cached("UPDATE scope SET epoch = ?2, seq = ?3, unfinished = 1 WHERE id = ?1")?
        .execute(params![scope_id, epoch, seq])?;
    Ok(())
}

/// Starts a scope again from the beginning; records stay until the new picture is complete, own operations always. Another epoch
/// than the one that was followed is another life of the platform's data: what was settled before is sent again.
///
/// # Errors
/// Those of the store.
pub fn resync(w: &Writer<'_>, scope: &Scope, epoch: i64) -> Result<(), StoreError> {
    unstage(w, scope)?;
    let (scope_id, _) = scope_row(w, scope)?;
    let followed: i64 =
        w.0.0
            .query_row("SELECT epoch FROM scope WHERE id = ?1", [scope_id], |row| row.get(0))?;
    let reborn = followed != 0 && followed != epoch;
    if reborn {
        ops::resend(w, epoch)?;
        blobs::distrust(w)?;
    }
    w.0.0
        .prepare_cached(
            "UPDATE scope SET epoch = ?2, seq = 0, unfinished = 0, resyncing = max(resyncing, ?3) WHERE id = ?1",
        )?
        .execute(params![scope_id, epoch, 1 + i64::from(reborn)])?;
    Ok(())
}

/// Follows scopes anew that were filled under an older schema than the one in force: fields it did not have may have been left
/// out for this phone. Tells how many.
///
/// # Errors
/// Those of the store.
pub fn refill_for_schema(w: &Writer<'_>) -> Result<u64, StoreError> {
    let schema = packs::registry_schema(w)?.schema;
    let changed = w.0.0.execute(
        "UPDATE scope SET seq = 0, resyncing = max(resyncing, 1) WHERE completed_at > 0 AND schema < ?1 AND seq > 0",
        [schema],
    )?;
    Ok(changed as u64)
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

fn publish_line(w: &Writer<'_>, scope_id: i64, line: &StagedLine, word: Word) -> Result<(), StoreError> {
    match line.what.as_str() {
        "put" => put(w, scope_id, &line.record, word)?,
        "gone" => {
            if let Some(known) = records::mirror(w, line.record.id)? {
                records::adopt(w, &records::tombstone(&known, line.record.rev), word)?;
            }
            leave(w, scope_id, line.record.id)?;
        }
        _ => leave(w, scope_id, line.record.id)?,
    }
    Ok(())
}

/// Takes a record into a scope.
pub(super) fn put(w: &Writer<'_>, scope_id: i64, record: &Record, word: Word) -> Result<(), StoreError> {
    let row = records::adopt(w, record, word)?;
    w.0.0
        .prepare_cached("INSERT OR IGNORE INTO scope_member (scope, row) VALUES (?1, ?2)")?
        .execute([scope_id, row])?;
    purge::keep(w, row)
}

/// Takes a record out of a scope.
pub(super) fn leave(w: &Writer<'_>, scope_id: i64, id: RecordId) -> Result<(), StoreError> {
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

/// Lets a record go that had left its scopes while an own operation on it waited, once none waits any more. What was made here
/// stays until a pull brings it into its scope; what is being purged goes the way of the journal.
pub(super) fn release_left(w: &Writer<'_>, id: RecordId) -> Result<(), StoreError> {
    let sql = "SELECT row FROM record WHERE id = ?1 AND rev > 0 AND hidden = 0
               AND NOT EXISTS (SELECT 1 FROM scope_member m WHERE m.row = record.row)";
    let row: Option<i64> =
        w.0.0
            .prepare_cached(sql)?
            .query_row([id.bytes()], |row| row.get(0))
            .optional()?;
    match row {
        Some(row) if !ops::made_here(w, id)? => release(w, row).map(drop),
        _ => Ok(()),
    }
}

/// Id of a scope's row, and whether nothing was ever published in it.
pub(super) fn scope_row(w: &Writer<'_>, scope: &Scope) -> Result<(i64, bool), StoreError> {
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
