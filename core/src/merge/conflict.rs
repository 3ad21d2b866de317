//! The conflict record: what could not be taken, kept for a person to decide.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Context;
use super::settled::settled;
use crate::model::op::{Action, Operation};
use crate::model::record::{Body, Kind, Record};

/// How long a conflict is the worker's own before a supervisor is asked, in milliseconds: a day.
const ESCALATES_MS: i64 = 86_400_000;

/// Makes the conflict record of an operation: every value it wrote and could not place is in it.
pub(super) fn raise(
    what: &str,
    about: &Record,
    op: &Operation,
    fields: BTreeMap<String, Value>,
    ctx: &Context<'_>,
) -> Record {
    let suggested = if what == "field" { "values" } else { "platform" };
    let claim = match &op.action {
        Action::Transition {
            event, from, to, args, ..
        } => json!({"event": event, "from": from, "to": to, "args": args}),
        Action::Withdraw { reason } => json!({"withdraw": reason}),
        _ => Value::Null,
    };
    let body = json!({
        "record": about.id, "record_kind": about.kind, "what": what, "op": op.op, "fields": fields, "claim": claim,
        "actor": ctx.actor, "at": op.at, "raised_at": ctx.now, "platform_state": about.state, "suggested": suggested,
        "platform_rev": about.rev, "choices": choices(about), "owner": ctx.actor,
        "escalates_at": ctx.now.plus(ESCALATES_MS), "status": "OPEN"
    });
    Record {
        id: ctx.conflict_id,
        kind: Kind::of(Kind::CONFLICT),
        grid: about.grid.clone(),
        rev: 1,
        state: String::new(),
        body: body.as_object().cloned().unwrap_or_default(),
        deleted: false,
    }
}

/// How a person may settle it. What is settled is corrected with permission, or followed by another incident; a desk may also
/// reopen it by a step of the automaton.
fn choices(about: &Record) -> &'static [&'static str] {
    match settled(about) {
        Some("closed_while_editing") => &["platform", "correct", "reopen", "follow_up"],
        Some(_) => &["platform", "follow_up"],
        None => &["platform", "phone", "values"],
    }
}

/// All three values of every field an operation wanted, for a conflict about the whole operation.
pub(super) fn all_sides(platform: &Body, op: &Operation) -> BTreeMap<String, Value> {
    let none = Body::new();
    let (base, set) = match &op.action {
        Action::Create { body, .. } => (&none, body),
        Action::Patch { base, set } | Action::Transition { base, set, .. } => (base, set),
        _ => (&none, &none),
    };
    set.iter()
        .map(|(name, phone)| (name.clone(), sides(value(base, name), value(platform, name), phone)))
        .collect()
}

/// The three values of one field.
pub(super) fn sides(base: &Value, platform: &Value, phone: &Value) -> Value {
    json!({"base": base, "platform": platform, "phone": phone})
}

/// A field's value; `null` when it has none.
pub(super) fn value<'a>(body: &'a Body, name: &str) -> &'a Value {
    body.get(name).unwrap_or(&Value::Null)
}
