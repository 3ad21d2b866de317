//! A desk starts a mobilisation, writes down what people answered on the telephone, and calls it off.

use fushan_grid_core::model::fault::{Coded, Fault};
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::incident::is_over;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::{Answer, Need, Wave};
use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{CALLING, Document, STOPPED, Said, TEXT_CHARS, id_of, write};
use super::people::people;
use super::step::{Looked, step};
use crate::books::Books;
use crate::judge::Judge;
use crate::store::{Stored, Tx};

/// Roles that call people: the leader calls the team, desks and supervisors call for their area (domain dictionary 2.5), and so do the
/// rules of dispatch for what is critical.
const CALLERS: [&str; 8] = [
    "GRID_LEADER",
    "COMMUNITY_DESK",
    "TOWN_ACCEPTOR",
    "TOWN_DISPATCHER",
    "DISTRICT_ACCEPTOR",
    "DISTRICT_DISPATCHER",
    "SUPERVISOR",
    "SYSTEM",
];

/// A mobilisation to start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Starting {
    /// The incident.
    pub(crate) record: RecordId,
    pub(crate) staff: StaffId,
    pub(crate) role: String,
    /// How many must have arrived.
    pub(crate) people: usize,
    #[serde(default)]
    pub(crate) farthest: Option<Wave>,
    pub(crate) task: String,
    pub(crate) meeting_point: String,
    #[serde(default)]
    pub(crate) risk_note: String,
}

/// An answer that a desk heard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answering {
    /// The incident.
    pub(crate) record: RecordId,
    pub(crate) staff: StaffId,
    pub(crate) answer: Answer,
    #[serde(default)]
    pub(crate) minutes: Option<u32>,
    #[serde(default)]
    pub(crate) reason: String,
}

/// A mobilisation to call off.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stopping {
    /// The incident.
    pub(crate) record: RecordId,
    pub(crate) staff: StaffId,
    pub(crate) role: String,
    pub(crate) reason: String,
}

/// Starts a mobilisation and calls the first wave. One that was stopped begins anew; one that runs is in the way.
pub(crate) fn start(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    asked: &Starting,
    now: UtcMillis,
) -> Stored<Result<Record, Fault>> {
    let incident = tx.record(asked.record)?.map(|held| held.record);
    let Some(incident) = incident.filter(|record| record.kind.is("incident")) else {
        return Ok(Err(Fault::of("not_found")));
    };
    let need = match sound(tx, &incident, asked)? {
        Ok(need) => need,
        Err(fault) => return Ok(Err(fault)),
    };
    let Some(grid) = incident.grid.clone() else {
        return Ok(Err(Fault::of("mobilisation_without_grid")));
    };
    let held = tx.record(id_of(incident.id))?;
    if held.as_ref().is_some_and(|held| held.record.state == CALLING) {
        return Ok(Err(Fault::of("mobilisation_running")));
    }
    if people(tx, books, &judge.roles, &grid, now)?
        .iter()
        .all(|(wave, _)| *wave > need.farthest)
    {
        return Ok(Err(Fault::of("mobilisation_nobody")));
    }
    let text = |name: &str| {
        incident
            .body
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let before = held.as_ref().map(|held| Document::of(&held.record)).transpose()?;
    let (mut earlier, log) = before.map_or_else(Default::default, |before| {
        let mut calls = before.before;
        calls.extend(before.called);
        (calls, before.log)
    });
    earlier.retain(|call| now.since(call.at) < KEPT_MS);
    let noted = log.len();
    let mut document = Document {
        incident: incident.id,
        case_no: text("case_no"),
        category: text("category"),
        task: asked.task.trim().to_owned(),
        meeting_point: asked.meeting_point.trim().to_owned(),
        risk_note: asked.risk_note.trim().to_owned(),
        need,
        called: Vec::new(),
        before: earlier,
        exhausted: false,
        log,
    };
    let line = json!({"what": "started", "by": asked.staff, "role": asked.role, "people": need.people, "farthest": need.farthest});
    document.note(now, line);
    let looked = Looked {
        before: held.as_ref(),
        document,
        grid: &grid,
        noted,
    };
    let after = step(tx, judge, books, looked, &asked.staff, now)?;
    Ok(Ok(after.record))
}

/// How long calls of stopped rounds are kept in the record; the log keeps them for ever.
const KEPT_MS: i64 = 86_400_000;

/// Whether it may be started like this; the need.
fn sound(tx: &mut Tx<'_>, incident: &Record, asked: &Starting) -> Stored<Result<Need, Fault>> {
    if let Err(fault) = caller(tx, &asked.staff, &asked.role)? {
        return Ok(Err(fault));
    }
    if is_over(&incident.state) || incident.state == "DRAFT" {
        return Ok(Err(Fault::of("mobilisation_incident_over")));
    }
    let says = |text: &str| !text.trim().is_empty();
    let short = |text: &str| text.chars().count() <= TEXT_CHARS;
    if !(says(&asked.task) && says(&asked.meeting_point)) {
        return Ok(Err(Fault::of("mobilisation_task_missing")));
    }
    if ![&asked.task, &asked.meeting_point, &asked.risk_note]
        .into_iter()
        .all(|text| short(text))
    {
        return Ok(Err(Fault::of("mobilisation_text")));
    }
    let severity = incident
        .body
        .get("severity")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Ok(Need::of(asked.people, asked.farthest, severity).map_err(|error| error.fault()))
}

/// Whether somebody may call people: a role for it, which they hold when the platform knows them.
fn caller(tx: &mut Tx<'_>, staff: &StaffId, role: &str) -> Stored<Result<(), Fault>> {
    let known = tx.staff(staff)?.map(|(known, _)| known);
    let holds = known.is_none_or(|known| known.roles.iter().any(|own| own == role));
    Ok(match holds && CALLERS.contains(&role) {
        true => Ok(()),
        false => Err(Fault::of("role")),
    })
}

/// Takes an answer and looks at once at what it brings: the next wave, or the end.
pub(crate) fn answer(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    asked: &Answering,
    now: UtcMillis,
) -> Stored<Result<Record, Fault>> {
    let Some(held) = tx.record(id_of(asked.record))? else {
        return Ok(Err(Fault::of("not_found")));
    };
    let said = Said {
        answer: asked.answer,
        minutes: asked.minutes,
        reason: asked.reason.clone(),
    };
    let mut document = Document::of(&held.record)?;
    let noted = document.log.len();
    let called = match document.answer(&asked.staff, &said, now) {
        Ok(Some(called)) => called,
        Ok(None) => return Ok(Ok(held.record)),
        Err(fault) => return Ok(Err(fault)),
    };
    tx.note_answer(
        held.record.id,
        &asked.staff,
        called,
        said.answer == Answer::Arrived,
        now,
    )?;
    let Some(grid) = held.record.grid.clone() else {
        return Ok(Err(Fault::of("mobilisation_without_grid")));
    };
    if held.record.state != CALLING {
        // who comes all the same, and when they were done, is worth knowing
        let after = document.onto(Some(&held), &grid, STOPPED)?;
        write(tx, judge.schema.schema, &after, &document, (noted, &asked.staff), now)?;
        return Ok(Ok(after.record));
    }
    let looked = Looked {
        before: Some(&held),
        document,
        grid: &grid,
        noted,
    };
    let after = step(tx, judge, books, looked, &asked.staff, now)?;
    Ok(Ok(after.record))
}

/// Calls a mobilisation off.
pub(crate) fn stop(tx: &mut Tx<'_>, judge: &Judge, asked: &Stopping, now: UtcMillis) -> Stored<Result<Record, Fault>> {
    let Some(held) = tx.record(id_of(asked.record))? else {
        return Ok(Err(Fault::of("not_found")));
    };
    if let Err(fault) = caller(tx, &asked.staff, &asked.role)? {
        return Ok(Err(fault));
    }
    let Some(grid) = held.record.grid.clone().filter(|_| held.record.state == CALLING) else {
        return Ok(Err(Fault::of("mobilisation_not_running")));
    };
    let reason = asked.reason.trim();
    if reason.is_empty() || reason.chars().count() > TEXT_CHARS {
        return Ok(Err(Fault::of("reason_missing")));
    }
    let mut document = Document::of(&held.record)?;
    let noted = document.log.len();
    document.note(
        now,
        json!({"what": "stopped", "why": "called_off", "by": asked.staff, "role": asked.role, "reason": reason}),
    );
    let after = document.onto(Some(&held), &grid, STOPPED)?;
    write(tx, judge.schema.schema, &after, &document, (noted, &asked.staff), now)?;
    tx.wake_mobilisation(held.record.id, None)?;
    Ok(Ok(after.record))
}
