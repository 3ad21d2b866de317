//! The platform's decision on one operation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::apply;
use super::conflict::{all_sides, raise};
use super::fields::{self, Merged};
use super::overlay::created;
use super::settled::{redirect_of, settled, withdrawn};
use super::{Context, Outcome, Versioned};
use crate::model::automaton::StepVerdict;
use crate::model::op::{Action, Operation};
use crate::model::record::{Body, Record};
use crate::model::step::{self, Taken, set_fields};
use crate::wire::push::OpStatus;

/// Decides on an operation. `base_rev` is the revision through which its phone had seen the record; when the operation named an
/// earlier one of its phone, what that one had seen, never simply the revision it got. `None` when that is not known: then the
/// values alone decide.
#[must_use]
pub fn decide(current: Option<&Versioned>, op: &Operation, base_rev: Option<i64>, ctx: &Context<'_>) -> Outcome {
    let Some(current) = current else {
        return on_nothing(op, ctx);
    };
    if let Action::Create { body, .. } = &op.action {
        return create_again(current, op, body, ctx);
    }
    if current.record.deleted {
        return on_tombstone(current, op, ctx);
    }
    if let Some(lives_on) = ctx
        .merged_into
        .filter(|t| Some(t.record.id) == redirect_of(&current.record))
    {
        return redirected(lives_on, op, ctx);
    }
    match &op.action {
        Action::Create { .. } => Outcome::rejected("unknown_action"),
        Action::Patch { base, set } => patch(current, op, base_rev, base, set, ctx),
        Action::Append { list, item } => append(current, list, item, ctx),
        Action::Transition { .. } => transition(current, op, base_rev, ctx),
        Action::Withdraw { .. } => withdraw(current, op, base_rev, ctx),
        Action::Resolve { .. } => Outcome::rejected("not_a_conflict"),
    }
}

/// The incident was merged into another one: what was done to it is done to that one. Nothing is known of what the phone had
/// seen there, so that a field counts as moved unless it holds what the phone was based on.
fn redirected(lives_on: &Versioned, op: &Operation, ctx: &Context<'_>) -> Outcome {
    let ctx = Context {
        merged_into: None,
        ..*ctx
    };
    let outcome = decide(Some(lives_on), op, None, &ctx);
    let code = outcome.code.clone().or_else(|| Some("redirected".to_owned()));
    Outcome {
        redirected: Some(lives_on.record.id),
        code,
        ..outcome
    }
}

fn on_nothing(op: &Operation, ctx: &Context<'_>) -> Outcome {
    match created(op, ctx.actor, ctx.effects) {
        Some(record) => {
            let after = Versioned {
                record: Record { rev: 1, ..record },
                field_rev: BTreeMap::new(),
            };
            Outcome {
                status: OpStatus::Applied,
                after: Some(after),
                ..Outcome::same()
            }
        }
        None => Outcome::rejected("unknown_entity"),
    }
}

fn create_again(current: &Versioned, op: &Operation, body: &Body, ctx: &Context<'_>) -> Outcome {
    let held = &current.record.body;
    let equal = !current.record.deleted && body.iter().all(|(name, value)| held.get(name) == Some(value));
    if equal {
        return Outcome::same();
    }
    let what = if current.record.deleted { "deleted" } else { "create" };
    conflict_only(what, current, op, all_sides(held, op), ctx)
}

/// An edit of what has ended is always shown, never silent. A repeated end is the same.
fn on_tombstone(current: &Versioned, op: &Operation, ctx: &Context<'_>) -> Outcome {
    match &op.action {
        Action::Withdraw { .. } => Outcome::same(),
        Action::Append { list, item } => {
            let sides = json!({"base": null, "platform": null, "phone": item});
            conflict_only("deleted", current, op, BTreeMap::from([(list.clone(), sides)]), ctx)
        }
        _ => conflict_only("deleted", current, op, all_sides(&current.record.body, op), ctx),
    }
}

fn patch(
    current: &Versioned,
    op: &Operation,
    base_rev: Option<i64>,
    base: &Body,
    set: &Body,
    ctx: &Context<'_>,
) -> Outcome {
    let record = &current.record;
    let changes_nothing = set.iter().all(|(n, v)| record.body.get(n).unwrap_or(&Value::Null) == v);
    if changes_nothing {
        return Outcome::same();
    }
    if let Some(what) = settled(record) {
        return conflict_only(what, current, op, all_sides(&record.body, op), ctx);
    }
    let merged = merge_fields(current, base_rev, base, set, ctx);
    finish(current, op, merged, None, ctx)
}

/// What was seen in the field is never refused, also on a settled incident.
fn append(current: &Versioned, list: &str, item: &Value, ctx: &Context<'_>) -> Outcome {
    let mut record = current.record.clone();
    if !apply::append(&mut record.body, list, item) {
        return Outcome::same();
    }
    let late = settled(&current.record).is_some();
    if late {
        record.body.insert("late_evidence_at".to_owned(), json!(ctx.now));
    }
    let mut outcome = changed(current, record, vec![list.to_owned()], OpStatus::Applied);
    outcome.code = late.then(|| "late_evidence".to_owned());
    outcome
}

fn transition(current: &Versioned, op: &Operation, base_rev: Option<i64>, ctx: &Context<'_>) -> Outcome {
    let Action::Transition {
        event,
        from,
        role,
        args,
        base,
        set,
        ..
    } = &op.action
    else {
        return Outcome::rejected("unknown_action");
    };
    let record = &current.record;
    let claim = |what: &str| conflict_only(what, current, op, all_sides(&record.body, op), ctx);
    if withdrawn(record) && event != "T05_WITHDRAW" {
        return claim("withdrawn");
    }
    let moved_on = *from != record.state;
    let (to, by) = match (ctx.judge)(record, &op.action) {
        StepVerdict::Legal { to } => (to, event.clone()),
        StepVerdict::Rebased { to, by } => (to, by),
        StepVerdict::AlreadyThere if other_outcome(&record.body, set) => return claim("double_close"),
        StepVerdict::AlreadyThere => return Outcome::same(),
        StepVerdict::DoubleClose => return claim("double_close"),
        StepVerdict::Noted { notice } => return noted(current, op, &notice, ctx),
        StepVerdict::Illegal => return claim("illegal_transition"),
        StepVerdict::Forbidden { rule } => return Outcome::rejected(&rule),
    };
    let merged = merge_fields(current, base_rev, base, set, ctx);
    let step = Taken {
        event: &by,
        to: &to,
        role,
        actor: ctx.actor,
        args,
        at: ctx.now,
    };
    let claimed = moved_on.then_some((event.as_str(), from.as_str()));
    let mut outcome = finish(current, op, merged, Some((&step, claimed)), ctx);
    if moved_on && outcome.status == OpStatus::Applied {
        outcome.status = OpStatus::Merged;
        outcome.code = Some("rebased".to_owned());
    }
    outcome
}

/// There is nothing left to take, but what was typed is kept: the step becomes a note of the record, once.
fn noted(current: &Versioned, op: &Operation, notice: &str, ctx: &Context<'_>) -> Outcome {
    let Action::Transition {
        event, role, args, set, ..
    } = &op.action
    else {
        return Outcome::rejected("unknown_action");
    };
    let code = Some(notice.to_owned());
    if args.is_empty() && set.is_empty() && op.evidence.is_empty() {
        return Outcome {
            code,
            ..Outcome::same()
        };
    }
    let note = json!({
        "id": op.op, "event": event, "role": role, "actor": ctx.actor, "at": ctx.now, "text": args.get("note"),
        "args": args, "set": set, "notice": notice
    });
    Outcome {
        code,
        status: OpStatus::Merged,
        ..append(current, "notes", &note, ctx)
    }
}

/// Whether the step wanted other values than the record holds in the state it is in already. Stamps of the phones' clocks
/// differ always and make no other outcome; the operation keeps them.
fn other_outcome(held: &Body, set: &Body) -> bool {
    set.iter()
        .filter(|(name, _)| !name.ends_with("_at"))
        .any(|(name, value)| held.get(name).unwrap_or(&Value::Null) != value)
}

fn withdraw(current: &Versioned, op: &Operation, base_rev: Option<i64>, ctx: &Context<'_>) -> Outcome {
    if current.record.kind.is(crate::model::record::Kind::INCIDENT) {
        return Outcome::rejected("use_a_transition");
    }
    if current.record.rev > base_rev.unwrap_or(0) {
        return conflict_only("deleted", current, op, BTreeMap::new(), ctx);
    }
    let ended = Record {
        deleted: true,
        body: Body::new(),
        ..current.record.clone()
    };
    changed(current, ended, Vec::new(), OpStatus::Applied)
}

fn merge_fields(current: &Versioned, base_rev: Option<i64>, base: &Body, set: &Body, ctx: &Context<'_>) -> Merged {
    let moved = |name: &str| match base_rev {
        Some(rev) => current.field_rev.get(name).is_some_and(|at| *at > rev),
        None => true,
    };
    let policy = |name: &str| (ctx.policy)(&current.record.kind.0, name);
    fields::merge(&current.record.body, &moved, base, set, &policy)
}

/// Applies what merged; a conflict record keeps what did not.
fn finish(
    current: &Versioned,
    op: &Operation,
    merged: Merged,
    step: Option<(&Taken<'_>, Option<(&str, &str)>)>,
    ctx: &Context<'_>,
) -> Outcome {
    let mut record = current.record.clone();
    set_fields(&mut record.body, &merged.set);
    let mut touched: Vec<String> = merged.set.keys().cloned().collect();
    if let Some((step, claimed)) = step {
        touched.extend(step::take(&mut record, step, claimed, ctx.effects));
    }
    let conflict = (!merged.conflicts.is_empty()).then(|| raise("field", &record, op, merged.conflicts.clone(), ctx));
    let status = match (&conflict, merged.joined) {
        (Some(_), _) => OpStatus::Conflict,
        (None, true) => OpStatus::Merged,
        (None, false) => OpStatus::Applied,
    };
    let nothing_new = touched.is_empty() && step.is_none();
    if step.is_some() {
        touched.push("history".to_owned());
    }
    let mut outcome = changed(current, record, touched, status);
    if nothing_new {
        outcome.after = None;
        if conflict.is_none() {
            outcome.status = OpStatus::Same;
        }
    }
    outcome.fields = merged.conflicts.keys().cloned().collect();
    outcome.conflict = conflict;
    outcome
}

/// The record at its next revision.
fn changed(current: &Versioned, record: Record, touched: Vec<String>, status: OpStatus) -> Outcome {
    let rev = current.record.rev + 1;
    let mut field_rev = current.field_rev.clone();
    field_rev.extend(touched.into_iter().map(|name| (name, rev)));
    let after = Versioned {
        record: Record { rev, ..record },
        field_rev,
    };
    Outcome {
        status,
        after: Some(after),
        ..Outcome::same()
    }
}

fn conflict_only(
    what: &str,
    current: &Versioned,
    op: &Operation,
    sides: BTreeMap<String, Value>,
    ctx: &Context<'_>,
) -> Outcome {
    let fields = sides.keys().cloned().collect();
    let conflict = raise(what, &current.record, op, sides, ctx);
    Outcome {
        status: OpStatus::Conflict,
        conflict: Some(conflict),
        code: Some(what.to_owned()),
        fields,
        ..Outcome::same()
    }
}
