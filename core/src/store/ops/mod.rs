//! Operations: added by the app, sent in order, settled by the platform's answer, and never lost in between.
//!
//! Every operation ever made is in exactly one state; [`ledger`] counts them.

mod dead;
mod draft;
mod park;
mod push;
mod recent;
mod results;

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

pub use dead::{DeadLetter, dead_letters, drop_dead, requeue};
pub use draft::{draft_of, drop_draft, let_go_of_drafts, release_draft, replace_draft};
pub use park::{park, queue_settled, resend};
pub use push::{Lanes, fork, next_push, renumber};
pub use recent::recent_categories;
pub use results::{Settled, apply_results};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::records;
use crate::model::ids::{OpId, RecordId};
use crate::model::op::{Action, Lane, Operation};
use crate::planted::{Bug, planted};

/// An operation to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOp {
    /// The operation.
    pub op: Operation,
    /// How urgent it is.
    pub lane: Lane,
    /// Kept back until it is released.
    pub draft: bool,
}

/// What a new operation on a record is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Base {
    /// The platform's revision, when no own operation stands between.
    pub rev: Option<i64>,
    /// The last own operation without an answer.
    pub op: Option<OpId>,
}

/// How many operations are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct OpCounts {
    /// Never submitted.
    pub draft: u64,
    /// Waiting to be sent.
    pub queued: u64,
    /// Sent, no answer yet.
    pub sending: u64,
    /// Taken as sent.
    pub applied: u64,
    /// Taken, joined with changes of others.
    pub merged: u64,
    /// The platform had it already.
    pub same: u64,
    /// A conflict record holds what was not taken.
    pub conflict: u64,
    /// Refused, waiting for the worker.
    pub dead: u64,
    /// Refused, then edited into another operation.
    pub replaced: u64,
    /// Dropped by the worker.
    pub dropped: u64,
}

impl OpCounts {
    /// Operations that still have to reach the platform.
    #[must_use]
    pub fn unsent(&self) -> u64 {
        self.queued + self.sending
    }

    /// All operations ever made.
    #[must_use]
    pub fn all(&self) -> u64 {
        let settled = self.applied + self.merged + self.same + self.conflict;
        self.draft + self.unsent() + settled + self.dead + self.replaced + self.dropped
    }
}

/// Stores operations, in their order, and shows their effect at once.
///
/// # Errors
/// Those of the store.
pub fn add(w: &Writer<'_>, ops: &[NewOp]) -> Result<(), StoreError> {
    for new in ops {
        let state = if new.draft { "draft" } else { "queued" };
        w.0.0
            .prepare_cached(
                "INSERT INTO op (op, record, lane, state, group_id, base_op, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                new.op.op.bytes(),
                new.op.record.bytes(),
                new.lane as i64,
                state,
                new.op.group.as_ref().map(|g| g.id.bytes()),
                new.op.base_op.as_ref().map(OpId::bytes),
                serde_json::to_string(&new.op)?
            ])?;
        records::refresh(w, new.op.record)?;
    }
    Ok(())
}

/// What a new operation on the record is based on.
///
/// # Errors
/// Those of the store.
pub fn base_of(r: &Reader<'_>, record: RecordId) -> Result<Base, StoreError> {
    let last: Option<[u8; 16]> =
        r.0.prepare_cached(
            "SELECT op FROM op WHERE record = ?1 AND state IN ('draft', 'queued', 'sending') ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([record.bytes()], |row| row.get(0))
        .optional()?;
    match last {
        Some(bytes) => Ok(Base {
            rev: None,
            op: Some(OpId::from_slice(&bytes)?),
        }),
        None => Ok(Base {
            rev: records::mirror(r, record)?.map(|m| m.rev),
            op: None,
        }),
    }
}

/// Operations without an answer, of one record, in their order.
///
/// # Errors
/// Those of the store.
pub fn pending_of(r: &Reader<'_>, record: RecordId) -> Result<Vec<Operation>, StoreError> {
    let sql = "SELECT doc FROM op WHERE record = ?1 AND state IN ('draft', 'queued', 'sending', 'dead') ORDER BY seq";
    documents(r, sql, params![record.bytes()])
}

/// Counts the operations by state.
///
/// # Errors
/// Those of the store.
pub fn ledger(r: &Reader<'_>) -> Result<OpCounts, StoreError> {
    let mut counts = OpCounts::default();
    let mut statement = r.0.prepare_cached("SELECT state, count(*) FROM op GROUP BY state")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let state: String = row.get(0)?;
        let n: u64 = row.get(1)?;
        match state.as_str() {
            "draft" => counts.draft = n,
            "queued" => counts.queued = n,
            "sending" => counts.sending = n,
            "applied" => counts.applied = n,
            "merged" => counts.merged = n,
            "same" => counts.same = n,
            "conflict" => counts.conflict = n,
            "dead" => counts.dead = n,
            "replaced" => counts.replaced = n,
            _ => counts.dropped = n,
        }
    }
    Ok(counts)
}

/// Operations to replay on the platform's word: those without an answer, refused ones until the worker has decided, and
/// answered ones whose revision the mirror has not reached yet.
pub(super) fn replayed(r: &Reader<'_>, record: RecordId, mirror_rev: i64) -> Result<Vec<Operation>, StoreError> {
    let sql =
        "SELECT doc FROM op WHERE record = ?1 AND ((resent = 0 AND state IN ('draft', 'queued', 'sending', 'dead'))
               OR ((resent = 1 OR state IN ('applied', 'merged')) AND result_rev > ?2)) ORDER BY seq";
    if planted(Bug::OverlayDroppedAtAck) {
        return pending_of(r, record);
    }
    documents(r, sql, params![record.bytes(), mirror_rev])
}

pub(super) fn open_states(r: &Reader<'_>, record: RecordId) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT state FROM op WHERE record = ?1 AND state IN ('draft', 'queued', 'sending', 'dead')";
    let mut statement = r.0.prepare_cached(sql)?;
    let states = statement.query_map([record.bytes()], |row| row.get(0))?;
    Ok(states.collect::<Result<_, _>>()?)
}

/// Whether an operation of this phone on the record has no answer yet.
pub(super) fn any_open(r: &Reader<'_>, record: RecordId) -> Result<bool, StoreError> {
    Ok(!open_states(r, record)?.is_empty())
}

/// Whether this phone has made the record and the platform took it.
pub(super) fn made_here(r: &Reader<'_>, record: RecordId) -> Result<bool, StoreError> {
    let sql = "SELECT doc FROM op WHERE record = ?1 AND state IN ('applied', 'merged', 'same', 'conflict')";
    let settled = documents(r, sql, [record.bytes()])?;
    Ok(settled.iter().any(|op| matches!(op.action, Action::Create { .. })))
}

pub(super) fn documents(
    r: &Reader<'_>,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Operation>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(document(row)?);
    }
    Ok(found)
}

/// Reads the operation in the first column.
fn document(row: &Row<'_>) -> Result<Operation, StoreError> {
    let text: String = row.get(0)?;
    Ok(serde_json::from_str(&text)?)
}

/// State and document of one operation.
fn get(r: &Reader<'_>, op: OpId) -> Result<(String, Operation), StoreError> {
    let mut statement = r.0.prepare_cached("SELECT doc, state FROM op WHERE op = ?1")?;
    let mut rows = statement.query([op.bytes()])?;
    let row = rows.next()?.ok_or(StoreError::NotFound)?;
    Ok((row.get(1)?, document(row)?))
}

fn set_state(w: &Writer<'_>, op: OpId, state: &str) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE op SET state = ?2 WHERE op = ?1")?
        .execute(params![op.bytes(), state])?;
    Ok(())
}

fn rewrite(w: &Writer<'_>, op: &Operation) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE op SET doc = ?2, group_id = ?3, base_op = ?4 WHERE op = ?1")?
        .execute(params![
            op.op.bytes(),
            serde_json::to_string(op)?,
            op.group.as_ref().map(|g| g.id.bytes()),
            op.base_op.as_ref().map(OpId::bytes)
        ])?;
    Ok(())
}
