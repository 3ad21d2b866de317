//! What a rung of the timeout ladder does (domain dictionary 6.4).

use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::deadline::Stage;
use fushan_grid_core::rules::dispatch::RungKind;
use serde_json::{Value, json};

use crate::desk::{self, Act};
use crate::judge::Judge;
use crate::store::{Stored, Tx};

/// Whether a rung is of a stage: cards are about disposal, the list about what nobody has signed for, too.
pub(super) fn applies(stage: Stage, kind: RungKind) -> bool {
    match kind {
        RungKind::Yellow | RungKind::Red => stage == Stage::Dispose,
        RungKind::List => matches!(stage, Stage::Dispose | Stage::Sign),
        _ => true,
    }
}

/// Takes a rung; what was done, for the row that says so.
pub(super) fn take(
    tx: &mut Tx<'_>,
    judge: &Judge,
    record: &Record,
    stage: Stage,
    kind: RungKind,
    now: UtcMillis,
) -> Stored<String> {
    match kind {
        RungKind::Remind => Ok("notice:handler".to_owned()),
        RungKind::Overdue => Ok("notice:level_above".to_owned()),
        RungKind::Urge => urge(tx, judge, record, now),
        RungKind::Supervise => supervise(tx, judge, record, 1, now),
        RungKind::Yellow => supervise(tx, judge, record, 2, now),
        RungKind::Red => supervise(tx, judge, record, 3, now),
        RungKind::List if stage == Stage::Sign => deputise(tx, judge, record, now),
        RungKind::List => Ok("list".to_owned()),
    }
}

fn said(step: &str, taken: Result<Record, String>) -> String {
    match taken {
        Ok(_) => step.to_owned(),
        Err(code) => format!("refused:{code}"),
    }
}

fn urge(tx: &mut Tx<'_>, judge: &Judge, record: &Record, now: UtcMillis) -> Stored<String> {
    let mut act = Act::by_system(record.id, "T33_URGE");
    act.args = json!({"reason": "ladder"}).as_object().cloned().unwrap_or_default();
    Ok(said("T33_URGE", desk::take(tx, judge, act, now)?))
}

/// Supervision only rises; a level that is reached already is passed over.
fn supervise(tx: &mut Tx<'_>, judge: &Judge, record: &Record, level: u8, now: UtcMillis) -> Stored<String> {
    // as it is by now: a rung before this one may have been taken in the same look
    let current = tx.record(record.id)?.map(|versioned| versioned.record.body);
    let history = current
        .as_ref()
        .and_then(|body| body.get("history"))
        .and_then(Value::as_array);
    let steps = history
        .into_iter()
        .flatten()
        .filter(|line| line.get("event").is_some_and(|e| e == "T32_SUPERVISE"));
    let reached = steps.filter_map(|line| line.get("args")?.get("level")?.as_u64()).max();
    if reached.unwrap_or(0) >= u64::from(level) {
        return Ok("passed_over".to_owned());
    }
    let mut act = Act::by_system(record.id, "T32_SUPERVISE");
    act.args = json!({"level": level, "reason": "ladder"})
        .as_object()
        .cloned()
        .unwrap_or_default();
    Ok(said(
        &format!("T32_SUPERVISE:{level}"),
        desk::take(tx, judge, act, now)?,
    ))
}

/// What nobody has signed for goes to the deputy of whom it was given to.
fn deputise(tx: &mut Tx<'_>, judge: &Judge, record: &Record, now: UtcMillis) -> Stored<String> {
    let person = record
        .body
        .get("handler_user")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some(deputy) = tx.deputy(person, now)? else {
        return Ok("list".to_owned());
    };
    let mut act = Act::by_system(record.id, "");
    act.event = None;
    act.set = json!({"handler_user": deputy}).as_object().cloned().unwrap_or_default();
    Ok(said("deputy", desk::take(tx, judge, act, now)?))
}
