//! A mobilisation as its record keeps it.

use std::collections::BTreeMap;

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::fault::{Coded, Fault};
use fushan_grid_core::model::ids::{OpId, RecordId, StaffId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Kind, Record};
use fushan_grid_core::model::time::{Hlc, UtcMillis};
use fushan_grid_core::rules::dispatch::{Answer, Called, Mobilisation, Need, Wave};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::operation::scopes_of;
use crate::store::{StoreError, Stored, Tx};

/// People are being called, or enough have come, or it was called off.
pub(super) const CALLING: &str = "CALLING";
pub(super) const STOPPED: &str = "STOPPED";

/// Somebody who was called, as they see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CallLine {
    pub(crate) staff: StaffId,
    pub(crate) wave: Wave,
    pub(crate) at: UtcMillis,
    /// Until when an answer is wanted; a phone does not show the call after that.
    #[serde(default)]
    pub(crate) until: Option<UtcMillis>,
    pub(crate) answer: Answer,
    #[serde(default)]
    pub(crate) answered_at: Option<UtcMillis>,
    /// Minutes until they arrive, as they said.
    #[serde(default)]
    pub(crate) minutes: Option<u32>,
    #[serde(default)]
    pub(crate) reason: String,
}

/// The record's fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) incident: RecordId,
    pub(crate) case_no: String,
    pub(crate) category: String,
    pub(crate) task: String,
    pub(crate) meeting_point: String,
    pub(crate) risk_note: String,
    pub(crate) need: Need,
    /// Calls of this round.
    pub(crate) called: Vec<CallLine>,
    /// Calls of rounds before, which were stopped.
    #[serde(default)]
    pub(crate) before: Vec<CallLine>,
    /// Whether nobody is left to call.
    #[serde(default)]
    pub(crate) exhausted: bool,
    /// Every wave, answer and stop.
    pub(crate) log: Vec<Value>,
}

/// Id of an incident's mobilisation: it has one.
pub(crate) fn id_of(incident: RecordId) -> RecordId {
    let digest = Sha256::digest([b"mobilisation/".as_slice(), incident.bytes()].concat());
    let millis = incident.0.get_timestamp().map_or(0, |t| {
        let (seconds, nanos) = t.to_unix();
        i64::try_from(seconds * 1000 + u64::from(nanos) / 1_000_000).unwrap_or(0)
    });
    RecordId::v7(UtcMillis(millis), ten(&digest))
}

fn ten(digest: &[u8]) -> [u8; 10] {
    let mut random = [0; 10];
    random.iter_mut().zip(digest).for_each(|(r, d)| *r = *d);
    random
}

impl Document {
    /// Reads a record.
    pub(crate) fn of(record: &Record) -> Stored<Self> {
        Ok(serde_json::from_value(Value::Object(record.body.clone()))?)
    }

    /// The rule's view: this round's calls, and whoever was called lately for anything else.
    pub(super) fn rule(&self, people: Vec<(Wave, StaffId)>, mut elsewhere: Vec<(StaffId, UtcMillis)>) -> Mobilisation {
        elsewhere.extend(self.before.iter().map(|call| (call.staff.clone(), call.at)));
        let called = self.called.iter().map(|call| Called {
            staff: call.staff.clone(),
            wave: call.wave,
            at: call.at,
            answer: call.answer,
        });
        Mobilisation {
            need: self.need,
            people,
            called: called.collect(),
            elsewhere,
        }
    }

    /// Takes an answer to the last call of a person; the moment of that call, or nothing when it was said before.
    pub(super) fn answer(&mut self, staff: &StaffId, said: &Said, now: UtcMillis) -> Result<Option<UtcMillis>, Fault> {
        if said.answer == Answer::Cannot && said.reason.trim().is_empty() {
            return Err(Fault::of("reason_missing"));
        }
        let long = said.reason.chars().count() > TEXT_CHARS;
        if long || said.minutes.is_some_and(|minutes| minutes > DAY_MINUTES) {
            return Err(Fault::of("mobilisation_text"));
        }
        let mut rule = self.rule(Vec::new(), Vec::new());
        if !rule.answer(staff, said.answer).map_err(|error| error.fault())? {
            return Ok(None);
        }
        let last = self.called.iter_mut().rev().find(|call| call.staff == *staff);
        let Some(call) = last else { return Ok(None) };
        call.answer = said.answer;
        call.answered_at = Some(now);
        call.minutes = said.minutes;
        said.reason.trim().clone_into(&mut call.reason);
        let at = call.at;
        let line = json!({
            "what": "answer", "staff": staff, "answer": said.answer, "minutes": said.minutes, "reason": said.reason.trim(),
        });
        self.note(now, line);
        Ok(Some(at))
    }

    /// Adds a line to the log.
    pub(super) fn note(&mut self, now: UtcMillis, mut line: Value) {
        if let Some(line) = line.as_object_mut() {
            line.retain(|_, value| !value.is_null() && *value != "");
            line.insert("at".to_owned(), json!(now));
            line.insert("n".to_owned(), json!(self.log.len() + 1));
        }
        self.log.push(line);
    }

    /// The record with these fields, a revision on.
    pub(super) fn onto(&self, before: Option<&Versioned>, grid: &GridCode, state: &str) -> Stored<Versioned> {
        let Value::Object(body) = serde_json::to_value(self)? else {
            return Err(StoreError::Shape);
        };
        let rev = before.map_or(0, |before| before.record.rev) + 1;
        let record = Record {
            id: id_of(self.incident),
            kind: Kind::of(Kind::MOBILISATION),
            grid: Some(grid.clone()),
            rev,
            state: state.to_owned(),
            body,
            deleted: false,
        };
        let field_rev: BTreeMap<String, i64> = record.body.keys().map(|name| (name.clone(), rev)).collect();
        Ok(Versioned { record, field_rev })
    }
}

/// Longest text of a mobilisation, in characters.
pub(super) const TEXT_CHARS: usize = 200;
/// Longest way, in minutes.
const DAY_MINUTES: u32 = 24 * 60;

/// What somebody answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    pub(crate) answer: Answer,
    #[serde(default)]
    pub(crate) minutes: Option<u32>,
    #[serde(default)]
    pub(crate) reason: String,
}

/// Writes a mobilisation and a line of history for each line of its log since a number.
pub(super) fn write(
    tx: &mut Tx<'_>,
    schema: u32,
    after: &Versioned,
    document: &Document,
    (from, by): (usize, &StaffId),
    now: UtcMillis,
) -> Stored<()> {
    tx.put(after, &scopes_of(&after.record))?;
    for (n, line) in document.log.iter().enumerate().skip(from) {
        let digest = Sha256::digest(format!("{}/log/{n}", after.record.id));
        let op = Operation {
            op: OpId::v7(now, ten(&digest)),
            kind: after.record.kind.clone(),
            record: after.record.id,
            action: Action::Append {
                list: "log".to_owned(),
                item: line.clone(),
            },
            base_rev: Some(after.record.rev - 1),
            base_op: None,
            group: None,
            evidence: Vec::new(),
            hlc: Hlc::default().tick(now),
            at: now,
            schema,
        };
        tx.history(&op, after.record.rev, by, None, now)?;
    }
    Ok(())
}
