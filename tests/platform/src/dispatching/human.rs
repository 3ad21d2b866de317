//! What people decide: the queue below the threshold, refusals, and the joint decision after two of them.

use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::deadline::Limit;
use fushan_grid_core::rules::workflow::{REFUSALS, refusals};
use serde::Deserialize;
use serde_json::{Value, json};

use super::commit::{Committed, body, commit, level_of};
use crate::books::Books;
use crate::desk::{self, Act};
use crate::judge::Judge;
use crate::store::{DispatchRow, Stored, Tx};

/// Longest reason of a decision.
const REASON_CHARS: usize = 500;
/// Most organisations that help.
const HELPERS: usize = 10;

/// A person's decision.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deciding {
    pub(crate) record: RecordId,
    pub(crate) staff: StaffId,
    /// The dispatcher's role.
    pub(crate) role: String,
    /// Organisation of the responsibility list.
    pub(crate) main: String,
    #[serde(default)]
    pub(crate) co: Vec<String>,
    #[serde(default)]
    pub(crate) person: Option<StaffId>,
    /// Until it is put right; as the category has it without one.
    #[serde(default)]
    pub(crate) limit: Option<Limit>,
    pub(crate) reason: String,
}

/// A handler that sends an incident back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    pub(crate) record: RecordId,
    pub(crate) staff: StaffId,
    pub(crate) role: String,
    pub(crate) reason: String,
}

/// Dispatches by a person's decision. After two refusals it is forced, and a line of the responsibility list is proposed from
/// it, so that the same quarrel does not come again. The code of the rule when it cannot be.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    by: &Deciding,
    now: UtcMillis,
) -> Stored<Result<Record, String>> {
    let Some(record) = tx.record(by.record)?.map(|versioned| versioned.record) else {
        return Ok(Err("not_found".to_owned()));
    };
    let unknown = std::iter::once(&by.main)
        .chain(&by.co)
        .any(|org| books.dispatch.org(org).is_none());
    if unknown || by.co.contains(&by.main) {
        return Ok(Err("org_unknown".to_owned()));
    }
    if let Err(rule) = sound(&by.reason, by.co.len()) {
        return Ok(Err(rule.to_owned()));
    }
    let forced = refusals(&record) >= REFUSALS;
    let level = level_of(&record).unwrap_or(1);
    let mut act = Act::of(by.record, "T13_DISPATCH", &by.role, by.staff.clone());
    act.args = body(json!({
        "main": by.main, "co": by.co, "person": by.person, "limit": by.limit, "rule_set": books.dispatch.version(),
        "reason": by.reason, "forced": forced.then_some(true), "level": level,
    }));
    let after = match desk::take(tx, judge, act, now)? {
        Ok(after) => after,
        Err(code) => return Ok(Err(code)),
    };
    tx.drop_wait(by.record)?;
    tx.put_dispatch(&DispatchRow {
        record: by.record,
        at: now,
        outcome: if forced { "forced" } else { "person" }.to_owned(),
        rule: String::new(),
        rule_set: books.dispatch.version().to_owned(),
        level,
        main: by.main.clone(),
        person: by.person.as_ref().map(|person| person.0.clone()).unwrap_or_default(),
        confidence: 100,
        zh: by.reason.clone(),
        en: by.reason.clone(),
        decided_by: by.staff.0.clone(),
        doc: "{}".to_owned(),
    })?;
    if forced {
        tx.propose_rule(by.record, &proposal(&record, by, level), now)?;
    }
    Ok(Ok(after))
}

/// What a decision says is there, and no longer than what people read.
fn sound(reason: &str, helpers: usize) -> Result<(), &'static str> {
    match reason.trim().chars().count() {
        0 => Err("reason_missing"),
        n if n > REASON_CHARS => Err("reason_too_long"),
        _ if helpers > HELPERS => Err("too_many_helpers"),
        _ => Ok(()),
    }
}

/// A line for the responsibility list: this category in this town goes where the people have sent it.
fn proposal(record: &Record, by: &Deciding, level: u8) -> String {
    let town: String = record
        .grid
        .as_ref()
        .map_or("", |grid| grid.as_str())
        .chars()
        .take(9)
        .collect();
    json!({
        "id": format!("J-{}", record.body.get("case_no").and_then(Value::as_str).unwrap_or_default()),
        "when": {"categories": [record.body.get("category")], "areas": [town]},
        "main": by.main, "co": by.co, "level": level, "limit": by.limit, "zh": by.reason, "en": by.reason,
    })
    .to_string()
}

/// Sends an incident back (T18) and lets the rules decide again without who refused; barred once a dispatch was forced.
pub(crate) fn refuse(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    by: &Refusal,
    now: UtcMillis,
) -> Stored<Result<Committed, String>> {
    let Some(record) = tx.record(by.record)?.map(|versioned| versioned.record) else {
        return Ok(Err("not_found".to_owned()));
    };
    if record.body.get("forced") == Some(&Value::Bool(true)) {
        return Ok(Err("refusal_barred".to_owned()));
    }
    if let Err(rule) = sound(&by.reason, 0) {
        return Ok(Err(rule.to_owned()));
    }
    let mut act = Act::of(by.record, "T18_REFUSE", &by.role, by.staff.clone());
    act.args = body(json!({"reason": by.reason}));
    match desk::take(tx, judge, act, now)? {
        Err(code) => Ok(Err(code)),
        Ok(after) => commit(tx, judge, books, &after, now).map(Ok),
    }
}
