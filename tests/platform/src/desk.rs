//! Steps that the platform itself takes, or a desk through it: ordinary operations by the rules that bind everybody, written
//! into the same history.

use fushan_grid_core::model::ids::{OpId, RecordId, StaffId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Body, Record};
use fushan_grid_core::model::time::{Hlc, UtcMillis};
use fushan_grid_core::rules::workflow::Actor;
use sha2::{Digest, Sha256};

use crate::judge::{Judge, Moment};
use crate::operation::{conflict_id, scopes_of};
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
    let actor = Actor {
        staff: act.staff.clone(),
        roles: vec![act.role.clone()],
        grids: current.record.grid.iter().cloned().collect(),
    };
    let rev = current.record.rev;
    let op = operation(judge, act, &current.record, now);
    let moment = Moment {
        actor: &actor,
        now,
        conflict_id: conflict_id(&op),
    };
    let outcome = judge.decide(Some(&current), None, &op, Some(rev), &moment);
    let Some(after) = outcome.after.filter(|_| outcome.conflict.is_none()) else {
        return Ok(Err(outcome.code.unwrap_or_else(|| "illegal_transition".to_owned())));
    };
    tx.put(&after, &scopes_of(&after.record))?;
    tx.history(&op, after.record.rev, &actor.staff, None, now)?;
    Ok(Ok(after.record))
}

/// Its id follows from record, revision and step: one that is taken again after a crash is the same operation.
fn operation(judge: &Judge, act: Act, record: &Record, now: UtcMillis) -> Operation {
    let seed = format!("{}/{}/{:?}", record.id, record.rev, act.event);
    let digest = Sha256::digest(seed);
    let mut random = [0; 10];
    random.iter_mut().zip(digest.iter()).for_each(|(r, d)| *r = *d);
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
        op: OpId::v7(now, random),
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
