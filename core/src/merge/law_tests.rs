//! Laws that hold for any operations in any order: nothing that was written vanishes, and what need not depend on the order does
//! not.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::ids::OpId;
use crate::model::op::Operation;
use crate::model::record::{Body, Kind};
use crate::model::time::Hlc;

/// One phone's edit: which field, and whether the phone has caught up with the platform before.
#[derive(Debug, Clone)]
struct Edit {
    phone: usize,
    field: &'static str,
    caught_up: bool,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let field = prop::sample::select(vec!["a", "b", "c"]);
    let edit = (0..3_usize, field, any::<bool>()).prop_map(|(phone, field, caught_up)| Edit {
        phone,
        field,
        caught_up,
    });
    prop::collection::vec(edit, 1..24)
}

fn record(body: Value) -> Versioned {
    Versioned {
        record: Record {
            id: RecordId::v7(UtcMillis(1), [1; 10]),
            kind: Kind::of("person"),
            grid: None,
            rev: 1,
            state: String::new(),
            body: body.as_object().unwrap().clone(),
            deleted: false,
        },
        field_rev: BTreeMap::new(),
    }
}

fn operation(number: u8, action: Action) -> Operation {
    Operation {
        op: OpId::v7(UtcMillis(2), [number; 10]),
        kind: Kind::of("person"),
        record: RecordId::v7(UtcMillis(1), [1; 10]),
        action,
        base_rev: None,
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc(1),
        at: UtcMillis(3),
        schema: 7,
    }
}

fn decided(current: &Versioned, op: &Operation, base_rev: Option<i64>, policy: MergePolicy) -> Outcome {
    let actor = StaffId("s_1".into());
    let ctx = Context {
        now: UtcMillis(100),
        actor: &actor,
        conflict_id: RecordId::v7(UtcMillis(9), [9; 10]),
        judge: &|_, _| StepVerdict::Illegal,
        effects: &crate::model::step::no_effects,
        policy: &|_, _| policy,
        may_correct: false,
        merged_into: None,
    };
    decide(Some(current), op, base_rev, &ctx)
}

/// A phone's picture of the record: what it shows, and the revision it has seen everything through.
#[derive(Clone)]
struct Picture {
    shown: Body,
    seen: i64,
}

proptest! {
    /// Three phones edit one record, each with whatever it has seen. No value takes the place of one its writer had not seen:
    /// it is in the record, or beside the other in a conflict.
    #[test]
    fn no_value_takes_the_place_of_one_its_writer_had_not_seen(edits in edits()) {
        let mut platform = record(json!({}));
        let start = Picture { shown: Body::new(), seen: 1 };
        let mut phones = vec![start; 3];
        let mut somewhere: BTreeSet<String> = BTreeSet::new();
        for (number, edit) in edits.iter().enumerate() {
            let picture = &mut phones[edit.phone];
            if edit.caught_up {
                *picture = Picture { shown: platform.record.body.clone(), seen: platform.record.rev };
            }
            let before = picture.shown.get(edit.field).cloned().unwrap_or(Value::Null);
            let value = json!(format!("v{number}"));
            let mut base = Body::new();
            if !before.is_null() {
                base.insert(edit.field.into(), before.clone());
            }
            let set = Body::from_iter([(edit.field.to_owned(), value.clone())]);
            let op = operation(number as u8, Action::Patch { base, set });
            let held = platform.record.body.get(edit.field).cloned().unwrap_or(Value::Null);
            let outcome = decided(&platform, &op, Some(picture.seen), MergePolicy::Conflict);
            let all_seen = picture.seen == platform.record.rev;
            if let Some(after) = &outcome.after {
                let now = after.record.body.get(edit.field).cloned().unwrap_or(Value::Null);
                prop_assert!(now == held || held == before || now == value, "an odd value: {now}");
                prop_assert!(now == held || held == before, "{value} took the place of {held}, its writer had seen {before}");
                platform = after.clone();
            }
            if let Some(conflict) = &outcome.conflict {
                somewhere.insert(conflict.body["fields"][edit.field]["phone"].to_string());
            }
            let placed = platform.record.body.get(edit.field) == Some(&value);
            prop_assert!(placed || somewhere.contains(&value.to_string()), "{value} is nowhere");
            // the phone goes on from what it shows: its own value, and no more of the others than before
            phones[edit.phone].shown.insert(edit.field.into(), value);
            if all_seen {
                phones[edit.phone].seen = platform.record.rev;
            }
        }
    }

    /// Items of a growing list are all there, whatever the order and however often they come.
    #[test]
    fn a_growing_list_keeps_every_item_once(order in prop::collection::vec(0..6_u8, 1..30)) {
        let mut platform = record(json!({}));
        for number in &order {
            let item = json!({"id": number, "text": "x"});
            let op = operation(*number, Action::Append { list: "notes".into(), item });
            if let Some(after) = decided(&platform, &op, None, MergePolicy::Append).after {
                platform = after;
            }
        }
        let held: Vec<u64> = platform.record.body["notes"].as_array().unwrap().iter().map(|i| i["id"].as_u64().unwrap()).collect();
        let wanted: BTreeSet<u64> = order.iter().map(|n| u64::from(*n)).collect();
        prop_assert_eq!(held.len(), wanted.len());
        prop_assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), wanted);
    }

    /// Greatest, least and union do not ask who came first.
    #[test]
    fn order_free_policies_end_alike_in_any_order(values in prop::collection::vec(0..100_i64, 2..6), turn in 0..5_usize) {
        for policy in [MergePolicy::Max, MergePolicy::Min, MergePolicy::Union] {
            let wrap = |n: i64| if policy == MergePolicy::Union { json!([n]) } else { json!(n) };
            let end = |values: &[i64]| {
                let mut platform = record(json!({"f": wrap(50)}));
                platform.field_rev.insert("f".into(), 1);
                for (number, value) in values.iter().enumerate() {
                    let base = Body::from_iter([("f".to_owned(), json!("stale"))]);
                    let set = Body::from_iter([("f".to_owned(), wrap(*value))]);
                    let op = operation(number as u8, Action::Patch { base, set });
                    if let Some(after) = decided(&platform, &op, Some(0), policy).after {
                        platform = after;
                    }
                }
                let mut held = platform.record.body["f"].clone();
                if let Some(items) = held.as_array_mut() {
                    items.sort_by_key(Value::as_i64);
                }
                held
            };
            let mut other = values.clone();
            let steps = turn % other.len();
            other.rotate_left(steps);
            prop_assert_eq!(end(&values), end(&other), "{:?}", policy);
        }
    }
}
