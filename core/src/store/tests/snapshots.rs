//! The first fill of a scope from a file.

use serde_json::json;

use super::fixture::*;
use super::scopes::{bring, found, head, people, scope, shown};
use crate::model::blob::BlobHash;
use crate::model::record::Record;
use crate::model::time::UtcMillis;
use crate::store::{Store, digest, ops, pull, records, snapshot};
use crate::wire::digest::Sum;
use crate::wire::scopes::SnapshotReply;

fn line(record: &Record) -> String {
    let body = crate::wire::digest::canonical(&record.body);
    format!(
        r#"{{"id":"{}","kind":"{}","grid":"{GRID}","rev":{},"body":{body}}}"#,
        record.id, record.kind, record.rev
    )
}

fn file(records: &[Record]) -> SnapshotReply {
    SnapshotReply {
        path: "/v1/snapshots/x".into(),
        sha256: BlobHash([1; 32]),
        bytes: 4,
        epoch: 1,
        seq: 9,
        count: records.len() as u64,
        digest: head(1, 9, records).digest.unwrap(),
    }
}

fn loaded(store: &Store, records: &[Record], told: &SnapshotReply) -> Option<u64> {
    write(store, |w| {
        snapshot::open(w, &scope(), told).unwrap();
        snapshot::add_part(w, &scope(), 0, b"file").unwrap();
        snapshot::begin_load(w, &scope(), told.count).unwrap();
    });
    for record in records {
        write(store, |w| snapshot::load(w, &scope(), &line(record)).unwrap());
    }
    while write(store, |w| snapshot::index(w, &scope()).unwrap()) {}
    write(store, |w| snapshot::finish(w, &scope(), UtcMillis(5)).unwrap())
}

#[test]
fn a_snapshot_is_unseen_until_it_is_whole_and_what_is_made_meanwhile_stays_apart() {
    let (dir, store) = fresh();
    let all = people();
    write(&store, |w| {
        snapshot::open(w, &scope(), &file(&all)).unwrap();
        snapshot::begin_load(w, &scope(), 3).unwrap();
        snapshot::load(w, &scope(), &format!("{}\n{}\n", line(&all[0]), line(&all[1]))).unwrap();
        add(w, 1, 50, create(json!({"name": "现场新建"})));
    });
    assert_eq!(
        (shown(&store, 1), store.read(|r| records::count(r, "person")).unwrap()),
        (None, 1)
    );
    assert!(
        store.read(|r| pull::cursors(r, &[scope()])).unwrap().is_empty(),
        "the feed does not follow it yet"
    );
    // killed and opened again: it goes on with the third line
    drop(store);
    let store = open(&dir);
    let filling = store.read(|r| snapshot::get(r, &scope())).unwrap().unwrap();
    assert_eq!((filling.loaded, filling.loading), (2, true));
    write(&store, |w| snapshot::load(w, &scope(), &line(&all[2])).unwrap());
    while write(&store, |w| snapshot::index(w, &scope()).unwrap()) {}
    let published = write(&store, |w| snapshot::finish(w, &scope(), UtcMillis(5)).unwrap());
    assert_eq!(published, Some(3));
    assert_eq!((found(&store, "金丝雀"), found(&store, "现场新建")), (2, 1));
    let cursor = store.read(|r| pull::cursors(r, &[scope()])).unwrap();
    assert_eq!((cursor[0].epoch, cursor[0].since), (1, 9));
    bring(&store, &[], head(1, 10, &all));
    assert!(
        store.read(digest::damaged).unwrap().is_empty(),
        "it is what the platform holds"
    );
}

#[test]
fn a_snapshot_that_is_not_what_was_promised_leaves_nothing_behind() {
    let (_dir, store) = fresh();
    let all = people();
    let promised = SnapshotReply {
        digest: Sum(5),
        ..file(&all)
    };
    assert_eq!(loaded(&store, &all, &promised), None);
    assert_eq!((shown(&store, 1), found(&store, "金丝雀")), (None, 0));
    assert!(
        store.read(|r| snapshot::wanted(r, &[scope()])).unwrap().is_empty(),
        "the feed it is"
    );
    bring(&store, &all, head(1, 9, &all));
    assert_eq!(found(&store, "金丝雀"), 2);
}

#[test]
fn a_snapshot_never_overwrites_own_work() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": "未送出"})));
    });
    let all = people();
    assert_eq!(loaded(&store, &all, &file(&all)), Some(3));
    assert_eq!(shown(&store, 1).unwrap().rev, 1);
    assert_eq!(store.read(ops::ledger).unwrap().queued, 1);
    assert_eq!(found(&store, "留下丙"), 1);
}
