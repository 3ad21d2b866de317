//! Closing a conflict: an operation like any other, so that two people who resolve apart are handled by the same rules.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::conflict::{raise, sides, value};
use super::settled::settled;
use super::{Context, Outcome, Versioned};
use crate::model::op::{Choice, Operation};
use crate::model::record::{Body, Record};
use crate::wire::push::OpStatus;

/// What a resolution does: to the conflict record, and to the record it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// For the conflict record.
    pub conflict: Outcome,
    /// The record it is about, when it has changed.
    pub target: Option<Versioned>,
}

impl Resolution {
    fn only(conflict: Outcome) -> Self {
        Self { conflict, target: None }
    }
}

/// Decides on a resolution by `op`. A second one that wants what holds already is `same`; one that wants something else raises a
/// conflict of its own, of kind `resolution`, so that the second opinion is shown and not lost.
#[must_use]
pub fn resolve(
    conflict: &Versioned,
    target: Option<&Versioned>,
    op: &Operation,
    choice: &Choice,
    ctx: &Context<'_>,
) -> Resolution {
    let wanted = wanted(&conflict.record.body, choice);
    if conflict.record.body.get("status").and_then(Value::as_str) != Some("OPEN") {
        return Resolution::only(second_opinion(conflict, target, op, choice, ctx));
    }
    let change = match target {
        Some(target) if !target.record.deleted => with_values(target, &wanted),
        _ if !wanted.is_empty() => return Resolution::only(Outcome::rejected("record_ended")),
        _ => None,
    };
    let corrects = change.is_some() && target.is_some_and(|t| settled(&t.record).is_some());
    if corrects && !ctx.may_correct {
        return Resolution::only(Outcome::rejected("correction_not_permitted"));
    }
    Resolution {
        conflict: closed(conflict, &wanted, choice, ctx),
        target: change,
    }
}

/// The values a choice wants to change on the platform.
fn wanted(conflict: &Body, choice: &Choice) -> Body {
    match choice {
        Choice::Platform | Choice::FollowUp { .. } => Body::new(),
        Choice::Values { set } => set.clone(),
        Choice::Phone => side(conflict, "phone"),
    }
}

/// One side of all fields of a conflict.
fn side(conflict: &Body, which: &str) -> Body {
    let fields = conflict.get("fields").and_then(Value::as_object);
    fields
        .into_iter()
        .flatten()
        .map(|(name, sides)| (name.clone(), sides.get(which).cloned().unwrap_or(Value::Null)))
        .collect()
}

/// Somebody else was first: what this resolution wanted is compared with what holds now.
fn second_opinion(
    conflict: &Versioned,
    target: Option<&Versioned>,
    op: &Operation,
    choice: &Choice,
    ctx: &Context<'_>,
) -> Outcome {
    let body = &conflict.record.body;
    let opinion = match choice {
        Choice::Platform => side(body, "platform"),
        Choice::FollowUp { .. } => Body::new(),
        Choice::Phone | Choice::Values { .. } => wanted(body, choice),
    };
    let Some(target) = target.filter(|t| !t.record.deleted) else {
        return if opinion.is_empty() {
            Outcome::same()
        } else {
            Outcome::rejected("record_ended")
        };
    };
    let held = &target.record.body;
    let base = side(body, "platform");
    let open: BTreeMap<String, Value> = opinion
        .iter()
        .filter(|(name, value_wanted)| value(held, name) != *value_wanted)
        .map(|(name, phone)| (name.clone(), sides(value(&base, name), value(held, name), phone)))
        .collect();
    if open.is_empty() {
        return Outcome::same();
    }
    let fields = open.keys().cloned().collect();
    Outcome {
        status: OpStatus::Conflict,
        conflict: Some(raise("resolution", &target.record, op, open, ctx)),
        code: Some("conflict_resolved".to_owned()),
        fields,
        ..Outcome::same()
    }
}

fn closed(conflict: &Versioned, wanted: &Body, choice: &Choice, ctx: &Context<'_>) -> Outcome {
    let mut record = Record {
        rev: conflict.record.rev + 1,
        ..conflict.record.clone()
    };
    record.body.insert("status".into(), json!("RESOLVED"));
    let mut resolution = json!({"set": wanted, "by": ctx.actor, "at": ctx.now});
    if let (Choice::FollowUp { record }, Some(resolution)) = (choice, resolution.as_object_mut()) {
        resolution.insert("follow_up".into(), json!(record));
    }
    record.body.insert("resolution".into(), resolution);
    let after = Versioned {
        record,
        field_rev: conflict.field_rev.clone(),
    };
    Outcome {
        status: OpStatus::Applied,
        after: Some(after),
        ..Outcome::same()
    }
}

fn with_values(target: &Versioned, wanted: &Body) -> Option<Versioned> {
    let different: Body = wanted
        .iter()
        .filter(|(name, v)| value(&target.record.body, name) != *v)
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    if different.is_empty() {
        return None;
    }
    let rev = target.record.rev + 1;
    let mut after = target.clone();
    after.record.rev = rev;
    crate::model::step::set_fields(&mut after.record.body, &different);
    after.field_rev.extend(different.keys().map(|name| (name.clone(), rev)));
    Some(after)
}
