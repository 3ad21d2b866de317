//! Commits the engine's decision on an incident, or puts it where a person decides.

use fushan_grid_core::model::record::{Body, Record};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::{Case, Decision, Human, Outcome, Roster};
use serde_json::{Value, json};

use super::roster::roster;
use crate::books::Books;
use crate::desk::{self, Act};
use crate::judge::Judge;
use crate::store::{DispatchRow, Stored, Tx};

/// Most escalations that lead to a rule's level.
const LEVELS: u8 = 3;

/// What became of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It is with a handler.
    Dispatched { rule: String, main: String, level: u8 },
    /// A person decides.
    Waiting { why: Human, level: u8 },
    /// A rule of the workflow forbids the step: its code. The incident waits for a person with that code.
    Refused(String),
}

/// Whether a report may be accepted without a person: from a channel that is trusted so far or from the field, mapped, placed,
/// and not perhaps of the same thing as another one.
pub(crate) fn eligible(tx: &mut Tx<'_>, books: &Books, record: &Record) -> Stored<bool> {
    let body = &record.body;
    let channel = body
        .get("intake")
        .and_then(|intake| intake.get("channel"))
        .and_then(Value::as_str);
    let trusted = match channel {
        Some(code) => books.channels.channel(code).is_some_and(|channel| channel.auto_accept),
        None => true,
    };
    let mapped = body.get("intake").and_then(|intake| intake.get("mapped")) != Some(&Value::Bool(false));
    let known = category(books, record).is_some();
    Ok(trusted && mapped && known && record.grid.is_some() && record.state == "REPORTED" && !tx.has_hint(record.id)?)
}

fn category<'b>(books: &'b Books, record: &Record) -> Option<&'b fushan_grid_core::model::incident::Category> {
    books.category(record.body.get("category")?.as_str()?)
}

fn decision(tx: &mut Tx<'_>, books: &Books, record: &Record, now: UtcMillis) -> Stored<Option<Decision>> {
    let Some(category) = category(books, record) else {
        return Ok(None);
    };
    let Ok(mut case) = Case::of(record, category) else {
        return Ok(None);
    };
    case.seasons.clone_from(&books.seasons.declared);
    let grid = record.grid.as_ref().and_then(|grid| books.area(grid.as_str()));
    if let Some(kind) = grid.and_then(|node| node.dedicated.clone()) {
        case.grid_kind = kind;
    }
    let decision = books.dispatch.decide(&case, &Roster::default(), now);
    let Outcome::Handler { main, .. } = &decision.outcome else {
        return Ok(Some(decision));
    };
    let roster = roster(tx, main, now)?;
    if roster.handlers.is_empty() {
        return Ok(Some(decision));
    }
    Ok(Some(books.dispatch.decide(&case, &roster, now)))
}

/// Accepts a report (T08) at the level that the rules would send it to.
pub(crate) fn accept(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    record: &Record,
    now: UtcMillis,
) -> Stored<Result<Record, String>> {
    let Some(decision) = decision(tx, books, record, now)? else {
        return Ok(Err("category_missing".to_owned()));
    };
    let (Outcome::Handler { level, .. } | Outcome::Human { level, .. }) = decision.outcome;
    let mut act = Act::by_system(record.id, "T08_ACCEPT");
    act.args = body(json!({"level": level}));
    desk::take(tx, judge, act, now)
}

/// Decides on an accepted incident and takes the step, with everything it was decided by. What no rule can send on lies in the
/// queue afterwards: an incident that nobody decides on must be where somebody looks.
pub(crate) fn commit(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    record: &Record,
    now: UtcMillis,
) -> Stored<Committed> {
    let committed = by_rule(tx, judge, books, record, now)?;
    if let Committed::Refused(code) = &committed {
        let accepted = tx.record(record.id)?.filter(|now| now.record.state == "ACCEPTED");
        if let Some(accepted) = accepted {
            tx.put_wait(record.id, level_of(&accepted.record).unwrap_or(1), code, now, None)?;
        }
    }
    Ok(committed)
}

fn by_rule(tx: &mut Tx<'_>, judge: &Judge, books: &Books, record: &Record, now: UtcMillis) -> Stored<Committed> {
    let Some(decision) = decision(tx, books, record, now)? else {
        return Ok(Committed::Refused("category_missing".to_owned()));
    };
    match decision.outcome.clone() {
        Outcome::Human { why, level, limit } => {
            if let Err(code) = raise(tx, judge, record, level, now)? {
                return Ok(Committed::Refused(code));
            }
            let due = limit.deadline(now, &books.calendar).ok();
            tx.put_wait(record.id, level, &code(&json!(why)), now, due)?;
            tx.put_dispatch(&row(record, &decision, "", "", level, now))?;
            Ok(Committed::Waiting { why, level })
        }
        Outcome::Handler { rule, level, main, .. } => {
            if let Err(code) = raise(tx, judge, record, level, now)? {
                return Ok(Committed::Refused(code));
            }
            let mut act = Act::by_system(record.id, "T13_DISPATCH");
            act.args = step(&decision);
            let person = text(&act.args, "person");
            if let Err(code) = desk::take(tx, judge, act, now)? {
                return Ok(Committed::Refused(code));
            }
            tx.drop_wait(record.id)?;
            tx.put_dispatch(&row(record, &decision, &rule, &person, level, now))?;
            Ok(Committed::Dispatched { rule, main, level })
        }
    }
}

/// Escalates (T15) until the incident is at the level of its rule; an incident above it stays where it is.
fn raise(tx: &mut Tx<'_>, judge: &Judge, record: &Record, level: u8, now: UtcMillis) -> Stored<Result<(), String>> {
    for next in level_of(record).unwrap_or(level)..level.min(LEVELS) {
        let mut act = Act::by_system(record.id, "T15_ESCALATE");
        act.args = body(json!({"level": next + 1, "reason": "rule_level"}));
        if let Err(code) = desk::take(tx, judge, act, now)? {
            return Ok(Err(code));
        }
    }
    Ok(Ok(()))
}

/// The level an incident is at.
pub(super) fn level_of(record: &Record) -> Option<u8> {
    u8::try_from(record.body.get("level")?.as_u64()?).ok()
}

/// Arguments of the dispatch.
fn step(decision: &Decision) -> Body {
    let Outcome::Handler {
        rule,
        level,
        main,
        co,
        person,
        limit,
        first,
    } = &decision.outcome
    else {
        return Body::new();
    };
    let args = json!({
        "main": main, "co": co, "person": person, "limit": limit.to_string(), "first": first.map(|first| first.to_string()),
        "rule": rule, "rule_set": decision.rule_set, "confidence": decision.confidence, "level": level,
        "zh": decision.explanation_zh, "en": decision.explanation_en,
    });
    body(args)
}

fn row(record: &Record, decision: &Decision, rule: &str, person: &str, level: u8, now: UtcMillis) -> DispatchRow {
    let (outcome, main) = match &decision.outcome {
        Outcome::Handler { main, .. } => ("handler".to_owned(), main.clone()),
        Outcome::Human { why, .. } => (format!("human:{}", code(&json!(why))), String::new()),
    };
    DispatchRow {
        record: record.id,
        at: now,
        outcome,
        rule: rule.to_owned(),
        rule_set: decision.rule_set.clone(),
        level,
        main,
        person: person.to_owned(),
        confidence: decision.confidence,
        zh: decision.explanation_zh.clone(),
        en: decision.explanation_en.clone(),
        decided_by: desk::SYSTEM.to_owned(),
        doc: json!({"alternatives": decision.alternatives, "life_at_risk": decision.life_at_risk}).to_string(),
    }
}

fn code(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn text(of: &Body, name: &str) -> String {
    of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn body(value: Value) -> Body {
    let mut body = value.as_object().cloned().unwrap_or_default();
    body.retain(|_, value| !value.is_null());
    body
}
