//! What a purge leaves behind, looked for in the bytes of the files themselves: every page of the database and of its log is
//! decrypted, also those that no table uses any more.

use std::fs;
use std::path::Path;

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, KeyInit};
use serde_json::json;
use tempfile::TempDir;

use super::fixture::*;
use crate::model::blob::BlobHash;
use crate::model::env::SecretKey;
use crate::model::op::Lane;
use crate::model::record::Scope;
use crate::model::time::UtcMillis;
use crate::store::blobs::{self, NewBlob};
use crate::store::pull::Head;
use crate::store::{Store, StoreError, header, ops, pull, purge, retention};
use crate::wire::digest::{Sum, hash_of};
use crate::wire::pull::PullLine;
use crate::wire::push::{OpResult, OpStatus};

const PAGE: usize = 4096;
/// At the end of each page: an initialisation vector, then a checksum.
const VECTOR: usize = PAGE - 80;
/// Words of the people that go: a name, one of its search terms, a number.
const CANARIES: [&str; 3] = ["金丝雀", "丝雀", "16912345678"];

fn scope() -> Scope {
    Scope("g".into())
}

fn decrypted(page: &[u8], cipher: &Aes256, first: bool) -> Vec<u8> {
    let mut last: [u8; 16] = page[VECTOR..VECTOR + 16].try_into().unwrap();
    // the first page begins with a salt
    let text = &page[if first { 16 } else { 0 }..VECTOR];
    let mut plain = Vec::with_capacity(text.len());
    for block in text.as_chunks::<16>().0 {
        let mut out = (*block).into();
        cipher.decrypt_block(&mut out);
        plain.extend(out.iter().zip(last).map(|(a, b)| a ^ b));
        last = *block;
    }
    plain
}

/// All pages of the database and of its log.
fn pages(dir: &Path) -> Vec<Vec<u8>> {
    let key = header::unlock(dir, &env(Keys(Some(7)))).unwrap();
    let cipher = Aes256::new_from_slice(key.as_slice()).unwrap();
    let database = fs::read(dir.join("fushan.db")).unwrap();
    let log = fs::read(dir.join("fushan.db-wal")).unwrap_or_default();
    let in_database = database.chunks_exact(PAGE).enumerate();
    let mut found: Vec<_> = in_database.map(|(n, page)| decrypted(page, &cipher, n == 0)).collect();
    for frame in log.get(32..).unwrap_or_default().chunks_exact(24 + PAGE) {
        let number = u32::from_be_bytes(frame[..4].try_into().unwrap());
        found.push(decrypted(&frame[24..], &cipher, number == 1));
    }
    found
}

/// Canaries that some page holds.
fn traces(dir: &Path) -> Vec<&'static str> {
    let pages = pages(dir);
    let holds = |word: &str| {
        let word = word.as_bytes();
        pages.iter().any(|page| page.windows(word.len()).any(|w| w == word))
    };
    CANARIES.into_iter().filter(|word| holds(word)).collect()
}

/// A phone with people of a scope, one of them with a settled edit and a photo, and with somebody who stays.
fn lived_in() -> (TempDir, Store) {
    let (dir, store) = fresh();
    let people: Vec<_> = (1..=40)
        .map(|n| person(n, 1, json!({"name": format!("金丝雀{n}"), "phone": "16912345678"})))
        .collect();
    let mut digest = Sum::default();
    people.iter().for_each(|r| digest.add(hash_of(r)));
    let head = Head {
        epoch: 1,
        seq: 40,
        count: 40,
        digest: Some(digest),
    };
    let lines: Vec<_> = people
        .into_iter()
        .map(|record| PullLine::Put {
            scope: scope(),
            seq: 1,
            record,
        })
        .collect();
    write(&store, |w| {
        pull::stage(w, &lines).unwrap();
        pull::publish(w, &scope(), head, UtcMillis(5)).unwrap();
        add(w, 1, 1, patch(json!({"name": "金丝雀1"}), json!({"name": "金丝雀改"})));
        add(w, 2, 200, create(json!({"name": "留下的人"})));
    });
    let photo = NewBlob {
        hash: BlobHash([9; 32]),
        bytes: 10,
        media_type: "image/jpeg".into(),
        key: SecretKey::new([9; 32]),
        thumbnail: None,
        record: id(1),
        lane: Lane::P4,
    };
    write(&store, |w| {
        blobs::insert(w, &photo).unwrap();
        blobs::set_stored(w, photo.hash, UtcMillis(1)).unwrap();
        ops::next_push(w, &[2], 1, usize::MAX).unwrap();
        let taken = OpResult {
            op: op_id(1),
            status: OpStatus::Applied,
            rev: Some(2),
            record: Some(person(1, 2, json!({"name": "金丝雀改", "phone": "16912345678"}))),
            conflict: None,
            code: None,
            fields: Vec::new(),
            redirected: None,
        };
        ops::apply_results(w, &[taken]).unwrap();
    });
    (dir, store)
}

/// One commit of a purge.
type Step = fn(&Store) -> Result<(), StoreError>;

/// The commits of a purge, in their order; each does nothing when it was done before.
const STEPS: [Step; 6] = [
    |store| store.write(|w| purge::begin(w, &scope())),
    |store| store.write(|w| purge::some(w, &scope()).map(|_| ())),
    |store| {
        store.write(|w| match retention::next_file(w)? {
            Some(hash) => retention::file_gone(w, hash),
            None => Ok(()),
        })
    },
    |store| store.write(|w| purge::advance(w, &scope(), "gone")),
    |store| store.scrub().map(|whole| assert!(whole)),
    |store| store.write(|w| purge::advance(w, &scope(), "scrubbed")),
];

/// The folder as a crash would leave it: the files as they lie while the store is open.
fn crashed(dir: &TempDir) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if !name.to_string_lossy().ends_with("-shm") {
            fs::copy(&path, copy.path().join(name)).unwrap();
        }
    }
    copy
}

#[test]
fn after_a_purge_no_page_of_the_database_or_its_log_holds_a_word_of_who_went() {
    let (dir, store) = lived_in();
    assert_eq!(traces(dir.path()), CANARIES, "the test must see what is there");
    for step in STEPS {
        step(&store).unwrap();
    }
    assert_eq!(traces(dir.path()), [""; 0]);
    assert_eq!(store.read(purge::list).unwrap()[0].records, 40);
    assert!(
        store
            .read(|r| crate::store::records::view(r, id(200)))
            .unwrap()
            .is_some()
    );
}

#[test]
fn killed_at_any_commit_of_a_purge_the_phone_goes_on_and_no_trace_is_left() {
    for killed_after in 1..=STEPS.len() {
        let (dir, store) = lived_in();
        for step in &STEPS[..killed_after] {
            step(&store).unwrap();
        }
        let copy = crashed(&dir);
        let again = open(&copy);
        let journal = again.read(purge::list).unwrap();
        assert_eq!(journal.len(), 1, "after step {killed_after} the journal still stands");
        // every step again: one that was done changes nothing
        for step in &STEPS[1..] {
            step(&again).unwrap();
        }
        assert_eq!(traces(copy.path()), [""; 0], "killed after step {killed_after}");
        let books = again.read(ops::ledger).unwrap();
        assert_eq!((books.all(), books.queued), (2, 1), "own work stays");
        drop(store);
    }
}
