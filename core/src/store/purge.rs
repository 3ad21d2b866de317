//! Letting go of a scope that was revoked: a journal that survives a crash at every step.
//!
//! 1. `hidden`: with the new scope set, in one transaction, the scope's records leave every screen and count. Operations on them
//!    are still sent (grace rule), photos still uploaded.
//! 2. Records go once nothing of them waits any more, a few at a time: rows, search terms, keys of photos, then the files.
//! 3. `gone` and `scrubbed`: no page of the database or its log still holds a trace. Then the platform is told.

use rusqlite::{OptionalExtension, params};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::{ops, pull, records, retention, snapshot};
use crate::model::ids::RecordId;
use crate::model::op::{Action, Operation};
use crate::model::record::Scope;
use crate::planted::{Bug, planted};

/// Records let go in one transaction.
const AT_ONCE: u32 = 200;

/// A scope being let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// The scope.
    pub scope: Scope,
    /// Epoch its cursor had.
    pub epoch: i64,
    /// Where it stands.
    pub step: String,
    /// Records that have gone.
    pub records: u64,
    /// Files that have gone.
    pub blobs: u64,
    /// Records that something still waits for.
    pub waiting: u64,
}

/// Begins to let go of a scope: from now on its records are not seen, unless another scope holds them.
///
/// # Errors
/// Those of the store.
pub fn begin(w: &Writer<'_>, scope: &Scope) -> Result<(), StoreError> {
    pull::unstage(w, scope)?;
    snapshot::drop(w, scope)?;
    let known: Option<(i64, i64)> =
        w.0.0
            .query_row("SELECT id, epoch FROM scope WHERE name = ?1", [&scope.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
    let made_here = note_made_here(w, scope)?;
    if known.is_none() && made_here == 0 {
        return Ok(());
    }
    // a scope that was never filled has no row of its own
    let (id, epoch) = known.unwrap_or_default();
    w.0.0.execute(
        "INSERT OR REPLACE INTO purge (scope, epoch, step) VALUES (?1, ?2, 'hidden')",
        params![scope.0, epoch],
    )?;
    w.0.0.execute(
        "INSERT OR IGNORE INTO purge_row (scope, row) SELECT ?1, row FROM scope_member m WHERE scope = ?2
         AND NOT EXISTS (SELECT 1 FROM scope_member o WHERE o.row = m.row AND o.scope <> ?2)",
        params![scope.0, id],
    )?;
    w.0.0.execute(
        "UPDATE record SET hidden = 1 WHERE row IN (SELECT row FROM purge_row WHERE scope = ?1)",
        [&scope.0],
    )?;
    w.0.0.execute("DELETE FROM scope_member WHERE scope = ?1", [id])?;
    w.0.0.execute("DELETE FROM scope WHERE id = ?1", [id])?;
    Ok(())
}

/// Records that were made on this phone and that no pull has brought yet belong to their grid as much as those that came from
/// there. Drafts stay with their worker, who alone can submit or drop them.
fn note_made_here(w: &Writer<'_>, scope: &Scope) -> Result<usize, StoreError> {
    let Some(grid) = scope.0.strip_prefix("grid:") else {
        return Ok(0);
    };
    Ok(w.0.0.execute(
        "INSERT OR IGNORE INTO purge_row (scope, row) SELECT ?1, row FROM record r WHERE grid = ?2
         AND NOT EXISTS (SELECT 1 FROM scope_member m WHERE m.row = r.row)
         AND NOT EXISTS (SELECT 1 FROM op WHERE op.record = r.id AND op.state = 'draft')",
        params![scope.0, grid],
    )?)
}

/// The scope was granted again before it had gone: what is left is seen again, and everything comes anew.
///
/// # Errors
/// Those of the store.
pub fn revive(w: &Writer<'_>, scope: &Scope) -> Result<(), StoreError> {
    let known = w.0.0.execute("DELETE FROM purge WHERE scope = ?1", [&scope.0])?;
    if known == 0 {
        return Ok(());
    }
    let (id, _) = pull::scope_row(w, scope)?;
    // what the platform has not seen yet is in no scope
    w.0.0.execute(
        "INSERT OR IGNORE INTO scope_member (scope, row)
         SELECT ?2, p.row FROM purge_row p JOIN record r ON r.row = p.row WHERE p.scope = ?1 AND r.rev > 0",
        params![scope.0, id],
    )?;
    w.0.0.execute(
        "UPDATE record SET hidden = 0 WHERE row IN (SELECT row FROM purge_row WHERE scope = ?1)",
        [&scope.0],
    )?;
    let touched: Vec<[u8; 16]> = {
        let sql = "SELECT r.id FROM purge_row p JOIN record r ON r.row = p.row WHERE p.scope = ?1 AND r.pending > 0";
        let mut statement = w.0.0.prepare(sql)?;
        let ids = statement.query_map([&scope.0], |row| row.get(0))?;
        ids.collect::<Result<_, _>>()?
    };
    w.0.0.execute("DELETE FROM purge_row WHERE scope = ?1", [&scope.0])?;
    w.0.0.execute("UPDATE scope SET resyncing = 1 WHERE id = ?1", [id])?;
    // what was handed over meanwhile is not shown again
    touched
        .into_iter()
        .try_for_each(|id| records::refresh(w, RecordId::from_slice(&id)?))
}

/// Scopes being let go.
///
/// # Errors
/// Those of the store.
pub fn list(r: &Reader<'_>) -> Result<Vec<Purge>, StoreError> {
    let sql = "SELECT scope, epoch, step, records, blobs, (SELECT count(*) FROM purge_row r WHERE r.scope = p.scope)
               FROM purge p ORDER BY scope";
    let mut statement = r.0.prepare_cached(sql)?;
    let found = statement.query_map([], |row| {
        Ok(Purge {
            scope: Scope(row.get(0)?),
            epoch: row.get(1)?,
            step: row.get(2)?,
            records: row.get(3)?,
            blobs: row.get(4)?,
            waiting: row.get(5)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Refused operations on records being let go, at most 100: nobody can see or mend them here any more, so that they are handed
/// to the supervisor.
///
/// # Errors
/// Those of the store.
pub fn to_hand_over(r: &Reader<'_>, scope: &Scope) -> Result<Vec<Operation>, StoreError> {
    let sql = "SELECT op.doc FROM purge_row p JOIN record r ON r.row = p.row JOIN op ON op.record = r.id
               WHERE p.scope = ?1 AND op.state = 'dead' ORDER BY op.seq LIMIT 100";
    ops::documents(r, sql, [&scope.0])
}

/// Notes that the platform keeps a refused operation, or a draft of a phone that is wiped, for the supervisor. A record that only
/// this phone knew stays, unseen, until its photos are with the platform too.
///
/// # Errors
/// Those of the store.
pub fn handed_over(w: &Writer<'_>, op: &Operation) -> Result<(), StoreError> {
    w.0.0.execute(
        "UPDATE op SET state = 'dropped', code = 'purged', doc = ?2 WHERE op = ?1 AND state IN ('dead', 'draft')",
        params![op.op.bytes(), empty_of(op)?],
    )?;
    match records::mirror(w, op.record)? {
        Some(_) => records::refresh(w, op.record),
        None => Ok(()),
    }
}

/// Lets some records of a scope go for which nothing waits. Tells how many; none when only waiting ones are left.
///
/// # Errors
/// Those of the store.
pub fn some(w: &Writer<'_>, scope: &Scope) -> Result<u64, StoreError> {
    let sql = "SELECT p.row, r.id FROM purge_row p JOIN record r ON r.row = p.row WHERE p.scope = ?1
               AND NOT EXISTS (SELECT 1 FROM op WHERE op.record = r.id AND op.state IN ('draft', 'queued', 'sending', 'dead'))
               AND NOT EXISTS (SELECT 1 FROM blob WHERE blob.record = r.id AND blob.stored = 0
                               AND coalesce(blob.problem, '') <> 'missing_media') LIMIT ?2";
    let uncounted = "SELECT p.row, r.id FROM purge_row p JOIN record r ON r.row = p.row WHERE p.scope = ?1 LIMIT ?2";
    let sql = if planted(Bug::PurgeUncounted) { uncounted } else { sql };
    let mut statement = w.0.0.prepare_cached(sql)?;
    let due: Vec<(i64, [u8; 16])> = statement
        .query_map(params![scope.0, AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    drop(statement);
    let mut files = 0;
    for (row, id) in &due {
        let id = RecordId::from_slice(id)?;
        files += let_photos_go(w, id)?;
        empty_operations(w, id)?;
        records::forget(w, records::find(w, id)?)?;
        w.0.0.execute("DELETE FROM purge_row WHERE row = ?1", [row])?;
    }
    // a row that is gone already, by another way
    w.0.0.execute(
        "DELETE FROM purge_row WHERE scope = ?1 AND NOT EXISTS (SELECT 1 FROM record r WHERE r.row = purge_row.row)",
        [&scope.0],
    )?;
    w.0.0.execute(
        "UPDATE purge SET records = records + ?2, blobs = blobs + ?3 WHERE scope = ?1",
        params![scope.0, due.len() as u64, files],
    )?;
    Ok(due.len() as u64)
}

/// Notes a step: `gone` when no row is left, `scrubbed` when no trace is.
///
/// # Errors
/// Those of the store.
pub fn advance(w: &Writer<'_>, scope: &Scope, step: &str) -> Result<(), StoreError> {
    w.0.0
        .execute("UPDATE purge SET step = ?2 WHERE scope = ?1", params![scope.0, step])?;
    Ok(())
}

/// Closes the journal of a scope: the platform has the receipt.
///
/// # Errors
/// Those of the store.
pub fn done(w: &Writer<'_>, scope: &Scope) -> Result<(), StoreError> {
    w.0.0.execute("DELETE FROM purge WHERE scope = ?1", [&scope.0])?;
    Ok(())
}

/// Another scope holds the row now: it is seen again.
pub(super) fn keep(w: &Writer<'_>, row: i64) -> Result<(), StoreError> {
    let mut statement = w.0.0.prepare_cached("DELETE FROM purge_row WHERE row = ?1")?;
    if statement.execute([row])? > 0 {
        w.0.0
            .prepare_cached("UPDATE record SET hidden = 0 WHERE row = ?1")?
            .execute([row])?;
    }
    Ok(())
}

/// Photos of a record that goes: keys first, so that a file that is left behind by a crash cannot be read any more. A photo that
/// another record's operation cites becomes that record's.
fn let_photos_go(w: &Writer<'_>, record: RecordId) -> Result<u64, StoreError> {
    let mut statement = w.0.0.prepare_cached("SELECT hash FROM blob WHERE record = ?1")?;
    let hashes: Vec<[u8; 32]> = statement
        .query_map([record.bytes()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut gone = 0;
    for hash in hashes {
        let hex = crate::model::blob::BlobHash(hash).hex();
        let other: Option<[u8; 16]> =
            w.0.0
                .prepare_cached(
                    "SELECT o.record FROM op o JOIN record r ON r.id = o.record
                     WHERE r.hidden = 0 AND o.record <> ?1 AND instr(o.doc, ?2) > 0 LIMIT 1",
                )?
                .query_row(params![record.bytes(), hex], |row| row.get(0))
                .optional()?;
        if let Some(other) = other {
            w.0.0
                .execute("UPDATE blob SET record = ?2 WHERE hash = ?1", params![hash, other])?;
            continue;
        }
        w.0.0.execute("DELETE FROM blob WHERE hash = ?1", [hash])?;
        retention::let_file_go(w, &hash)?;
        gone += 1;
    }
    Ok(gone)
}

/// Settled operations stay in the books, without what they said.
fn empty_operations(w: &Writer<'_>, record: RecordId) -> Result<(), StoreError> {
    let settled = ops::documents(w, "SELECT doc FROM op WHERE record = ?1", [record.bytes()])?;
    for op in settled {
        w.0.0
            .prepare_cached("UPDATE op SET doc = ?2, code = 'purged', fields = '[]' WHERE op = ?1")?
            .execute(params![op.op.bytes(), empty_of(&op)?])?;
    }
    w.0.0
        .prepare_cached("DELETE FROM warning WHERE record = ?1")?
        .execute([record.bytes()])?;
    Ok(())
}

fn empty_of(op: &Operation) -> Result<String, StoreError> {
    let emptied = Operation {
        action: Action::Withdraw { reason: String::new() },
        evidence: Vec::new(),
        ..op.clone()
    };
    Ok(serde_json::to_string(&emptied)?)
}
