//! The conflict table: one row per situation, with what must come of it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::ids::OpId;
use crate::model::op::{Choice, Operation};
use crate::model::record::{Body, Kind};
use crate::model::time::Hlc;

const GRID: &str = "370611001901001";

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn held(kind: &str, state: &str, fields: Value, field_rev: &[(&str, i64)], rev: i64) -> Versioned {
    let record = Record {
        id: RecordId::v7(UtcMillis(1), [1; 10]),
        kind: Kind::of(kind),
        grid: Some(GRID.parse().unwrap()),
        rev,
        state: state.into(),
        body: body(fields),
        deleted: false,
    };
    Versioned {
        record,
        field_rev: field_rev.iter().map(|(n, r)| ((*n).to_owned(), *r)).collect(),
    }
}

fn operation(kind: &str, action: Action) -> Operation {
    Operation {
        op: OpId::v7(UtcMillis(2), [2; 10]),
        kind: Kind::of(kind),
        record: RecordId::v7(UtcMillis(1), [1; 10]),
        action,
        base_rev: Some(1),
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc(1),
        at: UtcMillis(3),
        schema: 7,
    }
}

fn patch(base: Value, set: Value) -> Action {
    Action::Patch {
        base: body(base),
        set: body(set),
    }
}

fn close(set: Value) -> Action {
    Action::Transition {
        event: "T04_SELF_CLOSE".into(),
        from: "DRAFT".into(),
        to: "CLOSED".into(),
        role: "GRID_STAFF".into(),
        args: Body::new(),
        base: Body::new(),
        set: body(set),
    }
}

fn note(text: &str) -> Action {
    Action::Append {
        list: "notes".into(),
        item: json!({"id": text, "text": text}),
    }
}

fn decided(current: Option<&Versioned>, action: Action, verdict: StepVerdict, kind: &str) -> Outcome {
    let judge = |_: &Record, _: &Action| verdict.clone();
    let policy = |_: &str, field: &str| match field {
        "last_visit" => MergePolicy::Max,
        "first_seen" => MergePolicy::Min,
        "tags" => MergePolicy::Union,
        "visits" => MergePolicy::Counter,
        "next_due" => MergePolicy::Lww,
        "case_no" => MergePolicy::Platform,
        _ => MergePolicy::Conflict,
    };
    let actor = StaffId("s_1".into());
    let conflict_id = RecordId::v7(UtcMillis(9), [9; 10]);
    let ctx = Context {
        now: UtcMillis(100),
        actor: &actor,
        conflict_id,
        judge: &judge,
        effects: &crate::model::step::no_effects,
        policy: &policy,
        may_correct: false,
        merged_into: None,
    };
    decide(current, &operation(kind, action), Some(1), &ctx)
}

struct Row {
    what: &'static str,
    current: Option<Versioned>,
    action: Action,
    verdict: StepVerdict,
    status: OpStatus,
    /// Fields of the record afterwards; nothing when it must not change.
    after: Option<Value>,
    /// Kind of the conflict and the fields in it.
    conflict: Option<(&'static str, &'static [&'static str])>,
}

fn row(
    what: &'static str,
    current: Option<Versioned>,
    action: Action,
    status: OpStatus,
    after: Option<Value>,
    conflict: Option<(&'static str, &'static [&'static str])>,
) -> Row {
    Row {
        what,
        current,
        action,
        verdict: StepVerdict::Illegal,
        status,
        after,
        conflict,
    }
}

#[allow(clippy::too_many_lines)] // a table
fn table() -> Vec<Row> {
    use OpStatus::{Applied, Conflict, Merged, Rejected, Same};
    let p = |fields: Value, moved: &[(&str, i64)]| Some(held("person", "", fields, moved, 2));
    let i = |state: &str, fields: Value| Some(held("incident", state, fields, &[("title", 2)], 2));
    let ended = || {
        p(json!({}), &[]).map(|mut v| {
            v.record.deleted = true;
            v
        })
    };
    let step = |what, current, verdict, status, after, conflict| Row {
        verdict,
        ..row(
            what,
            current,
            close(json!({"close_type": "SELF"})),
            status,
            after,
            conflict,
        )
    };
    let to = || "CLOSED".to_owned();
    vec![
        row(
            "only the phone changed it",
            p(json!({"a": 1}), &[]),
            patch(json!({"a": 1}), json!({"a": 2})),
            Applied,
            Some(json!({"a": 2})),
            None,
        ),
        row(
            "only the platform changed another field",
            p(json!({"a": 1, "b": 9}), &[("b", 2)]),
            patch(json!({"a": 1}), json!({"a": 2})),
            Applied,
            Some(json!({"a": 2, "b": 9})),
            None,
        ),
        row(
            "a new field on the phone",
            p(json!({"a": 1}), &[]),
            patch(json!({}), json!({"n": 5})),
            Applied,
            Some(json!({"a": 1, "n": 5})),
            None,
        ),
        row(
            "a new field on the platform stays",
            p(json!({"a": 1, "n": 5}), &[("n", 2)]),
            patch(json!({"a": 1}), json!({"a": 2})),
            Applied,
            Some(json!({"a": 2, "n": 5})),
            None,
        ),
        row(
            "both made the same change",
            p(json!({"a": 2}), &[("a", 2)]),
            patch(json!({"a": 1}), json!({"a": 2})),
            Same,
            None,
            None,
        ),
        row(
            "both changed one field: the platform's stays and both are shown",
            p(json!({"a": 3}), &[("a", 2)]),
            patch(json!({"a": 1}), json!({"a": 2})),
            Conflict,
            None,
            Some(("field", &["a"])),
        ),
        row(
            "a conflict in one field lets the others through",
            p(json!({"a": 3, "b": 1}), &[("a", 2)]),
            patch(json!({"a": 1, "b": 1}), json!({"a": 2, "b": 7})),
            Conflict,
            Some(json!({"a": 3, "b": 7})),
            Some(("field", &["a"])),
        ),
        row(
            "two fields in conflict are one record",
            p(json!({"a": 3, "b": 4}), &[("a", 2), ("b", 2)]),
            patch(json!({"a": 1, "b": 1}), json!({"a": 2, "b": 2})),
            Conflict,
            None,
            Some(("field", &["a", "b"])),
        ),
        row(
            "the platform changed it back to what the phone had seen",
            p(json!({"a": 1}), &[("a", 2)]),
            patch(json!({"a": 1}), json!({"a": 2})),
            Applied,
            Some(json!({"a": 2})),
            None,
        ),
        row(
            "the phone cleared an untouched field",
            p(json!({"a": 1, "b": 2}), &[]),
            patch(json!({"a": 1}), json!({"a": null})),
            Applied,
            Some(json!({"b": 2})),
            None,
        ),
        row(
            "cleared here, changed there",
            p(json!({"a": 3}), &[("a", 2)]),
            patch(json!({"a": 1}), json!({"a": null})),
            Conflict,
            None,
            Some(("field", &["a"])),
        ),
        row(
            "cleared there, changed here",
            p(json!({}), &[("a", 2)]),
            patch(json!({"a": 1}), json!({"a": 2})),
            Conflict,
            None,
            Some(("field", &["a"])),
        ),
        row(
            "policy max takes the larger",
            p(json!({"last_visit": 30}), &[("last_visit", 2)]),
            patch(json!({"last_visit": 10}), json!({"last_visit": 20})),
            Same,
            None,
            None,
        ),
        row(
            "policy min takes the smaller",
            p(json!({"first_seen": 30}), &[("first_seen", 2)]),
            patch(json!({"first_seen": 40}), json!({"first_seen": 20})),
            Merged,
            Some(json!({"first_seen": 20})),
            None,
        ),
        row(
            "policy union keeps both",
            p(json!({"tags": ["x"]}), &[("tags", 2)]),
            patch(json!({"tags": []}), json!({"tags": ["y", "x"]})),
            Merged,
            Some(json!({"tags": ["x", "y"]})),
            None,
        ),
        row(
            "policy counter adds the difference",
            p(json!({"visits": 12}), &[("visits", 2)]),
            patch(json!({"visits": 10}), json!({"visits": 11})),
            Merged,
            Some(json!({"visits": 13})),
            None,
        ),
        row(
            "policy last writer takes the later arrival",
            p(json!({"next_due": "b"}), &[("next_due", 2)]),
            patch(json!({"next_due": "a"}), json!({"next_due": "c"})),
            Merged,
            Some(json!({"next_due": "c"})),
            None,
        ),
        row(
            "policy platform keeps its own without a conflict",
            p(json!({"case_no": 1}), &[("case_no", 2)]),
            patch(json!({}), json!({"case_no": 2})),
            Same,
            None,
            None,
        ),
        row(
            "created twice with equal content",
            p(json!({"a": 1, "b": 2}), &[]),
            Action::Create {
                grid: GRID.parse().unwrap(),
                body: body(json!({"a": 1})),
            },
            Same,
            None,
            None,
        ),
        row(
            "created twice with other content",
            p(json!({"a": 1}), &[]),
            Action::Create {
                grid: GRID.parse().unwrap(),
                body: body(json!({"a": 2})),
            },
            Conflict,
            None,
            Some(("create", &["a"])),
        ),
        row(
            "edited what has ended",
            ended(),
            patch(json!({"a": 1}), json!({"a": 2})),
            Conflict,
            None,
            Some(("deleted", &["a"])),
        ),
        row(
            "added to what has ended",
            ended(),
            note("late"),
            Conflict,
            None,
            Some(("deleted", &["notes"])),
        ),
        row(
            "ended twice",
            ended(),
            Action::Withdraw { reason: "x".into() },
            Same,
            None,
            None,
        ),
        row(
            "created again after its end does not resurrect",
            ended(),
            Action::Create {
                grid: GRID.parse().unwrap(),
                body: body(json!({"a": 1})),
            },
            Conflict,
            None,
            Some(("deleted", &["a"])),
        ),
        row(
            "ended here, changed there",
            p(json!({"a": 3}), &[("a", 2)]),
            Action::Withdraw { reason: "x".into() },
            Conflict,
            None,
            Some(("deleted", &[])),
        ),
        row(
            "patched what the platform never had",
            None,
            patch(json!({}), json!({"a": 1})),
            Rejected,
            None,
            None,
        ),
        row(
            "noted on an open incident",
            i("REPORTED", json!({})),
            note("n"),
            Applied,
            Some(json!({"notes": [{"id": "n", "text": "n"}]})),
            None,
        ),
        row(
            "the same note twice",
            i("REPORTED", json!({"notes": [{"id": "n", "text": "n"}]})),
            note("n"),
            Same,
            None,
            None,
        ),
        row(
            "evidence on a closed incident is always taken",
            i("CLOSED", json!({})),
            note("n"),
            Applied,
            Some(json!({"notes": [{"id": "n", "text": "n"}], "late_evidence_at": 100})),
            None,
        ),
        row(
            "edited a closed incident",
            i("CLOSED", json!({"title": "t"})),
            patch(json!({"title": "t"}), json!({"title": "B"})),
            Conflict,
            None,
            Some(("closed_while_editing", &["title"])),
        ),
        row(
            "edited a withdrawn incident",
            i("VOIDED", json!({"title": "t"})),
            patch(json!({"title": "t"}), json!({"title": "B"})),
            Conflict,
            None,
            Some(("withdrawn", &["title"])),
        ),
        step(
            "a legal step",
            i("DRAFT", json!({})),
            StepVerdict::Legal { to: to() },
            Applied,
            Some(json!({"close_type": "SELF"})),
            None,
        ),
        step(
            "moved on, target reachable",
            i("REPORTED", json!({})),
            StepVerdict::Rebased {
                to: to(),
                by: "T28_CLOSE".into(),
            },
            Merged,
            Some(json!({"close_type": "SELF"})),
            None,
        ),
        step(
            "already there by the same step",
            i("CLOSED", json!({"close_type": "SELF"})),
            StepVerdict::AlreadyThere,
            Same,
            None,
            None,
        ),
        step(
            "already there by the same step, with other values",
            i("CLOSED", json!({"close_type": "DESK"})),
            StepVerdict::AlreadyThere,
            Conflict,
            None,
            Some(("double_close", &["close_type"])),
        ),
        step(
            "both closed, with another outcome",
            i("CLOSED", json!({})),
            StepVerdict::DoubleClose,
            Conflict,
            None,
            Some(("double_close", &["close_type"])),
        ),
        step(
            "target not reachable",
            i("EVALUATED", json!({})),
            StepVerdict::Illegal,
            Conflict,
            None,
            Some(("illegal_transition", &["close_type"])),
        ),
        step(
            "a step on a withdrawn incident",
            i("VOIDED", json!({})),
            StepVerdict::Illegal,
            Conflict,
            None,
            Some(("withdrawn", &["close_type"])),
        ),
        step(
            "a guard forbids it",
            i("DRAFT", json!({})),
            StepVerdict::Forbidden { rule: "role".into() },
            Rejected,
            None,
            None,
        ),
    ]
}

#[test]
fn every_row_of_the_conflict_table_holds() {
    let rows = table();
    assert!(rows.len() >= 30);
    for row in rows {
        let kind = row
            .current
            .as_ref()
            .map_or("person", |c| c.record.kind.0.as_str())
            .to_owned();
        let outcome = decided(row.current.as_ref(), row.action, row.verdict, &kind);
        assert_eq!(outcome.status, row.status, "{}", row.what);
        let after = outcome.after.map(|v| {
            let mut fields = v.record.body;
            fields.remove("history");
            Value::Object(fields)
        });
        assert_eq!(after, row.after, "{}", row.what);
        let conflict = outcome.conflict.map(|c| {
            let fields: Vec<String> = c.body["fields"].as_object().unwrap().keys().cloned().collect();
            (c.body["what"].as_str().unwrap().to_owned(), fields)
        });
        let expected = row
            .conflict
            .map(|(what, fields)| (what.to_owned(), fields.iter().map(|f| (*f).to_owned()).collect()));
        assert_eq!(conflict, expected, "{}", row.what);
    }
}

#[test]
fn a_step_writes_a_line_of_history_that_says_from_where() {
    let current = held("incident", "DRAFT", json!({"history": [{"seq": 1}]}), &[], 1);
    let after = decided(
        Some(&current),
        close(json!({})),
        StepVerdict::Legal { to: "CLOSED".into() },
        "incident",
    )
    .after
    .unwrap();
    let line = &after.record.body["history"][1];
    assert_eq!(
        (line["seq"].as_i64(), line["from"].as_str(), line["to"].as_str()),
        (Some(2), Some("DRAFT"), Some("CLOSED"))
    );
    assert_eq!((after.record.state.as_str(), after.record.rev), ("CLOSED", 2));
}

#[test]
fn a_conflict_is_closed_once_and_a_second_opinion_is_not_lost() {
    let actor = StaffId("l_1".into());
    let judge = |_: &Record, _: &Action| StepVerdict::Illegal;
    let policy = |_: &str, _: &str| MergePolicy::Conflict;
    let conflict_id = RecordId::v7(UtcMillis(9), [9; 10]);
    let ctx = Context {
        now: UtcMillis(100),
        actor: &actor,
        conflict_id,
        judge: &judge,
        effects: &crate::model::step::no_effects,
        policy: &policy,
        may_correct: false,
        merged_into: None,
    };
    let sides = json!({"title": {"base": "t", "platform": "A", "phone": "B"}});
    let open = held("conflict", "", json!({"status": "OPEN", "fields": sides}), &[], 1);
    let target = held("incident", "REPORTED", json!({"title": "A"}), &[("title", 2)], 2);
    let op = operation("conflict", Action::Resolve { choice: Choice::Phone });
    let first = resolve(&open, Some(&target), &op, &Choice::Phone, &ctx);
    let taken = first.target.unwrap();
    assert_eq!((taken.record.body["title"].as_str(), taken.record.rev), (Some("B"), 3));
    let closed = first.conflict.after.unwrap();
    assert_eq!(closed.record.body["status"], "RESOLVED");
    let same = resolve(&closed, Some(&taken), &op, &Choice::Phone, &ctx);
    assert_eq!((same.conflict.status, same.target), (OpStatus::Same, None));
    let other = resolve(&closed, Some(&taken), &op, &Choice::Platform, &ctx).conflict;
    assert_eq!(
        (other.status, other.code.as_deref()),
        (OpStatus::Conflict, Some("conflict_resolved"))
    );
    let second = other.conflict.unwrap().body;
    assert_eq!(
        (
            &second["what"],
            &second["fields"]["title"]["platform"],
            &second["fields"]["title"]["phone"]
        ),
        (&json!("resolution"), &json!("B"), &json!("A"))
    );
}

fn fields() -> impl Strategy<Value = BTreeMap<String, i64>> {
    prop::collection::btree_map("[a-d]", 0..3_i64, 0..4)
}

proptest! {
    /// Whatever two sides wrote: each value of the phone is in the record, or was there already, or is in the conflict; no
    /// value of the platform is overwritten unseen; and the same operation again changes nothing.
    #[test]
    fn no_side_is_lost(base in fields(), theirs in fields(), ours in fields()) {
        let value = |m: &BTreeMap<String, i64>| json!(m);
        let mut platform = base.clone();
        platform.extend(theirs.clone());
        let moved: Vec<(&str, i64)> = theirs.keys().map(|k| (k.as_str(), 2)).collect();
        let current = held("person", "", value(&platform), &moved, 2);
        let seen: BTreeMap<_, _> = base.iter().filter(|(k, _)| ours.contains_key(*k)).map(|(k, v)| (k.clone(), *v)).collect();
        let action = patch(value(&seen), value(&ours));
        let outcome = decided(Some(&current), action.clone(), StepVerdict::Illegal, "person");
        let after = outcome.after.clone().map_or(current.record.body.clone(), |v| v.record.body);
        let shown = outcome.conflict.as_ref().map(|c| c.body["fields"].clone()).unwrap_or_default();
        for (name, wanted) in &ours {
            let placed = after.get(name) == Some(&json!(wanted));
            prop_assert!(placed || shown[name]["phone"] == json!(wanted), "{name}");
        }
        for (name, written) in &theirs {
            let stays = after.get(name) == Some(&json!(written));
            // overwritten only where the phone had seen this very value
            prop_assert!(stays || base.get(name) == Some(written), "{name}");
        }
        if outcome.conflict.is_none() && let Some(after) = outcome.after {
            let again = decided(Some(&after), action, StepVerdict::Illegal, "person");
            prop_assert_eq!(again.status, OpStatus::Same);
        }
    }

    /// A phone that replays its patch on the mirror shows what it typed.
    #[test]
    fn the_overlay_shows_what_was_typed(base in fields(), ours in fields()) {
        let mirror = held("person", "", json!(base), &[], 1).record;
        let op = operation("person", patch(json!({}), json!(ours)));
        let actor = StaffId("s_1".into());
        let hand = Hand { actor: &actor, effects: &crate::model::step::no_effects };
        let shown = overlay(Some(&mirror), &[&op], &hand).unwrap();
        for (name, wanted) in &ours {
            prop_assert_eq!(shown.body.get(name), Some(&json!(wanted)));
        }
    }
}
