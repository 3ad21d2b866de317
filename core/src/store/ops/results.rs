//! The platform's answers, per operation and only for those it named, in one transaction with the mirror.

use rusqlite::params;

use super::super::conn::Writer;
use super::super::error::StoreError;
use super::super::{pull, records, warnings};
use super::get;
use crate::model::ids::OpId;
use crate::model::record::Record;
use crate::planted::{Bug, planted};
use crate::wire::push::{OpResult, OpStatus};

/// What the answers of one push came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Taken, one way or another.
    pub taken: u32,
    /// Taken in part; a conflict record holds the rest.
    pub conflicts: u32,
    /// Refused.
    pub refused: u32,
    /// Not looked at yet.
    pub held: u32,
    /// Answers to operations that were not waiting for one: a repeat, or none of ours.
    pub ignored: u32,
}

/// Takes the platform's answers. An answer to an operation that does not wait for one changes nothing.
///
/// # Errors
/// Those of the store.
pub fn apply_results(w: &Writer<'_>, results: &[OpResult]) -> Result<Settled, StoreError> {
    let mut settled = Settled::default();
    for result in results {
        let op = match get(w, result.op) {
            Ok((state, op)) if state == "sending" => op,
            Ok(_) | Err(StoreError::NotFound) => {
                settled.ignored += 1;
                continue;
            }
            Err(other) => return Err(other),
        };
        let state = match result.status {
            OpStatus::Applied => "applied",
            OpStatus::Merged => "merged",
            OpStatus::Same => "same",
            OpStatus::Conflict => "conflict",
            OpStatus::Rejected => "dead",
            OpStatus::Held => {
                settled.held += 1;
                continue;
            }
        };
        match result.status {
            OpStatus::Rejected => settled.refused += 1,
            OpStatus::Conflict => settled.conflicts += 1,
            _ => settled.taken += 1,
        }
        settle(w, result.op, state, result)?;
        // sent again after the platform's data went back, about a record that has left this phone since: what the platform still
        // has in our scopes comes with the pull
        if records::row_of(w, op.record)?.is_none() {
            continue;
        }
        // a reply about another record than the operation's is not believed
        let believed = |r: &&Record| r.id == op.record && !planted(Bug::OverlayDroppedAtAck);
        if let Some(record) = result.record.as_ref().filter(believed) {
            records::adopt(w, record, records::Word::Later)?;
        }
        records::refresh(w, op.record)?;
        pull::release_left(w, op.record)?;
    }
    Ok(settled)
}

fn settle(w: &Writer<'_>, op: OpId, state: &str, result: &OpResult) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "UPDATE op SET state = ?2, result_rev = ?3, conflict = ?4, code = ?5, fields = ?6, attempts = 0, resent = 0
             WHERE op = ?1",
        )?
        .execute(params![
            op.bytes(),
            state,
            result.rev,
            result.conflict.as_ref().map(|c| c.bytes()),
            result.code,
            serde_json::to_string(&result.fields)?
        ])?;
    warnings::forget(w, op)
}
