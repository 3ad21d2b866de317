//! Refused operations: shown with their reason until the worker edits and queues them again, or drops them.

use rusqlite::params;
use serde::Serialize;

use super::super::conn::{Reader, Writer};
use super::super::error::StoreError;
use super::super::{pull, records};
use super::{Base, NewOp, add, base_of, document, get, rewrite, set_state};
use crate::model::ids::{GroupId, OpId};
use crate::model::op::{Action, Group, Lane, Operation};
use crate::model::record::Body;

/// A refused operation with the platform's reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadLetter {
    /// The operation, as it was sent.
    pub op: Operation,
    /// The platform's code.
    pub code: String,
    /// Fields the reason is about.
    pub fields: Vec<String>,
}

/// Refused operations in the order of making, at most 200.
///
/// # Errors
/// Those of the store.
pub fn dead_letters(r: &Reader<'_>) -> Result<Vec<DeadLetter>, StoreError> {
    let sql = "SELECT doc, coalesce(code, ''), fields FROM op WHERE state = 'dead' ORDER BY seq LIMIT 200";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let fields: String = row.get(2)?;
        found.push(DeadLetter {
            op: document(row)?,
            code: row.get(1)?,
            fields: serde_json::from_str(&fields)?,
        });
    }
    Ok(found)
}

/// Queues a refused operation again under a fresh id, with fields edited. The refused one stays in the books as replaced; later
/// operations that stood on it stand on the new one. What was refused with it because it belonged to the same group goes again
/// with it, as a group of its own: all or nothing is what the group was made for. Tells how many were queued.
///
/// # Errors
/// [`StoreError::WrongState`] when the operation was not refused.
pub fn requeue(
    w: &Writer<'_>,
    refused: OpId,
    fresh: &mut dyn FnMut() -> OpId,
    edited: Body,
) -> Result<u32, StoreError> {
    let (state, op) = get(w, refused)?;
    if state != "dead" {
        return Err(StoreError::WrongState);
    }
    let members = match op.group {
        Some(group) => refused_of(w, group.id)?,
        None => vec![refused],
    };
    let of = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let group = (of > 1).then(|| GroupId(fresh().0));
    let mut edited = Some(edited);
    for (index, member) in (0..).zip(members) {
        let again = Again {
            fresh: fresh(),
            group: group.map(|id| Group { id, index, of }),
            edited: edited.take_if(|_| member == refused).unwrap_or_default(),
        };
        again.queue(w, member)?;
    }
    Ok(of)
}

/// Refused operations of a group, in the order of making.
fn refused_of(r: &Reader<'_>, group: GroupId) -> Result<Vec<OpId>, StoreError> {
    let sql = "SELECT op FROM op WHERE group_id = ?1 AND state = 'dead' ORDER BY seq";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([group.bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(OpId::from_slice(&row.get::<_, [u8; 16]>(0)?)?);
    }
    Ok(found)
}

/// A refused operation's second life.
struct Again {
    fresh: OpId,
    group: Option<Group>,
    edited: Body,
}

impl Again {
    fn queue(self, w: &Writer<'_>, refused: OpId) -> Result<(), StoreError> {
        let (_, mut op) = get(w, refused)?;
        let (seq, lane): (i64, i64) =
            w.0.0
                .query_row("SELECT seq, lane FROM op WHERE op = ?1", [refused.bytes()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
        set_state(w, refused, "replaced")?;
        op.op = self.fresh;
        op.group = self.group;
        match &mut op.action {
            Action::Create { body, .. } => body.extend(self.edited),
            Action::Patch { set, .. } | Action::Transition { set, .. } => set.extend(self.edited),
            Action::Append { .. } | Action::Withdraw { .. } | Action::Resolve { .. } => {}
        }
        let record = op.record;
        let new = NewOp {
            op,
            lane: lane_of(lane),
            draft: false,
        };
        add(w, &[new])?;
        // it takes the place of the refused one, before everything that was made after it
        w.0.0.execute(
            "UPDATE op SET seq = (SELECT min(min(seq), 0) - 1 FROM op) WHERE op = ?1",
            [refused.bytes()],
        )?;
        w.0.0
            .execute("UPDATE op SET seq = ?2 WHERE op = ?1", params![self.fresh.bytes(), seq])?;
        let base = Base {
            rev: None,
            op: Some(self.fresh),
        };
        stand_on(w, refused, base)?;
        records::refresh(w, record)
    }
}

/// Drops a refused operation because the worker said so. Without the operation that makes a record, those on it cannot stand:
/// they are dropped with it. Tells how many were dropped.
///
/// # Errors
/// [`StoreError::WrongState`] when the operation was not refused.
pub fn drop_dead(w: &Writer<'_>, refused: OpId) -> Result<u32, StoreError> {
    let (state, op) = get(w, refused)?;
    if state != "dead" {
        return Err(StoreError::WrongState);
    }
    set_state(w, refused, "dropped")?;
    let mut dropped = 1;
    if matches!(op.action, Action::Create { .. }) && records::mirror(w, op.record)?.is_none() {
        let others = w.0.0.execute(
            "UPDATE op SET state = 'dropped' WHERE record = ?1 AND state IN ('draft', 'queued', 'sending', 'dead')",
            [op.record.bytes()],
        )?;
        dropped += u32::try_from(others).unwrap_or(u32::MAX);
    } else {
        let base = match (op.base_rev, op.base_op) {
            (None, None) => base_of(w, op.record)?,
            (rev, op) => Base { rev, op },
        };
        stand_on(w, refused, base)?;
    }
    records::refresh(w, op.record)?;
    pull::release_left(w, op.record)?;
    Ok(dropped)
}

/// Gives the operations that stood on `old` another base.
fn stand_on(w: &Writer<'_>, old: OpId, base: Base) -> Result<(), StoreError> {
    let sql = "SELECT doc FROM op WHERE base_op = ?1 AND state IN ('draft', 'queued', 'sending', 'dead')";
    for mut op in super::documents(w, sql, [old.bytes()])? {
        op.base_op = base.op;
        op.base_rev = base.rev;
        rewrite(w, &op)?;
    }
    Ok(())
}

fn lane_of(number: i64) -> Lane {
    match number {
        0 => Lane::P0,
        1 => Lane::P1,
        2 => Lane::P2,
        3 => Lane::P3,
        _ => Lane::P4,
    }
}
