use super::fixture::{fresh, id, open, write};
use crate::model::blob::BlobHash;
use crate::model::time::UtcMillis;
use crate::store::captures::{self, Captured};
use crate::store::entries::{self, NewEntry};
use crate::store::{StoreError, blobs, custody, migrate};
use crate::wire::manifest::{Event, EventKind, HexSha256, Named256};
use rusqlite::Connection;
use serde_json::json;

fn entry(seq: u64, signature: Option<Vec<u8>>) -> NewEntry {
    NewEntry {
        digest: Named256([u8::try_from(seq).unwrap(); 32]),
        chain: "c".into(),
        seq,
        typ: "grid.capture",
        text: format!("{{\"n\":{seq}}}"),
        public_key: vec![1, 2, 3],
        signature,
    }
}

fn captured(n: u8) -> Captured {
    Captured {
        media: BlobHash([n; 32]),
        record: id(n),
        role: "before".into(),
        at: UtcMillis(i64::from(n) * 1_000),
        mono_ms: u64::from(n),
        boot: "b".into(),
        place: None,
        dhash: Some([n; 32]),
        crops: Some([n; 40]),
    }
}

fn event(n: u8) -> Event {
    Event {
        event: EventKind::Viewed,
        media: HexSha256([n; 32]),
        at: String::new(),
        by: None,
        reason: None,
        derived: None,
    }
}

#[test]
fn an_upgrade_from_the_second_schema_keeps_every_photo_and_adds_the_chain() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut connection, &migrate::STEPS[..2]).unwrap();
    for rows in [
        include_str!("../sql/fixtures/001_rows.sql"),
        include_str!("../sql/fixtures/002_rows.sql"),
    ] {
        connection.execute_batch(rows).unwrap();
    }
    migrate::migrate(&mut connection, &migrate::STEPS[..3]).unwrap();
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    let tables = ["blob", "op", "entry", "capture", "custody", "derivative"];
    assert_eq!(tables.map(count), [2, 2, 0, 0, 0, 0]);
    let upload: (String, i64) = connection
        .query_row("SELECT upload, sent FROM blob WHERE bytes = 2000", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(upload, ("/v1/uploads/1".into(), 1_000));
}

#[test]
fn a_place_of_the_chain_is_taken_once() {
    let (_dir, store) = fresh();
    write(&store, |w| entries::insert(w, &entry(1, None)).unwrap());
    let other = NewEntry {
        digest: Named256([9; 32]),
        ..entry(1, None)
    };
    let again = store.write(|w| entries::insert(w, &other));
    assert!(again.is_err());
    assert_eq!(store.read(entries::last).unwrap().unwrap().digest, Named256([1; 32]));
}

#[test]
fn a_signature_is_added_once_and_never_replaced() {
    let (_dir, store) = fresh();
    let row = write(&store, |w| entries::insert(w, &entry(1, None)).unwrap());
    assert_eq!(store.read(entries::unsigned).unwrap().len(), 1);
    write(&store, |w| entries::sign(w, row, &[7]).unwrap());
    write(&store, |w| entries::sign(w, row, &[8]).unwrap());
    assert!(store.read(entries::unsigned).unwrap().is_empty());
    assert_eq!(store.read(entries::last).unwrap().unwrap().signed.signature, "Bw==");
}

#[test]
fn entries_are_due_until_the_platform_has_answered_and_keep_their_receipt() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        for seq in 1..=3 {
            entries::insert(w, &entry(seq, Some(vec![1]))).unwrap();
        }
        entries::settle(w, Named256([1; 32]), "kept", &[], Some(&json!({"index": 0}))).unwrap();
        entries::settle(w, Named256([2; 32]), "refused", &["entry_shape".into()], None).unwrap();
        // a later answer without a receipt does not take the first one away
        entries::settle(w, Named256([1; 32]), "kept", &[], None).unwrap();
    });
    let due = store.read(|r| entries::due(r, 10)).unwrap();
    assert_eq!(due.iter().map(|k| k.digest).collect::<Vec<_>>(), [Named256([3; 32])]);
    assert_eq!(store.read(entries::counts).unwrap(), (1, 1));
    let first = store.read(|r| entries::get(r, Named256([1; 32]))).unwrap().unwrap();
    assert_eq!(first.receipt, Some(json!({"index": 0})));
}

#[test]
fn events_are_sealed_up_to_the_row_that_was_read() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        let row = entries::insert(w, &entry(1, None)).unwrap();
        custody::add(w, &event(1)).unwrap();
        custody::add(w, &event(2)).unwrap();
        let open = custody::open(w, 1).unwrap();
        custody::seal(w, open[0].0, row).unwrap();
        custody::add(w, &event(1)).unwrap();
    });
    let of = |n: u8| store.read(|r| custody::of_media(r, BlobHash([n; 32]))).unwrap();
    assert_eq!(
        of(1).iter().map(|(sealed, _)| *sealed).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(!of(2)[0].0);
}

#[test]
fn a_photo_that_the_platform_has_not_stored_keeps_its_key() {
    let (_dir, store) = fresh();
    let new = blobs::NewBlob {
        hash: BlobHash([1; 32]),
        bytes: 3,
        media_type: "image/jpeg".into(),
        key: crate::model::env::SecretKey::new([5; 32]),
        thumbnail: None,
        record: id(1),
        lane: crate::model::op::Lane::P4,
    };
    write(&store, |w| {
        blobs::insert(w, &new).unwrap();
        blobs::delete(w, new.hash).unwrap();
    });
    assert!(store.read(|r| blobs::get(r, new.hash)).unwrap().is_some());
    write(&store, |w| {
        blobs::set_stored(w, new.hash, crate::model::time::UtcMillis(1)).unwrap();
        blobs::delete(w, new.hash).unwrap();
    });
    assert!(store.read(|r| blobs::get(r, new.hash)).unwrap().is_none());
}

#[test]
fn earlier_captures_come_back_as_they_were_written() {
    let (_dir, store) = fresh();
    write(&store, |w| {
        for n in 1..=3 {
            let row = entries::insert(w, &entry(n.into(), None)).unwrap();
            captures::insert(w, row, &captured(n)).unwrap();
        }
    });
    let recent = store.read(|r| captures::recent(r, 2)).unwrap();
    assert_eq!(recent, [captured(3), captured(2)]);
    assert_eq!(store.read(|r| captures::hashed(r, UtcMillis(2_000))).unwrap().len(), 2);
    assert_eq!(
        store.read(|r| captures::latest(r, id(2), "before")).unwrap(),
        Some(captured(2))
    );
    let manifests = store.read(|r| captures::manifests(r, BlobHash([2; 32]))).unwrap();
    assert_eq!(manifests, [Named256([2; 32])]);
}

#[test]
fn a_damaged_database_carries_the_chain_over_and_says_that_it_was_broken() {
    let (dir, store) = fresh();
    write(&store, |w| {
        let row = entries::insert(w, &entry(1, Some(vec![1]))).unwrap();
        captures::insert(w, row, &captured(1)).unwrap();
        custody::add(w, &event(1)).unwrap();
        for n in 0..200 {
            w.0.0
                .execute(
                    "INSERT INTO run (started_at, doc) VALUES (?1, ?2)",
                    (n, "x".repeat(500)),
                )
                .unwrap();
        }
    });
    drop(store);
    let path = dir.path().join("fushan.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() / 4096 - 3;
    bytes[last * 4096 + 100] ^= 0xFF;
    std::fs::write(&path, bytes).unwrap();
    let (store, report) = super::fixture::try_open(&dir, super::fixture::Keys(Some(7)), true).unwrap();
    assert!(report.quarantined.is_some());
    assert_eq!(store.read(entries::last).unwrap().unwrap().digest, Named256([1; 32]));
    assert_eq!(store.read(|r| captures::recent(r, 9)).unwrap().len(), 1);
    assert_eq!(
        store.read(|r| custody::of_media(r, BlobHash([1; 32]))).unwrap().len(),
        1
    );
    assert_eq!(store.read(entries::broken).unwrap().as_deref(), Some("quarantine"));
    write(&store, |w| entries::set_broken(w, None).unwrap());
    assert_eq!(store.read(entries::broken).unwrap(), None);
    write(&store, |w| entries::set_broken(w, Some("quarantine")).unwrap());
    drop(store);
    let store = open(&dir);
    let kept: Result<_, StoreError> = store.read(entries::broken);
    assert!(kept.unwrap().is_some());
}
