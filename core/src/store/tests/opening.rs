use std::fs;
use std::path::Path;

use hpke::kem::X25519HkdfSha256;
use hpke::{Kem, Serializable};
use serde_json::json;

use super::fixture::*;
use crate::store::{Store, StoreConfig, StoreError, ops, records, recover};

fn database(dir: &Path) -> std::path::PathBuf {
    dir.join("fushan.db")
}

#[test]
fn what_was_written_is_there_after_reopening() {
    let (dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "测试甲01"}))));
    drop(store);
    let view = open(&dir).read(|r| records::view(r, id(1))).unwrap().unwrap();
    assert_eq!(view.record.body["name"], "测试甲01");
}

#[test]
fn wrong_key_missing_key_and_damaged_header_are_three_errors_and_touch_nothing() {
    let (dir, store) = fresh();
    drop(store);
    let before = fs::read(database(dir.path())).unwrap();
    assert!(matches!(
        try_open(&dir, Keys(Some(8)), false),
        Err(StoreError::KeyWrong)
    ));
    assert!(matches!(try_open(&dir, Keys(None), false), Err(StoreError::KeyMissing)));
    let header = dir.path().join("fushan.key.json");
    let kept = fs::read(&header).unwrap();
    fs::write(&header, &kept[..kept.len() / 2]).unwrap();
    assert!(matches!(
        try_open(&dir, Keys(Some(7)), false),
        Err(StoreError::KeyHeaderBad)
    ));
    fs::remove_file(&header).unwrap();
    assert!(matches!(
        try_open(&dir, Keys(Some(7)), false),
        Err(StoreError::KeyHeaderBad)
    ));
    assert_eq!(fs::read(database(dir.path())).unwrap(), before);
    fs::write(&header, &kept).unwrap();
    open(&dir);
}

#[test]
fn a_newer_schema_is_refused_and_the_file_left_untouched() {
    let (dir, store) = fresh();
    write(&store, |w| w.0.0.pragma_update(None, "user_version", 99).unwrap());
    drop(store);
    let before = fs::read(database(dir.path())).unwrap();
    let error = try_open(&dir, Keys(Some(7)), false).unwrap_err();
    let newest = i64::try_from(crate::store::migrate::STEPS.len()).unwrap();
    assert!(
        matches!(error, StoreError::NewerSchema { found: 99, known } if known == newest),
        "{error:?}"
    );
    assert_eq!(fs::read(database(dir.path())).unwrap(), before);
}

#[test]
fn the_recovery_key_opens_what_the_key_store_has_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (private, public) = <X25519HkdfSha256 as Kem>::derive_keypair(&[5; 32]);
    let recovery_key = Some(public.to_bytes().into());
    let config = StoreConfig {
        dir: dir.path().to_owned(),
        recovery_key,
        full_check: false,
    };
    let store = Store::open(config, &env(Keys(Some(7)))).unwrap().0;
    drop(store);
    let key = recover(dir.path(), &private.to_bytes().into()).unwrap();
    crate::store::conn::open(&database(dir.path()), &key).unwrap();
    let (other, _) = <X25519HkdfSha256 as Kem>::derive_keypair(&[6; 32]);
    assert!(matches!(
        recover(dir.path(), &other.to_bytes().into()),
        Err(StoreError::KeyWrong)
    ));
}

#[test]
fn without_a_recovery_key_there_is_no_second_way_in() {
    let (dir, _store) = fresh();
    assert!(matches!(recover(dir.path(), &[1; 32]), Err(StoreError::KeyMissing)));
}

#[test]
fn suspended_the_store_holds_no_file_and_answers_with_a_typed_error() {
    let (dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "a"}))));
    store.suspend().unwrap();
    assert!(
        !dir.path().join("fushan.db-wal").exists(),
        "the log is written back and gone"
    );
    assert!(matches!(
        store.read(|r| records::view(r, id(1))),
        Err(StoreError::Closed)
    ));
    assert!(matches!(
        store.write(|_| Ok::<_, StoreError>(())),
        Err(StoreError::Closed)
    ));
    // somebody else may take the file meanwhile, exclusively
    let other = open(&dir);
    write(&other, |w| add(w, 2, 2, create(json!({"name": "b"}))));
    drop(other);
    store.resume().unwrap();
    assert!(store.read(|r| records::view(r, id(2))).unwrap().is_some());
}

#[test]
fn a_failed_transaction_leaves_no_trace() {
    let (_dir, store) = fresh();
    let failed: Result<(), StoreError> = store.write(|w| {
        add(w, 1, 1, create(json!({"name": "a"})));
        Err(StoreError::WrongState)
    });
    assert!(failed.is_err());
    assert!(store.read(|r| records::view(r, id(1))).unwrap().is_none());
    assert_eq!(store.read(ops::ledger).unwrap().all(), 0);
}

#[test]
fn a_reader_cannot_write() {
    let (_dir, store) = fresh();
    let refused = store.read(|r| r.0.execute("DELETE FROM op", []).map_err(StoreError::from));
    assert!(refused.is_err());
}

#[test]
fn no_name_lies_readable_in_any_file() {
    let (dir, store) = fresh();
    let canary = "金丝雀测试姓名";
    write(&store, |w| {
        add(w, 1, 1, create(json!({"name": canary, "phone": "16912345678"})))
    });
    let scan = || {
        for entry in fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for secret in [canary.as_bytes(), b"16912345678".as_slice(), b"87654321961"] {
                assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{}", path.display());
            }
        }
    };
    scan();
    drop(store);
    scan();
}

/// Damages pages of the database from `first` on.
fn damage(path: &Path, first: usize, every: usize) {
    let mut bytes = fs::read(path).unwrap();
    for page in (first..bytes.len() / 4096).step_by(every) {
        bytes[page * 4096 + 100] ^= 0xFF;
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_file_is_set_aside_and_its_unsent_operations_are_carried_over() {
    let (dir, store) = fresh();
    write(&store, |w| {
        for n in 1..=200 {
            add(
                w,
                n,
                n,
                create(json!({"name": format!("name {n}"), "live_addr": "x".repeat(300)})),
            );
        }
    });
    drop(store);
    damage(&database(dir.path()), 30, 9);
    let (store, report) = try_open(&dir, Keys(Some(7)), true).unwrap();
    let quarantine = report.quarantined.unwrap();
    assert!(dir.path().join(&quarantine.file).exists(), "the damaged file is kept");
    assert!(quarantine.operations > 120, "{quarantine:?}");
    assert!(
        quarantine.unreadable > 0,
        "the test must have damaged something that matters: {quarantine:?}"
    );
    let ledger = store.read(ops::ledger).unwrap();
    assert_eq!(ledger.queued, u64::from(quarantine.operations));
    let sent = write(&store, |w| {
        ops::next_push(w, &[0, 1, 2, 3, 4], 500, usize::MAX).unwrap()
    });
    assert_eq!(sent.len() as u64, ledger.queued, "what was carried over can be sent");
}

#[test]
fn a_truncated_file_is_set_aside_and_a_new_one_works() {
    let (dir, store) = fresh();
    write(&store, |w| add(w, 1, 1, create(json!({"name": "a"}))));
    drop(store);
    let path = database(dir.path());
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..2000]).unwrap();
    let (store, report) = try_open(&dir, Keys(Some(7)), false).unwrap();
    assert!(report.quarantined.is_some());
    write(&store, |w| add(w, 2, 2, create(json!({"name": "b"}))));
}
