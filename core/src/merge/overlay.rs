//! What a phone shows: the platform's last word with its own operations without an answer replayed on it.

use super::apply;
use crate::model::op::{Action, Operation};
use crate::model::record::{Body, Kind, Record};

/// The state an incident is made in, and the step that makes it (domain dictionary 4.4).
pub(super) const DRAFT: (&str, &str) = ("DRAFT", "T01_SAVE_DRAFT");

/// Replays operations, in their order, on the mirror; `None` when nothing is left to show. An operation that does not fit is
/// passed over: what it wrote is kept by the operation itself.
#[must_use]
pub fn overlay(mirror: Option<&Record>, pending: &[&Operation]) -> Option<Record> {
    let mut shown = mirror.cloned();
    for op in pending {
        match (&op.action, &mut shown) {
            (Action::Create { .. }, None) => shown = created(op),
            (_, Some(record)) => replay(record, op),
            _ => {}
        }
    }
    shown
}

/// The record that a create operation makes, at revision 0.
pub(super) fn created(op: &Operation) -> Option<Record> {
    let Action::Create { grid, body } = &op.action else {
        return None;
    };
    let mut record = Record {
        id: op.record,
        kind: op.kind.clone(),
        grid: Some(grid.clone()),
        rev: 0,
        state: String::new(),
        body: body.clone(),
        deleted: false,
    };
    if op.kind.is(Kind::INCIDENT) {
        let (to, event) = DRAFT;
        apply::step(
            &mut record,
            &apply::Step {
                event,
                to,
                role: "",
                args: &Body::new(),
                at: op.at,
                claimed: None,
            },
        );
    }
    Some(record)
}

fn replay(record: &mut Record, op: &Operation) {
    match &op.action {
        Action::Patch { set, .. } => apply::set_fields(&mut record.body, set),
        Action::Transition {
            event,
            to,
            role,
            args,
            set,
            ..
        } => {
            apply::set_fields(&mut record.body, set);
            apply::step(
                record,
                &apply::Step {
                    event,
                    to,
                    role,
                    args,
                    at: op.at,
                    claimed: None,
                },
            );
        }
        Action::Append { list, item } => {
            apply::append(&mut record.body, list, item);
        }
        Action::Withdraw { .. } => record.deleted = true,
        Action::Resolve { .. } => {
            record.body.insert("status".to_owned(), "RESOLVING".into());
        }
        Action::Create { .. } => {}
    }
}
