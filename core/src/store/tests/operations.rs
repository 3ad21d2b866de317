use serde_json::json;

use super::fixture::*;
use crate::model::ids::{DeviceId, GroupId, Incarnation, StaffId};
use crate::model::op::{Action, Group, Lane, Operation};
use crate::model::record::{Kind, Record};
use crate::model::time::UtcMillis;
use crate::store::identity::{self, Identity};
use crate::store::ops::{self, NewOp};
use crate::store::records::{self, Mark};
use crate::store::{Store, StoreError, Writer};
use crate::wire::enrol::Staff;
use crate::wire::push::{NumberedOp, OpResult, OpStatus};

fn next(store: &Store, max: usize) -> Vec<(u64, u8)> {
    let batch = write(store, |w| ops::next_push(w, &[0, 1, 2, 3, 4], max, usize::MAX).unwrap());
    batch.iter().map(|n| (n.n, number(n))).collect()
}

fn number(op: &NumberedOp) -> u8 {
    (1..=255).find(|n| op_id(*n) == op.op.op).unwrap()
}

fn answer(op: u8, status: OpStatus, record: Option<Record>) -> OpResult {
    let rev = record.as_ref().map(|r| r.rev);
    OpResult {
        op: op_id(op),
        status,
        rev,
        record,
        conflict: None,
        code: Some("validation".into()),
        fields: Vec::new(),
        redirected: None,
    }
}

fn apply(store: &Store, results: &[OpResult]) -> ops::Settled {
    write(store, |w| ops::apply_results(w, results).unwrap())
}

fn name(store: &Store, n: u8) -> String {
    let view = store.read(|r| records::view(r, id(n))).unwrap().unwrap();
    view.record.body["name"].as_str().unwrap().to_owned()
}

fn mark(store: &Store, n: u8) -> Mark {
    store.read(|r| records::view(r, id(n))).unwrap().unwrap().mark
}

#[test]
fn an_operation_shows_at_once_and_settles_to_the_platforms_word() {
    let (_dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "own"}))));
    assert_eq!((name(&store, 1).as_str(), mark(&store, 1)), ("own", Mark::Pending));
    assert_eq!(next(&store, 10), [(1, 1)]);
    apply(
        &store,
        &[answer(
            1,
            OpStatus::Applied,
            Some(person(1, 1, json!({"name": "normalised"}))),
        )],
    );
    assert_eq!((name(&store, 1).as_str(), mark(&store, 1)), ("normalised", Mark::Clean));
    assert_eq!(store.read(ops::ledger).unwrap().applied, 1);
}

#[test]
fn an_edit_made_while_its_record_is_being_sent_stays_pending() {
    let (_dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "first"}))));
    next(&store, 10);
    let second = write(&store, |w| {
        add(w, 2, 1, patch(json!({"name": "first"}), json!({"name": "second"})))
    });
    assert_eq!(second.base_op, Some(op_id(1)), "it stands on the one under way");
    apply(
        &store,
        &[answer(
            1,
            OpStatus::Applied,
            Some(person(1, 1, json!({"name": "first"}))),
        )],
    );
    assert_eq!((name(&store, 1).as_str(), mark(&store, 1)), ("second", Mark::Pending));
    assert_eq!(next(&store, 10), [(2, 2)]);
}

#[test]
fn what_has_no_answer_is_sent_again_under_its_number_and_before_all_others() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "a"})));
        add(w, 2, 2, create(json!({"name": "b"})));
    });
    assert_eq!(next(&store, 1), [(1, 1)]);
    write(&store, |w| {
        add_as(w, 3, 3, create(json!({"name": "urgent"})), Lane::P0, false)
    });
    assert_eq!(next(&store, 10), [(1, 1), (2, 3), (3, 2)]);
    assert_eq!(next(&store, 10), [(1, 1), (2, 3), (3, 2)], "again the same");
}

#[test]
fn an_answer_counts_only_for_the_operation_it_names() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "a"})));
        add(w, 2, 2, create(json!({"name": "b"})));
    });
    next(&store, 10);
    let settled = apply(
        &store,
        &[answer(2, OpStatus::Applied, Some(person(2, 1, json!({"name": "b"}))))],
    );
    assert_eq!(settled.taken, 1);
    let ledger = store.read(ops::ledger).unwrap();
    assert_eq!((ledger.sending, ledger.applied), (1, 1));
    let again = apply(
        &store,
        &[answer(2, OpStatus::Rejected, None), answer(9, OpStatus::Applied, None)],
    );
    assert_eq!(again.ignored, 2, "a repeat and a stranger change nothing");
    assert_eq!(store.read(ops::ledger).unwrap().applied, 1);
}

#[test]
fn an_answer_about_another_record_is_not_believed() {
    let (_dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "a"}))));
    next(&store, 10);
    apply(
        &store,
        &[answer(
            1,
            OpStatus::Applied,
            Some(person(9, 1, json!({"name": "stranger"}))),
        )],
    );
    assert!(store.read(|r| records::view(r, id(9))).unwrap().is_none());
}

#[test]
fn a_refused_operation_holds_back_only_what_stands_on_it() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "poison"})));
        add(w, 2, 2, create(json!({"name": "sound"})));
    });
    next(&store, 1);
    apply(&store, &[answer(1, OpStatus::Rejected, None)]);
    write(&store, |w| {
        add(w, 3, 1, patch(json!({"name": "poison"}), json!({"name": "edited"})))
    });
    assert_eq!(mark(&store, 1), Mark::Dead);
    assert_eq!(name(&store, 1), "edited", "what was typed stays in sight");
    assert_eq!(next(&store, 10), [(2, 2)]);
    let letters = store.read(ops::dead_letters).unwrap();
    assert_eq!((letters.len(), letters[0].code.as_str()), (1, "validation"));
}

#[test]
fn a_refused_operation_goes_again_edited_and_what_stood_on_it_follows() {
    let (_dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "poison"}))));
    next(&store, 1);
    apply(&store, &[answer(1, OpStatus::Rejected, None)]);
    let later = write(&store, |w| add(w, 3, 1, patch(json!({}), json!({"phone": "1"}))));
    assert_eq!(later.base_op, None, "nothing sound to stand on");
    write(&store, |w| {
        ops::requeue(w, op_id(1), &mut || op_id(4), body(json!({"name": "cured"}))).unwrap()
    });
    assert_eq!(next(&store, 10), [(2, 4), (3, 3)]);
    assert_eq!(name(&store, 1), "cured");
    let ledger = store.read(ops::ledger).unwrap();
    assert_eq!((ledger.replaced, ledger.sending, ledger.all()), (1, 2, 3));
}

#[test]
fn only_a_refused_operation_can_be_dropped() {
    let (_dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "a"}))));
    let refused = store.write(|w| ops::drop_dead(w, op_id(1)));
    assert!(matches!(refused, Err(StoreError::WrongState)));
    next(&store, 1);
    apply(&store, &[answer(1, OpStatus::Rejected, None)]);
    write(&store, |w| add(w, 2, 1, patch(json!({}), json!({"phone": "1"}))));
    assert_eq!(write(&store, |w| ops::drop_dead(w, op_id(1)).unwrap()), 2);
    assert!(store.read(|r| records::view(r, id(1))).unwrap().is_none());
    assert_eq!(
        store.read(ops::ledger).unwrap().dropped,
        2,
        "dropped, and still in the books"
    );
}

#[test]
fn a_draft_is_not_sent_until_it_is_released() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add_as(w, 1, 1, create(json!({"name": "draft"})), Lane::P1, true)
    });
    assert_eq!(mark(&store, 1), Mark::Draft);
    assert!(next(&store, 10).is_empty());
    let mut draft = store.read(|r| ops::draft_of(r, id(1))).unwrap().unwrap();
    draft.action = create(json!({"name": "typed on"}));
    write(&store, |w| ops::replace_draft(w, &draft).unwrap());
    assert_eq!(name(&store, 1), "typed on");
    write(&store, |w| ops::release_draft(w, id(1)).unwrap());
    assert_eq!(next(&store, 10), [(1, 1)]);
    let late = store.write(|w| ops::replace_draft(w, &draft));
    assert!(
        matches!(late, Err(StoreError::WrongState)),
        "what is released is not edited in place"
    );
}

/// Operations 2 and 3 on records of the same numbers, which take effect together.
fn add_group(w: &crate::store::Writer<'_>) {
    let template = add_as(w, 9, 9, create(json!({"name": "x"})), Lane::P4, true);
    for (n, index) in [(2, 0), (3, 1)] {
        let op = Operation {
            op: op_id(n),
            record: id(n),
            group: Some(Group {
                id: GroupId::v7(UtcMillis(1), [1; 10]),
                index,
                of: 2,
            }),
            ..template.clone()
        };
        let new = NewOp {
            op,
            lane: Lane::P1,
            draft: false,
        };
        ops::add(w, &[new]).unwrap();
    }
}

#[test]
fn a_group_that_was_sent_goes_again_as_a_whole_and_is_set_aside_as_a_whole() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "alone"})));
        add_group(w);
    });
    let all = [(1, 2), (2, 3), (3, 1)];
    assert_eq!(next(&store, 200), all);
    assert_eq!(next(&store, 1), all[..2], "half of it would be refused for good");
    write(&store, |w| ops::park(w).unwrap());
    assert_eq!(next(&store, 200), [(1, 1)], "the other goes on without it");
}

#[test]
fn what_was_sent_behind_an_operation_on_its_record_waits_with_it_when_it_is_set_aside() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "一"})));
        add(w, 2, 1, patch(json!({"name": "一"}), json!({"name": "二"})));
        add(w, 3, 3, create(json!({"name": "别"})));
    });
    assert_eq!(next(&store, 200).len(), 3);
    write(&store, |w| ops::park(w).unwrap());
    assert_eq!(
        next(&store, 200),
        [(1, 3)],
        "the later edit must not arrive first: its value would be shown as replaced"
    );
    assert_eq!(name(&store, 1), "二");
}

#[test]
fn a_group_travels_whole_even_where_the_batch_is_small() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "alone"})));
        add_group(w);
    });
    assert_eq!(
        next(&store, 2),
        [(1, 2), (2, 3)],
        "both members fit, the third does not"
    );
    apply(
        &store,
        &[answer(2, OpStatus::Same, None), answer(3, OpStatus::Same, None)],
    );
    assert_eq!(next(&store, 2), [(3, 1)]);
}

#[test]
fn a_refused_group_is_queued_again_as_a_whole_and_the_edit_reaches_only_its_member() {
    let (_dir, store) = fresh();
    let tied = |w: &Writer<'_>, n, index, name| {
        let template = add_as(w, 90 + n, 90 + n, create(json!({"name": name})), Lane::P1, true);
        let group = Group {
            id: GroupId::v7(UtcMillis(1), [1; 10]),
            index,
            of: 3,
        };
        let op = Operation {
            op: op_id(n),
            record: id(n),
            group: Some(group),
            ..template
        };
        let new = NewOp {
            op,
            lane: Lane::P1,
            draft: false,
        };
        ops::add(w, &[new]).unwrap();
    };
    write(&store, |w| {
        tied(w, 1, 0, "a");
        tied(w, 2, 1, "b");
        tied(w, 3, 2, "c");
    });
    next(&store, 10);
    let refused = [1, 2, 3].map(|n| answer(n, OpStatus::Rejected, None));
    apply(&store, &refused);
    // one of the three is given up: the others still belong together
    write(&store, |w| ops::drop_dead(w, op_id(3)).unwrap());
    let mut n = 10;
    let mut fresh = || {
        n += 1;
        op_id(n)
    };
    let queued = write(&store, |w| {
        ops::requeue(w, op_id(2), &mut fresh, body(json!({"name": "mended"}))).unwrap()
    });
    assert_eq!(queued, 2);
    let lanes = [0, 1, 2, 3, 4];
    let sent = write(&store, |w| ops::next_push(w, &lanes, 10, usize::MAX).unwrap());
    let told: Vec<_> = sent
        .iter()
        .map(|o| (o.op.record, o.op.group.map(|g| (g.index, g.of)), o.op.op))
        .collect();
    assert_eq!(
        told,
        [(id(1), Some((0, 2)), op_id(12)), (id(2), Some((1, 2)), op_id(13))]
    );
    assert_eq!(sent[0].op.group.unwrap().id, sent[1].op.group.unwrap().id);
    assert_eq!((name(&store, 1).as_str(), name(&store, 2).as_str()), ("a", "mended"));
    let books = store.read(ops::ledger).unwrap();
    assert_eq!((books.replaced, books.dropped, books.dead), (2, 1, 0));
}

#[test]
fn numbers_start_again_where_the_platform_expects_them() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "a"})));
        add(w, 2, 2, create(json!({"name": "b"})));
    });
    next(&store, 10);
    write(&store, |w| ops::renumber(w, 41).unwrap());
    write(&store, |w| add(w, 3, 3, create(json!({"name": "c"}))));
    assert_eq!(next(&store, 10), [(41, 1), (42, 2), (43, 3)]);
}

#[test]
fn a_new_life_of_the_database_counts_from_one_and_keeps_the_operations() {
    let (_dir, store) = fresh();
    let incarnation = |n| Incarnation::v7(UtcMillis(0), [n; 10]);
    let staff = Staff {
        id: StaffId("s".into()),
        roles: Vec::new(),
        grids: Vec::new(),
        orgs: Vec::new(),
    };
    let device = DeviceId::v7(UtcMillis(0), [1; 10]);
    let me = Identity {
        device,
        incarnation: incarnation(1),
        staff,
        token: "t".into(),
        url: String::new(),
    };
    write(&store, |w| {
        identity::put(w, &me).unwrap();
        add(w, 1, 1, create(json!({"name": "a"})));
        add(w, 2, 2, create(json!({"name": "b"})));
    });
    next(&store, 10);
    apply(&store, &[answer(1, OpStatus::Same, None)]);
    write(&store, |w| ops::fork(w, incarnation(2)).unwrap());
    assert_eq!(next(&store, 10), [(1, 2)]);
    assert_eq!(store.read(identity::get).unwrap().unwrap().incarnation, incarnation(2));
}

#[test]
fn every_operation_is_in_exactly_one_state() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        for n in 1..=6 {
            add(w, n, n, create(json!({"name": "a"})));
        }
        add_as(w, 7, 7, create(json!({"name": "a"})), Lane::P1, true);
    });
    next(&store, 5);
    apply(
        &store,
        &[
            answer(1, OpStatus::Applied, None),
            answer(2, OpStatus::Merged, None),
            answer(3, OpStatus::Conflict, None),
            answer(4, OpStatus::Rejected, None),
            answer(5, OpStatus::Held, None),
        ],
    );
    let l = store.read(ops::ledger).unwrap();
    assert_eq!((l.draft, l.queued, l.sending), (1, 1, 1));
    assert_eq!((l.applied, l.merged, l.conflict, l.dead), (1, 1, 1, 1));
    assert_eq!(l.all(), 7);
}

#[test]
fn a_withdrawn_record_is_shown_as_ended_before_the_platform_has_answered() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "a"})));
        add(w, 2, 1, Action::Withdraw { reason: "moved".into() });
    });
    assert!(store.read(|r| records::view(r, id(1))).unwrap().unwrap().record.deleted);
    assert_eq!(store.read(|r| records::count(r, "person")).unwrap(), 0);
}

#[test]
fn an_open_conflict_marks_the_record_it_is_about() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        records::adopt(w, &person(1, 1, json!({"name": "a"})), records::Word::Later).unwrap();
        let about = Record {
            kind: Kind::of(Kind::CONFLICT),
            ..person(2, 1, json!({"record": id(1), "status": "OPEN"}))
        };
        records::adopt(w, &about, records::Word::Later).unwrap();
    });
    assert_eq!(mark(&store, 1), Mark::Conflict);
    write(&store, |w| {
        let closed = Record {
            kind: Kind::of(Kind::CONFLICT),
            ..person(2, 2, json!({"record": id(1), "status": "RESOLVED"}))
        };
        records::adopt(w, &closed, records::Word::Later).unwrap();
    });
    assert_eq!(mark(&store, 1), Mark::Clean);
}

#[test]
fn an_operation_that_was_set_aside_comes_back_after_some_runs_and_keeps_no_other_waiting() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "毒"})));
        add(w, 2, 1, patch(json!({"name": "毒"}), json!({"name": "跟"})));
        add(w, 3, 3, create(json!({"name": "别"})));
        identity::begin_run(w).unwrap();
    });
    let one = write(&store, |w| ops::next_push(w, &[2], 1, usize::MAX).unwrap());
    assert_eq!(one.len(), 1);
    write(&store, |w| ops::park(w).unwrap());
    let rest = write(&store, |w| ops::next_push(w, &[2], 200, usize::MAX).unwrap());
    assert_eq!(rest.iter().map(|o| (o.n, o.op.op)).collect::<Vec<_>>(), [(1, op_id(3))]);
    write(&store, |w| {
        ops::apply_results(w, &[answer(3, OpStatus::Applied, None)]).unwrap();
        identity::begin_run(w).unwrap();
    });
    assert_eq!(
        next(&store, 200).len(),
        2,
        "in the next run it is tried again, with what stands on it"
    );
}
