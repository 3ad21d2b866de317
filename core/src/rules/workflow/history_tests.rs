//! The invariants of domain dictionary 4.5 over random histories.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::lines::Lines;
use super::play::{BUREAU, GRID, Stage, args, blank, person};
use super::{Line, absorb, replay};
use crate::model::incident::HistoryEntry;
use crate::model::record::Record;
use crate::model::step::set_fields;
use crate::model::time::UtcMillis;
use crate::rules::deadline::{Limit, Moment};

/// 2026-09-01 08:30 in China.
const START: i64 = 1_788_222_600_000;

/// Somebody tries a step on one of the incidents.
#[derive(Debug, Clone)]
struct Try {
    incident: usize,
    step: usize,
    role: usize,
    main: bool,
    variant: u8,
    minutes: i64,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = (
        0..3_usize,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any::<bool>(),
        0..6_u8,
        1..3_000_i64,
    );
    let one = one.prop_map(|(incident, step, role, main, variant, minutes)| Try {
        incident,
        step: step.index(36) + 1,
        role: role.index(1_000),
        main,
        variant,
        minutes,
    });
    prop::collection::vec(one, 1..120)
}

/// Arguments of a try: mostly such that a step is content with, sometimes others.
fn wanted(number: u32, attempt: &Try, now: UtcMillis) -> Value {
    let mut args = args(number, if attempt.main { BUREAU } else { GRID }, now);
    match (number, attempt.variant) {
        (26, 0) => args["result"] = json!("not_pass"),
        (32, level @ 1..=3) => args["level"] = json!(level),
        (32, 4) => args = json!({"cancel": true, "reason": "r"}),
        (13, 1) => args = json!({"main": BUREAU, "forced": true, "reason": "joint"}),
        (15, 1) => args = json!({"reason": "r", "level": 3}),
        (30, 0) => args = json!({}),
        (34, 1) => args = json!({"urgency": "CRITICAL"}),
        (_, 5) => args = json!({}),
        _ => {}
    }
    args
}

fn lines_of(record: &Record) -> Vec<Value> {
    record
        .body
        .get("history")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// What holds of one incident after every step.
fn check(stage: &Stage, record: &Record) -> Result<(), TestCaseError> {
    let lines = lines_of(record);
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    if lines.is_empty() {
        return Ok(());
    }
    let terminal = ["EVALUATED", "REJECTED", "MERGED", "VOIDED"].contains(&record.state.as_str());
    let owner = record.body.get("owner_org").and_then(Value::as_str).unwrap_or_default();
    prop_assert!(terminal || !owner.is_empty(), "I-1: nobody owns it in {}", record.state);
    for (index, line) in lines.iter().enumerate() {
        prop_assert_eq!(line["seq"].as_u64(), Some(index as u64 + 1), "I-2");
    }
    prop_assert!(
        lines
            .windows(2)
            .all(|pair| pair[0]["at"].as_i64() <= pair[1]["at"].as_i64()),
        "I-2: time runs back"
    );
    let parts: Vec<_> = lines
        .iter()
        .map(|l| {
            (
                l["seq"].as_u64().unwrap(),
                text(l, "event"),
                text(l, "from"),
                text(l, "to"),
                text(l, "role"),
            )
        })
        .collect();
    let replayed = replay(
        &stage.workflow,
        parts.iter().map(|(seq, event, from, to, role)| Line {
            seq: *seq,
            event,
            from,
            to,
            role,
        }),
    );
    prop_assert_eq!(replayed.as_deref(), Ok(record.state.as_str()), "I-3");
    let round = Lines::of(record).round();
    let ways = [24, 4, 36, 29];
    if record.state == "CLOSED" {
        prop_assert!(
            round.last_of(&ways).is_some(),
            "I-5: closed without feedback, self-close, answer or force"
        );
    }
    if record.state == "EVALUATED" {
        prop_assert_eq!(text(lines.last().unwrap(), "from"), "CLOSED", "I-6");
    }
    let levels: Vec<u64> = lines.iter().map(|l| l["level"].as_u64().unwrap_or(0)).collect();
    prop_assert!(levels.iter().all(|level| (1..=3).contains(level)), "I-7: {levels:?}");
    for (pair, line) in levels.windows(2).zip(lines.iter().skip(1)) {
        let moves = ["T15_ESCALATE", "T16_DELEGATE_DOWN"].contains(&line["event"].as_str().unwrap());
        prop_assert!(moves || pair[0] == pair[1], "I-7: {} changed the level", line["event"]);
    }
    for (number, field) in [
        (27, "rework_count"),
        (31, "redo_count"),
        (18, "refuse_count"),
        (10, "return_count"),
        (33, "urge_count"),
    ] {
        let counted = record.body.get(field).and_then(Value::as_u64).unwrap_or(0);
        prop_assert_eq!(counted, Lines::of(record).count(number) as u64, "I-8: {}", field);
    }
    for line in round.iter().filter(|line| matches!(line.number(), 26 | 28)) {
        let handled = round.took(line.actor(), &[17, 24]);
        prop_assert!(!handled, "I-9: the handler took {}", line.text("event"));
    }
    paused(stage, record)
}

/// I-10: paused time is at most the time spent in SUSPENDED.
fn paused(stage: &Stage, record: &Record) -> Result<(), TestCaseError> {
    let history: Vec<HistoryEntry> = serde_json::from_value(record.body["history"].clone()).unwrap();
    let moments: Vec<Moment<'_>> = history.iter().map(Moment::from).collect();
    let limit: Limit = "5 WORK_DAY".parse().unwrap();
    let timers = stage.limits.timers(&moments, "NORMAL", limit).unwrap();
    let end = history.last().unwrap().at;
    let paused: i64 = timers
        .iter()
        .flat_map(|t| &t.clock.pauses)
        .map(|p| p.to.unwrap_or(end).since(p.from))
        .sum();
    let next = history.iter().skip(1).map(|line| line.at).chain([end]);
    let suspended: i64 = history
        .iter()
        .zip(next)
        .filter(|(line, _)| line.to == "SUSPENDED")
        .map(|(line, next)| next.since(line.at))
        .sum();
    prop_assert!(paused <= suspended, "I-10: {paused} > {suspended}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn the_invariants_hold_over_random_histories(tries in tries()) {
        let stage = Stage::new();
        let mut incidents: Vec<Record> = (1..=3).map(|n| blank(n, "A02.05")).collect();
        let mut now = UtcMillis(START);
        for attempt in &tries {
            now = now.plus(attempt.minutes * 60_000);
            let before = incidents.clone();
            let number = attempt.step as u32;
            let event = stage.id(number);
            let roles = &stage.workflow.transition(&event).unwrap().actors;
            let actor = person(&roles[attempt.role % roles.len()]);
            let other = (attempt.incident + 1) % 3;
            let mut wanted = wanted(number, attempt, now);
            if number == 12 {
                wanted = json!({"merged_into": before[other].id});
            }
            let record = &mut incidents[attempt.incident];
            let taken = stage.take(record, &event, &actor, wanted, now, Some(&before[other]));
            match taken {
                Err(_) => prop_assert_eq!(&*record, &before[attempt.incident], "a refused step left something"),
                Ok(()) => {
                    let state = before[attempt.incident].state.as_str();
                    prop_assert!(!["EVALUATED", "REJECTED", "MERGED", "VOIDED"].contains(&state), "I-4: {} left {}", event, state);
                    if number == 12 {
                        let set = absorb(&before[other], &before[attempt.incident]);
                        set_fields(&mut incidents[other].body, &set);
                    }
                }
            }
            for record in &incidents {
                check(&stage, record)?;
                // I-11: stars, not chains
                let merged = record.body.get("merged_into").and_then(Value::as_str);
                let master = merged.and_then(|id| incidents.iter().find(|other| other.id.to_string() == id));
                prop_assert!(master.is_none_or(|master| master.state != "MERGED"), "I-11: a chain");
            }
        }
    }
}
