//! Steps that the platform itself takes, or a desk through it: ordinary operations by the rules that bind everybody, written
//! into the same history.

use fushan_grid_core::model::ids::{OpId, RecordId, StaffId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Body, Record};
use fushan_grid_core::model::time::{Hlc, UtcMillis};
use fushan_grid_core::rules::organisation::{self, Barred};
use fushan_grid_core::rules::validate::china_day;
use fushan_grid_core::rules::workflow::Actor;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::around::Around;
use crate::judge::{Judge, Moment};
use crate::operation::{conflict_id, scopes_of};
use crate::organisation::Rights;
use crate::store::{Stored, Tx};

/// The actor of steps that nobody takes: rules and timers.
pub(crate) const SYSTEM: &str = "SYSTEM";

/// A step to take.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    pub(crate) record: RecordId,
    /// Id of the transition; without one fields are set.
    pub(crate) event: Option<String>,
    pub(crate) role: String,
    pub(crate) staff: StaffId,
    pub(crate) args: Body,
    pub(crate) set: Body,
}

impl Act {
    /// A step without arguments.
    pub(crate) fn of(record: RecordId, event: &str, role: &str, staff: StaffId) -> Self {
        Self {
            record,
            event: Some(event.to_owned()),
            role: role.to_owned(),
            staff,
            args: Body::new(),
            set: Body::new(),
        }
    }

    /// A step of the rule engine or a timer.
    pub(crate) fn by_system(record: RecordId, event: &str) -> Self {
        Self::of(record, event, SYSTEM, StaffId(SYSTEM.to_owned()))
    }
}

/// Takes a step, or tells by its code which rule forbids it; then nothing has changed.
pub(crate) fn take(tx: &mut Tx<'_>, judge: &Judge, act: Act, now: UtcMillis) -> Stored<Result<Record, String>> {
    let Some(current) = tx.record(act.record)? else {
        return Ok(Err("not_found".to_owned()));
    };
    let actor = match actor(tx, judge, &act, &current.record, now)? {
        Ok(actor) => actor,
        Err(rule) => return Ok(Err(rule.to_owned())),
    };
    let rev = current.record.rev;
    let op = operation(judge, act, &current.record, now);
    let around = Around::of(tx, &op, Some(&current.record))?;
    let moment = Moment {
        actor: &actor,
        now,
        conflict_id: conflict_id(&op),
        around: &around,
    };
    let outcome = judge.decide(Some(&current), None, &op, Some(rev), &moment);
    let noted = outcome.code.as_deref().is_some_and(|code| code.starts_with("noted_"));
    let master = around.takes_in(&op, &outcome);
    let Some(after) = outcome.after.filter(|_| outcome.conflict.is_none() && !noted) else {
        return Ok(Err(outcome.code.unwrap_or_else(|| "illegal_transition".to_owned())));
    };
    tx.put(&after, &scopes_of(&after.record))?;
    if let Some(master) = master {
        tx.put(&master, &scopes_of(&master.record))?;
    }
    tx.history(&op, after.record.rev, &actor.staff, None, now)?;
    Ok(Ok(after.record))
}

/// Who acts. Somebody whom the platform knows acts in a role that they hold, for the organisations they work for; a timer, a channel,
/// a citizen or a desk of the district's own system is known by the door they came through, and works there for whoever has the case.
fn actor(
    tx: &mut Tx<'_>,
    judge: &Judge,
    act: &Act,
    record: &Record,
    now: UtcMillis,
) -> Stored<Result<Actor, &'static str>> {
    let known = tx.staff(&act.staff)?.map(|(known, _)| known);
    if known.as_ref().is_some_and(|known| !known.roles.contains(&act.role)) {
        return Ok(Err("role"));
    }
    if known.is_some() && untrained(tx, judge, act, record, now)? {
        return Ok(Err("training_missing"));
    }
    let handling = act.event.as_deref().and_then(|event| event.get(..3));
    let handling = matches!(handling, Some("T17" | "T18" | "T19" | "T20" | "T24"));
    let handler = record.body.get("handler_org").and_then(Value::as_str);
    let through_the_door = || handler.filter(|_| handling).map(str::to_owned).into_iter().collect();
    Ok(Ok(Actor {
        staff: act.staff.clone(),
        roles: vec![act.role.clone()],
        grids: record.grid.iter().cloned().collect(),
        orgs: known.map_or_else(through_the_door, |known| known.orgs),
    }))
}

/// Whether a course is missing for a step, today.
fn untrained(tx: &mut Tx<'_>, judge: &Judge, act: &Act, record: &Record, now: UtcMillis) -> Stored<bool> {
    let about = organisation::Act {
        step: act.event.as_deref().unwrap_or_default(),
        category: record.body.get("category").and_then(Value::as_str).unwrap_or_default(),
    };
    let rights = Rights::of(tx, &act.staff)?;
    let barred = rights.and_then(|rights| rights.may(&act.role, about, china_day(now), &judge.roles).err());
    Ok(matches!(barred, Some(Barred::Untrained { .. })))
}

/// Its id follows from record, revision and step: one that is taken again after a crash is the same operation.
fn operation(judge: &Judge, act: Act, record: &Record, now: UtcMillis) -> Operation {
    let seed = format!("{}/{}/{:?}", record.id, record.rev, act.event);
    let values = |set: &Body| -> Body {
        set.keys()
            .filter_map(|name| Some((name.clone(), record.body.get(name)?.clone())))
            .collect()
    };
    let base = values(&act.set);
    let action = match act.event {
        None => Action::Patch { base, set: act.set },
        Some(event) => {
            let to = judge
                .workflow
                .transition(&event)
                .and_then(|t| judge.workflow.target(t, &record.state))
                .unwrap_or_default();
            Action::Transition {
                event,
                from: record.state.clone(),
                to,
                role: act.role,
                args: act.args,
                base,
                set: act.set,
            }
        }
    };
    Operation {
        op: OpId::of_digest(now, &Sha256::digest(seed)),
        kind: record.kind.clone(),
        record: record.id,
        action,
        base_rev: Some(record.rev),
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc::default().tick(now),
        at: now,
        schema: judge.schema.schema,
    }
}
