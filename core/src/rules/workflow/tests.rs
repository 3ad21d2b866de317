use serde_json::{Value, json};

use super::*;
use crate::model::automaton::StepVerdict;
use crate::model::ids::RecordId;
use crate::model::incident::Category;
use crate::model::op::Action;
use crate::model::record::{Body, Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::packs;

fn workflow() -> Workflow {
    Workflow::new(packs::incident_automaton().unwrap()).unwrap()
}

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn category(code: &str) -> Category {
    packs::taxonomy()
        .unwrap()
        .categories
        .into_iter()
        .find(|c| c.code == code)
        .unwrap()
}

fn worker() -> Actor {
    Actor {
        staff: StaffId("s_1".into()),
        roles: vec!["GRID_STAFF".into()],
        grids: vec!["370611001901001".parse().unwrap()],
        orgs: Vec::new(),
    }
}

fn incident(state: &str, fields: Value) -> Record {
    Record {
        id: RecordId::v7(UtcMillis(1), [1; 10]),
        kind: Kind::of(Kind::INCIDENT),
        grid: Some("370611001901001".parse().unwrap()),
        rev: 1,
        state: state.into(),
        body: body(fields),
        deleted: false,
    }
}

fn step(event: &str, from: &str, to: &str, args: Value, set: Value) -> Action {
    Action::Transition {
        event: event.into(),
        from: from.into(),
        to: to.into(),
        role: "GRID_STAFF".into(),
        args: body(args),
        base: Body::new(),
        set: body(set),
    }
}

fn judge(record: &Record, action: &Action, category: &Category) -> StepVerdict {
    let (limits, calendar) = (packs::limits().unwrap(), packs::calendar().unwrap());
    let facts = Facts::new(Some(category), UtcMillis(1_000), &limits, &calendar);
    workflow().judge(record, action, &worker(), facts)
}

fn rule(verdict: &StepVerdict) -> &str {
    match verdict {
        StepVerdict::Forbidden { rule } => rule,
        other => panic!("{other:?}"),
    }
}

fn ready() -> Value {
    json!({"category": "A01.03", "description": "clutter", "point": {"lon_e7": 1, "lat_e7": 1}, "severity": "GENERAL",
           "found_at": 0, "attachments": [{"role": "near"}, {"role": "far"}, {"role": "after"}]})
}

#[test]
fn the_thirty_sample_histories_replay_exactly() {
    let incidents: Vec<Value> = serde_json::from_str(include_str!("../fixtures/incidents.json")).unwrap();
    assert_eq!(incidents.len(), 30);
    let workflow = workflow();
    for incident in &incidents {
        let text = |line: &'_ Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let lines: Vec<_> = incident["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| {
                (
                    l["seq"].as_u64().unwrap(),
                    text(l, "transition"),
                    text(l, "from"),
                    text(l, "to"),
                    text(l, "actor_role"),
                )
            })
            .collect();
        let lines = lines.iter().map(|(seq, event, from, to, role)| Line {
            seq: *seq,
            event,
            from,
            to,
            role,
        });
        assert_eq!(
            replay(&workflow, lines).as_deref(),
            Ok(incident["state"].as_str().unwrap()),
            "{}",
            incident["id"]
        );
    }
}

#[test]
fn a_history_with_a_gap_a_wrong_state_or_a_wrong_role_is_refused() {
    let line = |seq, event, from, to, role| Line {
        seq,
        event,
        from,
        to,
        role,
    };
    let draft = line(1, "T01_SAVE_DRAFT", "NONE", "DRAFT", "GRID_STAFF");
    for (second, expected) in [
        (line(3, "T02_SUBMIT", "DRAFT", "REPORTED", "GRID_STAFF"), "sequence"),
        (line(2, "T99", "DRAFT", "REPORTED", "GRID_STAFF"), "unknown_step"),
        (line(2, "T08_ACCEPT", "REPORTED", "ACCEPTED", "SYSTEM"), "from_state"),
        (line(2, "T02_SUBMIT", "DRAFT", "CLOSED", "GRID_STAFF"), "target_state"),
        (line(2, "T02_SUBMIT", "DRAFT", "REPORTED", "OPERATOR_HR"), "role"),
    ] {
        assert_eq!(
            replay(&workflow(), [draft, second]),
            Err(ReplayError {
                line: 2,
                rule: expected
            })
        );
    }
}

#[test]
fn a_report_needs_category_location_description_and_two_photos() {
    let submit = step("T02_SUBMIT", "DRAFT", "REPORTED", json!({}), json!({}));
    let category = category("A01.03");
    assert_eq!(
        judge(&incident("DRAFT", ready()), &submit, &category),
        StepVerdict::Legal { to: "REPORTED".into() }
    );
    for (missing, expected) in [
        ("point", "location_missing"),
        ("description", "description_missing"),
        ("attachments", "photo_near_far_missing"),
    ] {
        let mut fields = ready();
        fields.as_object_mut().unwrap().remove(missing);
        assert_eq!(rule(&judge(&incident("DRAFT", fields), &submit, &category)), expected);
    }
    let (limits, calendar) = (packs::limits().unwrap(), packs::calendar().unwrap());
    let facts = Facts::new(None, UtcMillis(0), &limits, &calendar);
    let verdict = workflow().judge(&incident("DRAFT", ready()), &submit, &worker(), facts);
    assert_eq!(rule(&verdict), "category_missing");
}

#[test]
fn closing_on_the_spot_keeps_all_its_guards() {
    let close = |at: i64| step("T04_SELF_CLOSE", "DRAFT", "CLOSED", json!({}), json!({"closed_at": at}));
    let allowed = category("A01.03");
    let closed = StepVerdict::Legal { to: "CLOSED".into() };
    assert_eq!(judge(&incident("DRAFT", ready()), &close(1), &allowed), closed);
    assert_eq!(
        rule(&judge(&incident("DRAFT", ready()), &close(1), &category("A01.01"))),
        "self_close_not_allowed"
    );
    assert_eq!(
        rule(&judge(
            &incident("DRAFT", ready()),
            &close(24 * 3_600_000 + 1),
            &allowed
        )),
        "found_too_long_ago"
    );
    assert_eq!(
        judge(&incident("DRAFT", ready()), &close(24 * 3_600_000), &allowed),
        closed
    );
    for (field, value, expected) in [
        ("severity", json!("MAJOR"), "severity_too_high"),
        ("urgency", json!("CRITICAL"), "urgency_too_high"),
        ("attachments", json!([{"role": "near"}]), "photo_near_after_missing"),
    ] {
        let mut fields = ready();
        fields[field] = value;
        assert_eq!(rule(&judge(&incident("DRAFT", fields), &close(1), &allowed)), expected);
    }
    let mut elsewhere = incident("DRAFT", ready());
    elsewhere.grid = Some("370611001901002".parse().unwrap());
    assert_eq!(rule(&judge(&elsewhere, &close(1), &allowed)), "not_own_grid");
}

#[test]
fn withdrawing_needs_a_reason_and_is_the_reporters_own() {
    let category = category("A01.03");
    let withdraw = |reason: &str| {
        step(
            "T05_WITHDRAW",
            "REPORTED",
            "VOIDED",
            json!({"reason": reason}),
            json!({}),
        )
    };
    let own = incident("REPORTED", json!({"reporter": "s_1"}));
    assert_eq!(
        judge(&own, &withdraw("twice"), &category),
        StepVerdict::Legal { to: "VOIDED".into() }
    );
    assert_eq!(rule(&judge(&own, &withdraw("  "), &category)), "reason_missing");
    let other = incident("REPORTED", json!({"reporter": "s_2"}));
    assert_eq!(rule(&judge(&other, &withdraw("twice"), &category)), "not_the_reporter");
    assert_eq!(
        judge(&incident("ACCEPTED", json!({})), &withdraw("late"), &category),
        StepVerdict::Illegal
    );
}

#[test]
fn a_role_may_take_only_its_own_steps() {
    let record = incident("REPORTED", json!({}));
    let accept = step("T08_ACCEPT", "REPORTED", "ACCEPTED", json!({}), json!({}));
    assert_eq!(rule(&judge(&record, &accept, &category("A01.03"))), "role");
    let unknown = step("T99_NOTHING", "REPORTED", "ACCEPTED", json!({}), json!({}));
    assert_eq!(rule(&judge(&record, &unknown, &category("A01.03"))), "unknown_step");
}

#[test]
fn a_repeated_close_is_the_same_and_another_close_is_a_conflict() {
    let history = json!([{"seq": 1, "event": "T04_SELF_CLOSE", "args": {"note": "removed"}}]);
    let closed = incident("CLOSED", json!({"history": history}));
    let close = |note: &str| step("T04_SELF_CLOSE", "DRAFT", "CLOSED", json!({"note": note}), json!({}));
    assert_eq!(
        judge(&closed, &close("removed"), &category("A01.03")),
        StepVerdict::AlreadyThere
    );
    assert_eq!(
        judge(&closed, &close("other"), &category("A01.03")),
        StepVerdict::DoubleClose
    );
}

#[test]
fn a_contradicting_automaton_is_refused() {
    let good = packs::incident_automaton().unwrap();
    let with = |change: &dyn Fn(&mut Automaton)| {
        let mut automaton = good.clone();
        change(&mut automaton);
        Workflow::new(automaton).unwrap_err()
    };
    assert!(matches!(
        with(&|a| a.transitions[0].to = "LIMBO".into()),
        WorkflowError::UnknownState { .. }
    ));
    assert!(matches!(
        with(&|a| a.transitions[1].from.push("VOIDED".into())),
        WorkflowError::LeavesTerminal(_)
    ));
    assert!(matches!(
        with(&|a| a.transitions.push(a.transitions[0].clone())),
        WorkflowError::Twice(_)
    ));
    assert!(matches!(
        with(&|a| a.transitions[0].actors.clear()),
        WorkflowError::NoActor(_)
    ));
    assert!(matches!(
        with(&|a| a.transitions.retain(|t| t.to != "MERGED")),
        WorkflowError::Unreachable(_)
    ));
}

#[test]
fn without_signal_a_worker_may_only_take_the_steps_marked_offline() {
    let workflow = workflow();
    let steps = |state: &str| -> Vec<String> {
        workflow
            .offline_steps(state, &["GRID_STAFF".into()])
            .iter()
            .map(|t| t.id.chars().take(3).collect())
            .collect()
    };
    assert_eq!(steps(""), ["T01"]);
    assert_eq!(steps("DRAFT"), ["T01", "T02", "T04"]);
    assert_eq!(steps("REPORTED"), ["T05"]);
    assert_eq!(steps("DISPATCHED"), ["T17"]);
    assert!(steps("VOIDED").is_empty());
}
