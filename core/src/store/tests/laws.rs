//! Laws of the queue and of the pull, for any order of events; and what the simulation has found there.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::fixture::*;
use crate::model::op::Lane;
use crate::model::record::{Record, Scope};
use crate::model::time::UtcMillis;
use crate::store::records::Word;
use crate::store::{Store, ops, pull, records};
use crate::wire::pull::PullLine;
use crate::wire::push::{NumberedOp, OpResult, OpStatus};

fn batch(store: &Store, max: usize) -> Vec<NumberedOp> {
    write(store, |w| ops::next_push(w, &[0, 1, 2, 3, 4], max, usize::MAX).unwrap())
}

fn answer(op: &NumberedOp, status: OpStatus) -> OpResult {
    OpResult {
        op: op.op.op,
        status,
        rev: None,
        record: None,
        conflict: None,
        code: Some("validation".into()),
        fields: Vec::new(),
        redirected: None,
    }
}

fn refuse_next(store: &Store) -> NumberedOp {
    let sent = batch(store, 1).remove(0);
    write(store, |w| {
        ops::apply_results(w, &[answer(&sent, OpStatus::Rejected)]).unwrap()
    });
    sent
}

#[test]
fn a_refused_operation_can_be_mended_as_often_as_it_is_refused() {
    let (_dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "a"}))));
    for fresh in 2..6 {
        let refused = refuse_next(&store).op.op;
        write(&store, |w| {
            ops::requeue(w, refused, &mut || op_id(fresh), body(json!({"name": "b"}))).unwrap()
        });
    }
    let ledger = store.read(ops::ledger).unwrap();
    assert_eq!((ledger.replaced, ledger.queued, ledger.all()), (4, 1, 5));
}

#[test]
fn a_draft_of_a_record_the_platform_knows_goes_to_the_platform_and_hides_no_typing() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add_as(w, 1, 1, create(json!({"name": "draft"})), Lane::P1, true)
    });
    // this database was set back: the record was submitted in its other life
    write(&store, |w| {
        records::adopt(w, &person(1, 3, json!({"name": "submitted"})), Word::Later).unwrap()
    });
    assert!(
        store.read(|r| ops::draft_of(r, id(1))).unwrap().is_none(),
        "typing goes into an operation, not into the draft"
    );
    assert_eq!(batch(&store, 10).len(), 1, "the platform answers for it");
    assert_eq!(store.read(ops::ledger).unwrap().all(), 1);
}

/// What happens to a queue.
#[derive(Debug, Clone)]
enum Step {
    Edit(u8),
    Send(usize),
    Answer(usize, OpStatus),
    AnswerAgain,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let status = prop::sample::select(vec![
        OpStatus::Applied,
        OpStatus::Same,
        OpStatus::Rejected,
        OpStatus::Held,
    ]);
    let step = prop_oneof![
        (1..4_u8).prop_map(Step::Edit),
        (1..4_usize).prop_map(Step::Send),
        (0..4_usize, status).prop_map(|(at, status)| Step::Answer(at, status)),
        Just(Step::AnswerAgain),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is sent, answered, lost or answered twice: every operation is in exactly one state, numbers have no gap, a
    /// record's operations go in the order they were made, and none goes again after its answer.
    #[test]
    fn the_queue_keeps_its_books(steps in steps()) {
        let (_dir, store) = fresh();
        for n in 1..4 {
            write(&store, |w| records::adopt(w, &person(n, 1, json!({"name": "a"})), Word::Later).unwrap());
        }
        let (mut made, mut most_n) = (0_u8, 0);
        let mut sent: Vec<NumberedOp> = Vec::new();
        let mut last: Vec<OpResult> = Vec::new();
        let mut answered: Vec<_> = Vec::new();
        let mut order: BTreeMap<_, u64> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Edit(record) if made < 200 => {
                    made += 1;
                    write(&store, |w| add(w, made, record, patch(json!({}), json!({"name": made.to_string()}))));
                }
                Step::Edit(_) => {}
                Step::Send(max) => {
                    sent = batch(&store, max);
                    for op in &sent {
                        prop_assert!(!answered.contains(&op.op.op), "{} goes again after its answer", op.op.op);
                        prop_assert!(op.n <= most_n + 1, "a gap before {}", op.n);
                        if op.n > most_n {
                            most_n = op.n;
                            let before = order.insert(op.op.record, op.op.hlc.0).unwrap_or(0);
                            prop_assert!(op.op.hlc.0 >= before, "out of order");
                        }
                    }
                    let rising = sent.windows(2).all(|w| w[0].n < w[1].n);
                    prop_assert!(rising);
                }
                Step::Answer(at, status) => {
                    if let Some(op) = sent.get(at) {
                        last = vec![answer(op, status)];
                        write(&store, |w| ops::apply_results(w, &last).unwrap());
                        if status != OpStatus::Held {
                            answered.push(op.op.op);
                        }
                    }
                }
                Step::AnswerAgain => {
                    let before = store.read(ops::ledger).unwrap();
                    let repeated = last.iter().all(|r| answered.contains(&r.op));
                    write(&store, |w| ops::apply_results(w, &last).unwrap());
                    prop_assert!(!repeated || store.read(ops::ledger).unwrap() == before, "a repeat changes the books");
                }
            }
            prop_assert_eq!(store.read(ops::ledger).unwrap().all(), u64::from(made));
        }
    }

    /// A scope that comes in pages, cut anywhere, is the scope that comes at once.
    #[test]
    fn a_scope_cut_into_pages_is_the_scope_at_once(
        lines in prop::collection::vec((1..6_u8, 0..3_u8), 1..14),
        cuts in prop::collection::vec(any::<bool>(), 14)
    ) {
        let scope = Scope("g".into());
        let lines: Vec<PullLine> = (1..).zip(&lines).map(|(rev, (n, what))| line(&scope, rev, *n, *what)).collect();
        let head = |seq| pull::Head { epoch: 1, seq, count: 0, digest: None };
        let (_a, whole) = fresh();
        write(&whole, |w| {
            pull::stage(w, &lines).unwrap();
            pull::publish(w, &scope, head(99), UtcMillis(5)).unwrap();
        });
        let (_b, pieces) = fresh();
        for (at, line) in lines.iter().enumerate() {
            write(&pieces, |w| {
                pull::stage(w, std::slice::from_ref(line)).unwrap();
                if cuts[at] {
                    pull::advance(w, &scope, 1, at as i64).unwrap();
                }
            });
        }
        write(&pieces, |w| pull::publish(w, &scope, head(99), UtcMillis(5)).unwrap());
        for n in 1..6 {
            prop_assert_eq!(shown(&whole, n), shown(&pieces, n));
        }
    }
}

fn line(scope: &Scope, rev: i64, n: u8, what: u8) -> PullLine {
    let (scope, seq) = (scope.clone(), rev);
    match what {
        0 => PullLine::Gone {
            scope,
            seq,
            id: id(n),
            rev,
        },
        1 => PullLine::Leave { scope, seq, id: id(n) },
        _ => PullLine::Put {
            scope,
            seq,
            record: person(n, rev, json!({"name": rev.to_string()})),
        },
    }
}

fn shown(store: &Store, n: u8) -> Option<Record> {
    store.read(|r| records::view(r, id(n))).unwrap().map(|v| v.record)
}
