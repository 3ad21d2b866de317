//! All open work of one person goes to another in one transaction: every case by a step of the workflow where there is one, by a
//! line in its history where there is none; or nothing does.

use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::org::RoleBook;
use fushan_grid_core::model::record::{Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::organisation::{self, HandOverError, Move};
use fushan_grid_core::rules::validate::china_day;
use fushan_grid_core::rules::workflow::Actor;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::rights::Rights;
use super::rule;
use crate::Platform;
use crate::desk::{self, Act};
use crate::judge::Judge;
use crate::store::{self, StoreError, Stored, Tx};

/// The actor of a hand-over in histories; the arguments name the administrator.
const ORGANISATION: &str = "ORGANISATION";
/// Longest reason, in characters.
const REASON_CHARS: usize = 200;
/// Longest id of a hand-over, in bytes.
const ID_BYTES: usize = 64;

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// Chosen by whoever asks; the same one again gets the same answer.
    pub(crate) id: String,
    pub(crate) from: StaffId,
    pub(crate) to: StaffId,
    pub(crate) reason: String,
}

/// Hands everything over, or tells the rule that forbids it; then nothing has changed.
pub(crate) fn hand_over(platform: &Platform, asked: &HandOver, by: &str) -> Stored<Result<Value, Fault>> {
    let mut refused = None;
    let done = store::write(&*platform.store, |tx| {
        match all_at_once(tx, &platform.judge, asked, by, platform.now())? {
            Ok(answer) => Ok(answer),
            Err(fault) => {
                refused = Some(fault);
                // steps taken before the one that is forbidden go back with it
                Err(StoreError::Undone)
            }
        }
    });
    match (done, refused) {
        (Err(StoreError::Undone), Some(fault)) => Ok(Err(fault)),
        (done, _) => done.map(Ok),
    }
}

fn all_at_once(
    tx: &mut Tx<'_>,
    judge: &Judge,
    asked: &HandOver,
    by: &str,
    now: UtcMillis,
) -> Stored<Result<Value, Fault>> {
    let hash: [u8; 32] = Sha256::digest(serde_json::to_vec(asked)?).into();
    if let Some((before, answer)) = tx.handed(&asked.id)? {
        return Ok(match before == hash {
            true => Ok(serde_json::from_str(&answer)?),
            false => Err(Fault::of("hand_over_conflict")),
        });
    }
    if let Err(fault) = sound(asked) {
        return Ok(Err(fault));
    }
    if tx.staff(&asked.from)?.is_none() {
        return Ok(Err(Fault::of("staff_unknown")));
    }
    let Some(to) = taker(tx, &asked.to, &judge.roles, now)? else {
        return Ok(Err(Fault::of("staff_unknown")));
    };
    let open = work_of(tx, &asked.from)?;
    let moves = match organisation::hand_over(&open, &asked.from, &to) {
        Ok(moves) => moves,
        Err(error) => return Ok(Err(refusal(&error))),
    };
    let mut told = Vec::with_capacity(moves.len());
    for one in &moves {
        let record = open.iter().find(|record| record.id == one.record);
        let Some(record) = record else { continue };
        match step(tx, judge, record, one, asked, by, now)? {
            Ok(event) => told.push(json!({"record": one.record, "step": event})),
            Err(code) => return Ok(Err(forbidden(one.record, &code))),
        }
    }
    let answer = json!({"id": asked.id, "from": asked.from, "to": asked.to, "moved": told});
    tx.put_handed(&asked.id, &hash, &answer.to_string(), now)?;
    Ok(Ok(answer))
}

fn sound(asked: &HandOver) -> Result<(), Fault> {
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS {
        return Err(Fault::of("reason_missing"));
    }
    match (1..=ID_BYTES).contains(&asked.id.len()) {
        true => Ok(()),
        false => Err(Fault::of("hand_over_id")),
    }
}

/// Names the first case in the way.
fn refusal(error: &HandOverError) -> Fault {
    let fault = rule(error);
    match error {
        HandOverError::Duties(records) | HandOverError::Standing(records) => match records.first() {
            Some(first) => fault.with("record", first),
            None => fault,
        },
        HandOverError::SamePerson => fault,
    }
}

fn forbidden(record: RecordId, code: &str) -> Fault {
    Fault::of("hand_over_refused").with("record", record).with("rule", code)
}

/// Who takes over, with the roles they may act in today.
fn taker(tx: &mut Tx<'_>, id: &StaffId, book: &RoleBook, now: UtcMillis) -> Stored<Option<Actor>> {
    let Some((staff, _)) = tx.staff(id)? else {
        return Ok(None);
    };
    let rights = Rights::of(tx, id)?;
    let may = |role: &String| {
        let act = organisation::Act::default();
        rights
            .as_ref()
            .is_none_or(|rights| rights.may(role, act, china_day(now), book).is_ok())
    };
    Ok(Some(Actor {
        staff: staff.id,
        roles: staff.roles.into_iter().filter(may).collect(),
        grids: staff.grids,
        orgs: staff.orgs,
    }))
}

/// Every case that is laid before a person, locked.
fn work_of(tx: &mut Tx<'_>, staff: &StaffId) -> Stored<Vec<Record>> {
    let members = tx.members(&Scope::user(staff), 0, u32::MAX)?;
    let ids: Vec<RecordId> = members.into_iter().filter(|m| m.present).map(|m| m.record.id).collect();
    tx.hold(&ids)?;
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        // a conflict is its writer's own, and a call is of a person
        let case = tx.record(id)?.map(|held| held.record);
        records.extend(case.filter(|record| record.kind.is(Kind::INCIDENT)));
    }
    Ok(records)
}

/// Gives one case to the new person: reassigned (T14) while somebody handles it, else with its fields set; what was done.
fn step(
    tx: &mut Tx<'_>,
    judge: &Judge,
    record: &Record,
    one: &Move,
    asked: &HandOver,
    by: &str,
    now: UtcMillis,
) -> Stored<Result<&'static str, String>> {
    let text = |name: &str| record.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let handled = one.set.contains_key("handler_user") && !text("handler_org").is_empty();
    let system = StaffId(ORGANISATION.to_owned());
    if handled && matches!(record.state.as_str(), "DISPATCHED" | "DISPOSING") {
        let level = record.body.get("level").and_then(Value::as_u64).unwrap_or(1);
        let role = match level {
            1 => "COMMUNITY_DESK",
            2 => "TOWN_DISPATCHER",
            _ => "DISTRICT_DISPATCHER",
        };
        let mut act = Act::of(record.id, "T14_REASSIGN", role, system);
        let args = json!({
            "main": text("handler_org"), "co": record.body.get("co_handlers"), "person": asked.to, "reason": asked.reason,
            "hand_over": asked.id, "by": by,
        });
        act.args = args.as_object().cloned().unwrap_or_default();
        act.args.retain(|_, value| !value.is_null());
        return Ok(desk::take(tx, judge, act, now)?.map(|_| "T14_REASSIGN"));
    }
    let mut act = Act::of(record.id, "", desk::SYSTEM, system);
    act.event = None;
    act.set = one.set.clone();
    Ok(desk::take(tx, judge, act, now)?.map(|_| "set"))
}
