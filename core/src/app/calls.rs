//! Calls of a mobilisation: what this phone's worker is called for, and what they answer, which may wait for signal like anything
//! else (domain dictionary 6.5).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Engine;
use super::error::AppError;
use super::pen::Pen;
use crate::model::area::GridCode;
use crate::model::fault::{Coded, Fault};
use crate::model::ids::{RecordId, StaffId};
use crate::model::op::{Action, Lane};
use crate::model::record::{Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::dispatch::{Answer, MobilisationError, Wave};
use crate::store::identity;
use crate::store::ops::{self, NewOp};
use crate::store::records::ListQuery;

/// Longest reason, in characters; the platform takes no longer one.
const REASON_CHARS: usize = 200;
/// Most calls of one list.
const MOST: u32 = 1_000;

/// A call as the worker sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnCall {
    /// The mobilisation.
    pub id: RecordId,
    /// Case number of the incident.
    pub case_no: String,
    /// Where.
    pub grid: Option<GridCode>,
    /// What is to be done.
    pub task: String,
    /// Where people meet.
    pub meeting_point: String,
    /// What to look out for, or empty.
    pub risk_note: String,
    /// In which wave.
    pub wave: Wave,
    /// When, by the platform's clock.
    pub at: UtcMillis,
    /// Until when an answer is wanted.
    pub until: Option<UtcMillis>,
    /// The answer given so far, one that waits on this phone included.
    pub answer: Answer,
    /// Whether people are still called: not when enough have come or it was called off.
    pub open: bool,
}

/// An answer to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallAnswer {
    /// What is said.
    pub answer: Answer,
    /// Minutes until they arrive.
    pub minutes: Option<u32>,
    /// Why they cannot come.
    pub reason: String,
}

#[derive(Deserialize)]
struct Line {
    staff: StaffId,
    wave: Wave,
    at: UtcMillis,
    #[serde(default)]
    until: Option<UtcMillis>,
    answer: Answer,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// By a rule of mobilisation.
    #[error(transparent)]
    Rule(#[from] MobilisationError),
    /// Whoever cannot come says why, in at most 200 characters.
    #[error("no reason is given")]
    Reason,
}

impl Coded for CallError {
    fn fault(&self) -> Fault {
        match self {
            Self::Rule(error) => error.fault(),
            Self::Reason => Fault::of("reason_missing"),
        }
    }
}

impl Engine {
    /// Calls of the worker of this phone, the latest first. A call whose time for an answer is over is left out unless it was
    /// answered; this phone's clock only hides, it decides nothing.
    ///
    /// # Errors
    /// [`AppError::NotEnrolled`], and those of the store.
    pub fn calls(&self) -> Result<Vec<OwnCall>, AppError> {
        let own = self.store.read(identity::get)?.ok_or(AppError::NotEnrolled)?.staff.id;
        let listed = self.list(&ListQuery {
            kind: Kind::of(Kind::MOBILISATION),
            grid: None,
            state: None,
            after: None,
            limit: MOST,
        })?;
        let now = self.env.clock.wall();
        let calls = listed.items.iter().filter_map(|view| own_call(&view.record, &own));
        let shown = |call: &OwnCall| call.answer != Answer::None || call.until.is_none_or(|until| now <= until);
        let mut calls: Vec<OwnCall> = calls.filter(shown).collect();
        calls.sort_by_key(|call| std::cmp::Reverse((call.at, call.id)));
        Ok(calls)
    }

    /// Answers a call; the answer is queued like any operation and goes out first.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Call`].
    pub fn answer_call(&self, id: RecordId, said: &CallAnswer) -> Result<(), AppError> {
        let view = self.living(id)?;
        let own = self.store.read(identity::get)?.ok_or(AppError::NotEnrolled)?.staff.id;
        let call = own_call(&view.record, &own).ok_or(CallError::Rule(MobilisationError::NotCalled))?;
        if said.answer == Answer::None || !said.answer.follows(call.answer) {
            return Err(CallError::Rule(MobilisationError::Backwards).into());
        }
        let reason = said.reason.trim();
        let mute = said.answer == Answer::Cannot && reason.is_empty();
        if mute || reason.chars().count() > REASON_CHARS {
            return Err(CallError::Reason.into());
        }
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let item = json!({"id": pen.record_id(), "answer": said.answer, "minutes": said.minutes, "reason": reason});
            let list = "answers".to_owned();
            let op = pen.operation(&view.record.kind, id, Action::Append { list, item })?;
            let new = NewOp {
                op,
                lane: Lane::P0,
                draft: false,
            };
            Ok(ops::add(w, &[new])?)
        })
    }
}

/// A person's last call of a mobilisation, with what waits on this phone on top.
fn own_call(record: &Record, own: &StaffId) -> Option<OwnCall> {
    let text = |name: &str| {
        record
            .body
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let lines = record.body.get("called").and_then(Value::as_array)?.iter();
    let line = lines
        .rev()
        .filter_map(|line| serde_json::from_value::<Line>(line.clone()).ok())
        .find(|line| line.staff == *own)?;
    let waiting = record
        .body
        .get("answers")
        .and_then(Value::as_array)
        .and_then(|answers| answers.last());
    let waiting = waiting.and_then(|item| serde_json::from_value::<Answer>(item.get("answer")?.clone()).ok());
    Some(OwnCall {
        id: record.id,
        case_no: text("case_no"),
        grid: record.grid.clone(),
        task: text("task"),
        meeting_point: text("meeting_point"),
        risk_note: text("risk_note"),
        wave: line.wave,
        at: line.at,
        until: line.until,
        answer: waiting.unwrap_or(line.answer),
        open: record.state == "CALLING",
    })
}
