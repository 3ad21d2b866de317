//! What a phone shows: the platform's last word with its own operations without an answer replayed on it.

use super::apply;
use crate::model::ids::StaffId;
use crate::model::op::{Action, Operation};
use crate::model::record::{Body, Kind, Record};
use crate::model::step::{self, Effects, Taken, set_fields};

/// The state an incident is made in, and the step that makes it (domain dictionary 4.4).
pub(super) const DRAFT: (&str, &str) = ("DRAFT", "T01_SAVE_DRAFT");

/// Whose operations they are, and what steps do besides changing the state.
#[derive(Clone, Copy)]
pub struct Hand<'a> {
    /// Who works with this phone.
    pub actor: &'a StaffId,
    /// Effects of steps.
    pub effects: &'a Effects<'a>,
}

/// Replays operations, in their order, on the mirror; `None` when nothing is left to show. An operation that does not fit is
/// passed over: what it wrote is kept by the operation itself.
#[must_use]
pub fn overlay(mirror: Option<&Record>, pending: &[&Operation], hand: &Hand<'_>) -> Option<Record> {
    let mut shown = mirror.cloned();
    for op in pending {
        match (&op.action, &mut shown) {
            (Action::Create { .. }, None) => shown = created(op, hand.actor, hand.effects),
            (_, Some(record)) => replay(record, op, hand),
            _ => {}
        }
    }
    shown
}

/// The record that a create operation makes, at revision 0.
pub(super) fn created(op: &Operation, actor: &StaffId, effects: &Effects<'_>) -> Option<Record> {
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
        let taken = Taken {
            event,
            to,
            role: "",
            actor,
            args: &Body::new(),
            at: op.at,
        };
        step::take(&mut record, &taken, None, effects);
    }
    Some(record)
}

fn replay(record: &mut Record, op: &Operation, hand: &Hand<'_>) {
    match &op.action {
        Action::Patch { set, .. } => set_fields(&mut record.body, set),
        Action::Transition {
            event,
            to,
            role,
            args,
            set,
            ..
        } => {
            set_fields(&mut record.body, set);
            let taken = Taken {
                event,
                to,
                role,
                actor: hand.actor,
                args,
                at: op.at,
            };
            step::take(record, &taken, None, hand.effects);
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
