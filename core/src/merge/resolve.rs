//! Closing a conflict: an operation like any other, so that two people who resolve apart are handled by the same rules.

use serde_json::{Value, json};

use super::{Context, Outcome, Versioned, apply};
use crate::model::op::Choice;
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

/// Decides on a resolution. A second one with the same result is `same`; with another one it is refused as
/// `conflict_resolved`, and the phone keeps it as a dead letter with what it wanted.
#[must_use]
pub fn resolve(conflict: &Versioned, target: Option<&Versioned>, choice: &Choice, ctx: &Context<'_>) -> Resolution {
    let body = &conflict.record.body;
    let wanted = values(body, choice);
    if body.get("status").and_then(Value::as_str) != Some("OPEN") {
        let equal = body.get("resolution").and_then(|r| r.get("set")) == Some(&json!(wanted));
        let outcome = if equal {
            Outcome::same()
        } else {
            Outcome::rejected("conflict_resolved")
        };
        return Resolution {
            conflict: outcome,
            target: None,
        };
    }
    let target = match target {
        Some(target) if !target.record.deleted => target,
        Some(_) | None if !wanted.is_empty() => {
            return Resolution {
                conflict: Outcome::rejected("record_ended"),
                target: None,
            };
        }
        _ => {
            return Resolution {
                conflict: closed(conflict, &wanted, ctx),
                target: None,
            };
        }
    };
    Resolution {
        conflict: closed(conflict, &wanted, ctx),
        target: with_values(target, &wanted),
    }
}

/// The values a choice wants to hold afterwards.
fn values(conflict: &Body, choice: &Choice) -> Body {
    let fields = conflict.get("fields").and_then(Value::as_object);
    match choice {
        Choice::Platform => Body::new(),
        Choice::Values { set } => set.clone(),
        Choice::Phone => fields
            .into_iter()
            .flatten()
            .map(|(name, sides)| (name.clone(), sides.get("phone").cloned().unwrap_or(Value::Null)))
            .collect(),
    }
}

fn closed(conflict: &Versioned, wanted: &Body, ctx: &Context<'_>) -> Outcome {
    let mut record = Record {
        rev: conflict.record.rev + 1,
        ..conflict.record.clone()
    };
    record.body.insert("status".into(), json!("RESOLVED"));
    record.body.insert(
        "resolution".into(),
        json!({"set": wanted, "by": ctx.actor, "at": ctx.now}),
    );
    let after = Versioned {
        record,
        field_rev: conflict.field_rev.clone(),
    };
    Outcome {
        status: OpStatus::Applied,
        after: Some(after),
        conflict: None,
        code: None,
        fields: Vec::new(),
    }
}

fn with_values(target: &Versioned, wanted: &Body) -> Option<Versioned> {
    let held = |name: &String| target.record.body.get(name).unwrap_or(&Value::Null);
    let different: Body = wanted
        .iter()
        .filter(|(n, v)| held(n) != *v)
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    if different.is_empty() {
        return None;
    }
    let rev = target.record.rev + 1;
    let mut after = target.clone();
    after.record.rev = rev;
    apply::set_fields(&mut after.record.body, &different);
    after.field_rev.extend(different.keys().map(|name| (name.clone(), rev)));
    Some(after)
}
