//! The conflict record: what could not be taken, kept for a person to decide.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Context;
use crate::model::op::{Action, Operation};
use crate::model::record::{Body, Kind, Record};

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
        "status": "OPEN"
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

/// All three values of every field an operation wanted, for a conflict about the whole operation.
pub(super) fn all_sides(platform: &Body, op: &Operation) -> BTreeMap<String, Value> {
    let none = Body::new();
    let (base, set) = match &op.action {
        Action::Create { body, .. } => (&none, body),
        Action::Patch { base, set } | Action::Transition { base, set, .. } => (base, set),
        _ => (&none, &none),
    };
    set.iter()
        .map(|(name, phone)| {
            let side = |body: &Body| body.get(name).cloned().unwrap_or(Value::Null);
            (
                name.clone(),
                json!({"base": side(base), "platform": side(platform), "phone": phone}),
            )
        })
        .collect()
}
