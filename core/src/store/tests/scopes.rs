//! Scopes in whole: let go of, compared, begun anew.

use serde_json::json;

use super::fixture::*;
use crate::model::blob::BlobHash;
use crate::model::env::SecretKey;
use crate::model::op::Lane;
use crate::model::record::{Record, Scope};
use crate::model::time::UtcMillis;
use crate::store::blobs::{self, NewBlob};
use crate::store::pull::Head;
use crate::store::search::{SearchQuery, search};
use crate::store::{Store, digest, ops, pull, purge, records, retention};
use crate::wire::digest::{Sum, bucket_of, hash_of};
use crate::wire::pull::PullLine;
use crate::wire::push::{OpResult, OpStatus};

pub(super) fn scope() -> Scope {
    Scope("g".into())
}

pub(super) fn head(epoch: i64, seq: i64, records: &[Record]) -> Head {
    let mut digest = Sum::default();
    records.iter().for_each(|r| digest.add(hash_of(r)));
    Head {
        epoch,
        seq,
        count: records.len() as i64,
        digest: Some(digest),
    }
}

pub(super) fn bring(store: &Store, records: &[Record], head: Head) {
    let put = |record: &Record| PullLine::Put {
        scope: scope(),
        seq: 1,
        record: record.clone(),
    };
    let lines: Vec<_> = records.iter().map(put).collect();
    write(store, |w| {
        pull::stage(w, &lines).unwrap();
        pull::publish(w, &scope(), head, UtcMillis(5)).unwrap();
    });
}

pub(super) fn shown(store: &Store, n: u8) -> Option<Record> {
    store.read(|r| records::view(r, id(n))).unwrap().map(|v| v.record)
}

pub(super) fn found(store: &Store, text: &str) -> usize {
    let query = SearchQuery {
        text: text.into(),
        limit: 50,
        ..SearchQuery::default()
    };
    store.read(|r| search(r, &query)).unwrap().items.len()
}

pub(super) fn people() -> Vec<Record> {
    vec![
        person(1, 1, json!({"name": "金丝雀甲"})),
        person(2, 1, json!({"name": "金丝雀乙"})),
        person(3, 1, json!({"name": "留下丙"})),
    ]
}

fn photo(n: u8, record: u8) -> NewBlob {
    NewBlob {
        hash: BlobHash([n; 32]),
        bytes: 10,
        media_type: "image/jpeg".into(),
        key: SecretKey::new([n; 32]),
        thumbnail: None,
        record: id(record),
        lane: Lane::P4,
    }
}

fn answer(n: u8, status: OpStatus, rev: Option<i64>) -> OpResult {
    OpResult {
        op: op_id(n),
        status,
        rev,
        record: None,
        conflict: None,
        code: None,
        fields: Vec::new(),
        redirected: None,
    }
}

fn sent(store: &Store) -> usize {
    write(store, |w| ops::next_push(w, &[0, 1, 2, 3, 4], 200, usize::MAX).unwrap()).len()
}

#[test]
fn a_revoked_scope_leaves_the_screen_at_once_and_the_phone_when_its_work_is_sent() {
    let (dir, store) = fresh();
    let all = people();
    bring(&store, &all, head(1, 3, &all));
    write(&store, |w| {
        add(w, 1, 2, patch(json!({"name": "金丝雀乙"}), json!({"name": "金丝雀改"})));
        blobs::insert(w, &photo(9, 1)).unwrap();
        blobs::set_stored(w, BlobHash([9; 32]), UtcMillis(1)).unwrap();
        purge::begin(w, &scope()).unwrap();
    });
    assert_eq!((shown(&store, 1), found(&store, "金丝雀")), (None, 0));
    assert_eq!(store.read(|r| records::count(r, "person")).unwrap(), 0);
    assert_eq!(write(&store, |w| purge::some(w, &scope()).unwrap()), 2);
    assert_eq!(
        write(&store, |w| purge::some(w, &scope()).unwrap()),
        0,
        "one waits for its operation"
    );
    assert_eq!(sent(&store), 1, "which is still sent");
    write(&store, |w| {
        ops::apply_results(w, &[answer(1, OpStatus::Applied, Some(2))]).unwrap();
    });
    // killed and opened again in the middle
    drop(store);
    let store = open(&dir);
    assert_eq!(write(&store, |w| purge::some(w, &scope()).unwrap()), 1);
    let file = store.read(retention::next_file).unwrap();
    assert_eq!(
        file,
        Some(BlobHash([9; 32])),
        "the file goes last, its key is gone already"
    );
    assert!(store.read(|r| blobs::get(r, BlobHash([9; 32]))).unwrap().is_none());
    write(&store, |w| retention::file_gone(w, BlobHash([9; 32])).unwrap());
    assert!(store.scrub().unwrap());
    let journal = store.read(purge::list).unwrap();
    assert_eq!((journal[0].records, journal[0].blobs, journal[0].waiting), (3, 1, 0));
    let traces: i64 = store
        .read(|r| {
            let sql =
                "SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM base) + (SELECT count(*) FROM warning)
                       + (SELECT count(*) FROM op WHERE doc LIKE '%金丝雀%') + (SELECT count(*) FROM stage)";
            Ok::<_, crate::store::StoreError>(r.0.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(traces, 0);
    assert_eq!(store.read(ops::ledger).unwrap().applied, 1, "the books still count it");
    let wal = std::fs::metadata(dir.path().join("fushan.db-wal")).map_or(0, |m| m.len());
    assert_eq!(wal, 0, "the log is cut");
}

/// A scope of the grid in which this phone's own records lie.
fn grid() -> Scope {
    Scope(format!("grid:{GRID}"))
}

#[test]
fn what_was_made_here_goes_with_its_grid_though_no_pull_has_brought_it() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 4, create(json!({"name": "已收"})));
        add(w, 2, 5, create(json!({"name": "待发"})));
        add_as(w, 3, 6, create(json!({"name": "草稿"})), Lane::P2, true);
        blobs::insert(w, &photo(9, 5)).unwrap();
    });
    // the grid was never filled, so that nothing is known of it but the work begun there
    write(&store, |w| purge::begin(w, &grid()).unwrap());
    let seen = |n| shown(&store, n).is_some();
    assert_eq!(
        [seen(4), seen(5), seen(6)],
        [false, false, true],
        "a draft stays with its worker"
    );
    assert_eq!(sent(&store), 2, "both are still sent");
    write(&store, |w| {
        let mut taken = answer(1, OpStatus::Applied, Some(1));
        taken.record = Some(person(4, 1, json!({"name": "已收"})));
        let mut refused = answer(2, OpStatus::Rejected, None);
        refused.code = Some("scope".into());
        ops::apply_results(w, &[taken, refused]).unwrap();
    });
    assert!(!seen(4), "the answer does not show it again");
    let refused = store.read(|r| purge::to_hand_over(r, &grid())).unwrap();
    assert_eq!(
        refused.iter().map(|op| op.op).collect::<Vec<_>>(),
        [op_id(2)],
        "for the supervisor"
    );
    write(&store, |w| purge::handed_over(w, &refused[0]).unwrap());
    assert_eq!(
        write(&store, |w| purge::some(w, &grid()).unwrap()),
        1,
        "its photo is still to be sent"
    );
    write(&store, |w| {
        blobs::set_stored(w, BlobHash([9; 32]), UtcMillis(1)).unwrap()
    });
    assert_eq!(write(&store, |w| purge::some(w, &grid()).unwrap()), 1);
    let journal = store.read(purge::list).unwrap();
    assert_eq!((journal[0].records, journal[0].blobs, journal[0].waiting), (2, 1, 0));
    assert!(store.read(|r| blobs::get(r, BlobHash([9; 32]))).unwrap().is_none());
}

#[test]
fn what_was_handed_over_does_not_come_back_with_its_scope_and_own_work_is_no_member_of_it() {
    let (_dir, store) = fresh();
    let all = people();
    write(&store, |w| {
        let lines: Vec<_> = all
            .iter()
            .map(|record| PullLine::Put {
                scope: grid(),
                seq: 1,
                record: record.clone(),
            })
            .collect();
        pull::stage(w, &lines).unwrap();
        pull::publish(w, &grid(), head(1, 3, &all), UtcMillis(5)).unwrap();
        add(w, 1, 4, create(json!({"name": "交出"})));
        add(w, 2, 5, create(json!({"name": "未发"})));
    });
    write(&store, |w| ops::next_push(w, &[2], 1, usize::MAX).unwrap());
    write(&store, |w| {
        purge::begin(w, &grid()).unwrap();
        ops::apply_results(w, &[answer(1, OpStatus::Rejected, None)]).unwrap();
        let refused = purge::to_hand_over(w, &grid()).unwrap();
        purge::handed_over(w, &refused[0]).unwrap();
        purge::revive(w, &grid()).unwrap();
    });
    assert!(shown(&store, 4).is_none(), "it is the supervisor's now");
    assert!(shown(&store, 5).is_some() && shown(&store, 1).is_some());
    let held = store.read(pull::states).unwrap()[0].held;
    assert_eq!(held, 3, "what the platform has not seen is in no scope");
}

#[test]
fn a_record_that_left_while_an_own_operation_waited_goes_with_its_answer() {
    let (_dir, store) = fresh();
    let all = people();
    bring(&store, &all, head(1, 3, &all));
    let edit = |w: &crate::store::Writer<'_>, op, n| {
        add(w, op, n, patch(json!({"name": "金丝雀"}), json!({"name": "改过"})));
    };
    write(&store, |w| {
        edit(w, 1, 1);
        edit(w, 2, 2);
        edit(w, 3, 3);
        ops::next_push(w, &[2], 200, usize::MAX).unwrap();
        let leave = |n| PullLine::Leave {
            scope: scope(),
            seq: 4,
            id: id(n),
        };
        pull::stage(w, &[leave(1), leave(2)]).unwrap();
        pull::publish(w, &scope(), head(1, 5, &all[2..]), UtcMillis(6)).unwrap();
    });
    assert!(shown(&store, 1).is_some(), "own work stays while it waits");
    write(&store, |w| {
        let refused = answer(2, OpStatus::Rejected, None);
        let taken = [
            answer(1, OpStatus::Applied, Some(2)),
            refused,
            answer(3, OpStatus::Applied, Some(2)),
        ];
        ops::apply_results(w, &taken).unwrap();
    });
    assert!(shown(&store, 1).is_none(), "nobody here holds it");
    assert!(
        shown(&store, 2).is_some(),
        "a refusal is shown until the worker has decided"
    );
    write(&store, |w| ops::drop_dead(w, op_id(2)).unwrap());
    assert!(shown(&store, 2).is_none() && shown(&store, 3).is_some());
}

#[test]
fn an_answer_about_a_record_that_has_left_does_not_bring_it_back() {
    let (_dir, store) = fresh();
    let all = people();
    bring(&store, &all, head(1, 3, &all));
    write(&store, |w| {
        add(w, 1, 1, patch(json!({"name": "金丝雀甲"}), json!({"name": "改过"})));
        ops::next_push(w, &[2], 200, usize::MAX).unwrap();
        ops::apply_results(w, &[answer(1, OpStatus::Same, Some(1))]).unwrap();
    });
    bring(&store, &[], head(1, 4, &all));
    write(&store, |w| {
        let leave = PullLine::Leave {
            scope: scope(),
            seq: 5,
            id: id(1),
        };
        pull::stage(w, &[leave]).unwrap();
        pull::publish(w, &scope(), head(1, 5, &all[1..]), UtcMillis(6)).unwrap();
        // another life of the platform's data: everything that was settled is sent again
        pull::resync(w, &scope(), 7).unwrap();
        ops::next_push(w, &[2], 200, usize::MAX).unwrap();
        let mut again = answer(1, OpStatus::Applied, Some(2));
        again.record = Some(person(1, 2, json!({"name": "改过"})));
        let settled = ops::apply_results(w, &[again]).unwrap();
        assert_eq!(settled.taken, 1);
    });
    assert!(shown(&store, 1).is_none(), "it is in none of this phone's scopes");
}

#[test]
fn a_record_that_another_scope_holds_stays_and_one_that_is_granted_again_comes_back() {
    let (_dir, store) = fresh();
    let all = people();
    bring(&store, &all, head(1, 3, &all));
    let other = Scope("h".into());
    write(&store, |w| {
        pull::stage(
            w,
            &[PullLine::Put {
                scope: other.clone(),
                seq: 1,
                record: all[2].clone(),
            }],
        )
        .unwrap();
        pull::publish(w, &other, head(1, 1, &all[2..]), UtcMillis(5)).unwrap();
        purge::begin(w, &scope()).unwrap();
    });
    assert!(shown(&store, 1).is_none() && shown(&store, 3).is_some());
    write(&store, |w| purge::revive(w, &scope()).unwrap());
    assert!(shown(&store, 1).is_some());
    assert!(store.read(purge::list).unwrap().is_empty());
    // what did not come again in the new picture has left meanwhile
    bring(&store, &all[..1], head(1, 4, &all[..1]));
    assert!(shown(&store, 1).is_some() && shown(&store, 2).is_none() && shown(&store, 3).is_some());
}

#[test]
fn a_flipped_byte_is_found_at_the_next_head_and_repaired_by_its_bucket() {
    let (_dir, store) = fresh();
    let all = people();
    bring(&store, &all, head(1, 3, &all));
    assert!(store.read(digest::damaged).unwrap().is_empty());
    write(&store, |w| {
        w.0.0
            .execute(
                "UPDATE record SET body = replace(body, '甲', '田') WHERE id = ?1",
                [id(1).bytes()],
            )
            .unwrap();
    });
    bring(&store, &[], head(1, 4, &all));
    let damaged = store.read(digest::damaged).unwrap();
    assert_eq!((damaged.len(), damaged[0].seq), (1, 4));
    let here = store.read(|r| digest::buckets(r, &scope())).unwrap();
    let bucket = bucket_of(id(1).bytes());
    let listed: Vec<_> = all
        .iter()
        .filter(|r| bucket_of(r.id.bytes()) == bucket)
        .cloned()
        .collect();
    let mut there = Sum::default();
    listed.iter().for_each(|r| there.add(hash_of(r)));
    assert_ne!(here[usize::from(bucket)], there);
    write(&store, |w| {
        digest::repair(w, &scope(), &[bucket], &listed, head(1, 4, &all), UtcMillis(6)).unwrap();
    });
    assert_eq!(shown(&store, 1).unwrap().body["name"], "金丝雀甲");
    assert!(store.read(digest::damaged).unwrap().is_empty());
}

#[test]
fn a_row_that_cannot_be_read_is_repaired_and_own_work_on_it_stays() {
    let (_dir, store) = fresh();
    let all = people();
    bring(&store, &all, head(1, 3, &all));
    write(&store, |w| {
        add(w, 1, 2, patch(json!({"name": "金丝雀乙"}), json!({"name": "改过"})));
        for table in ["record", "base"] {
            let sql = format!("UPDATE {table} SET body = replace(body, '{{', '[')");
            assert!(w.0.0.execute(&sql, []).unwrap() > 0);
        }
    });
    assert!(store.read(|r| records::view(r, id(1))).is_err(), "it is damaged");
    bring(&store, &[], head(1, 4, &all));
    assert_eq!(store.read(digest::damaged).unwrap().len(), 1);
    let buckets: Vec<u8> = all.iter().map(|r| bucket_of(r.id.bytes())).collect();
    write(&store, |w| {
        digest::repair(w, &scope(), &buckets, &all[..2], head(1, 4, &all[..2]), UtcMillis(6)).unwrap();
    });
    assert_eq!(shown(&store, 1).unwrap().body["name"], "金丝雀甲");
    assert_eq!(
        shown(&store, 2).unwrap().body["name"],
        "改过",
        "own work shows on the mended word"
    );
    assert!(
        shown(&store, 3).is_none(),
        "what the platform does not list goes, readable or not"
    );
    assert!(store.read(digest::damaged).unwrap().is_empty());
    assert_eq!(sent(&store), 1);
}

#[test]
fn after_a_restore_older_words_count_lost_records_go_and_own_work_is_sent_again() {
    let (_dir, store) = fresh();
    let all = people();
    bring(&store, &all, head(1, 3, &all));
    write(&store, |w| {
        add(w, 1, 1, patch(json!({"name": "金丝雀甲"}), json!({"name": "改过"})));
    });
    sent(&store);
    write(&store, |w| {
        let mut taken = answer(1, OpStatus::Applied, Some(2));
        taken.record = Some(person(1, 2, json!({"name": "改过"})));
        ops::apply_results(w, &[taken]).unwrap();
        blobs::insert(w, &photo(9, 1)).unwrap();
        blobs::set_stored(w, BlobHash([9; 32]), UtcMillis(1)).unwrap();
        pull::resync(w, &scope(), 7).unwrap();
    });
    assert!(
        shown(&store, 2).is_some(),
        "records stay until the new picture is complete"
    );
    let restored = [all[0].clone(), all[2].clone()];
    bring(&store, &restored, head(7, 2, &restored));
    assert!(
        shown(&store, 2).is_none(),
        "the platform has lost it, and nobody here waits for it"
    );
    assert_eq!(
        shown(&store, 1).unwrap().body["name"],
        "改过",
        "the own edit shows on the older word"
    );
    let again = write(&store, |w| ops::next_push(w, &[2], 200, usize::MAX).unwrap());
    assert_eq!((again.len(), again[0].op.op), (1, op_id(1)));
    let lanes = [0, 1, 2, 3, 4];
    assert!(
        store.read(|r| blobs::due(r, &lanes)).unwrap().is_some(),
        "the photo is asked about again"
    );
}

#[test]
fn originals_leave_by_the_platforms_clock_and_never_before_their_record_is_settled() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "甲"})));
        let thumbnail = photo(8, 2);
        let original = NewBlob {
            thumbnail: Some(thumbnail.hash),
            ..photo(7, 2)
        };
        for blob in [&thumbnail, &original, &photo(9, 1)] {
            blobs::insert(w, blob).unwrap();
            blobs::set_stored(w, blob.hash, UtcMillis(1_000)).unwrap();
        }
    });
    assert_eq!(
        write(&store, |w| retention::evict(w, UtcMillis(1_499), 500).unwrap()),
        0
    );
    assert_eq!(
        write(&store, |w| retention::evict(w, UtcMillis(1_500), 500).unwrap()),
        1
    );
    let evicted = |n: u8| {
        store
            .read(|r| blobs::get(r, BlobHash([n; 32])))
            .unwrap()
            .unwrap()
            .evicted
    };
    assert_eq!(
        (evicted(7), evicted(8), evicted(9)),
        (true, false, false),
        "thumbnail and unsettled stay"
    );
    // taken in again before the file was removed: it stays
    write(&store, |w| blobs::insert(w, &photo(7, 2)).unwrap());
    assert_eq!(store.read(retention::next_file).unwrap(), None);
}
