//! What the platform reads off an operation or a record: rights, scopes, the digest of what was sent.

use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::record::{Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::workflow::hands_of;
use fushan_grid_core::wire::push::{OpResult, OpStatus};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Roles that look but never write (domain dictionary 2.5).
const READERS: [&str; 2] = ["AUDITOR", "OPERATOR_HR"];

/// Whether somebody may write at all. Which step of an incident is whose, the automaton says.
pub(crate) fn may_write(roles: &[String]) -> bool {
    roles.iter().any(|role| !READERS.contains(&role.as_str()))
}

/// The scopes a record belongs to. Only the platform knows this.
pub(crate) fn scopes_of(record: &Record) -> Vec<Scope> {
    let text = |name: &str| record.body.get(name).and_then(Value::as_str);
    let desk_only = record.kind.is(Kind::INCIDENT) || (record.kind.is(Kind::PACK) && text("name") == Some("channels"));
    let mut scopes = match &record.grid {
        Some(grid) => vec![Scope::grid(grid)],
        // what only desks see: no phone is ever granted this
        None if desk_only => vec![Scope("desk:district".to_owned())],
        None => vec![Scope::district()],
    };
    // a conflict follows whoever wrote the other side of it
    let actor = record.body.get("actor").and_then(Value::as_str);
    if let Some(actor) = actor.filter(|_| record.kind.is(Kind::CONFLICT)) {
        scopes.push(Scope::user(&StaffId(actor.to_owned())));
    }
    // a call lies before whoever was called, and nothing else of the incident does
    if record.kind.is(Kind::MOBILISATION) {
        let called = record
            .body
            .get("called")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let called = called.filter_map(|call| call.get("staff").and_then(Value::as_str));
        scopes.extend(called.map(|id| Scope::user(&StaffId(id.to_owned()))));
        scopes.sort();
        scopes.dedup();
    }
    // a case lies before whoever has it in hand, also where they hold no grid
    if record.kind.is(Kind::INCIDENT) && !record.deleted {
        let (orgs, people) = hands_of(record);
        scopes.extend(orgs.into_iter().map(Scope::org));
        scopes.extend(people.into_iter().map(|id| Scope::user(&StaffId(id.to_owned()))));
        scopes.sort();
        scopes.dedup();
    }
    scopes
}

pub(crate) fn target_of(conflict: &Record) -> Option<RecordId> {
    conflict.body.get("record").and_then(Value::as_str)?.parse().ok()
}

/// A conflict's id follows from the operation, so that a repeat raises the same one.
pub(crate) fn conflict_id(op: &Operation) -> RecordId {
    let millis = op.op.0.get_timestamp().map_or(0, |t| {
        let (seconds, nanos) = t.to_unix();
        i64::try_from(seconds * 1000 + u64::from(nanos) / 1_000_000).unwrap_or(0)
    });
    RecordId::of_digest(UtcMillis(millis), &Sha256::digest(op.op.bytes()))
}

pub(crate) fn written(op: &Operation) -> Vec<u8> {
    serde_json::to_vec(op).unwrap_or_default()
}

pub(crate) fn digest(op: &Operation) -> [u8; 32] {
    Sha256::digest(written(op)).into()
}

pub(crate) fn rejected(op: &Operation, code: &str, fields: Vec<String>) -> OpResult {
    OpResult {
        op: op.op,
        status: OpStatus::Rejected,
        rev: None,
        record: None,
        conflict: None,
        code: Some(code.to_owned()),
        fields,
        redirected: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_only_looks_changes_nothing() {
        let may = |roles: &[&str]| may_write(&roles.iter().map(|r| (*r).to_owned()).collect::<Vec<_>>());
        assert!(may(&["GRID_STAFF"]) && may(&["AUDITOR", "GRID_LEADER"]));
        assert!(!may(&["AUDITOR"]) && !may(&["AUDITOR", "OPERATOR_HR"]) && !may(&[]));
    }
}
