use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::model::env::{Clock, Entropy, Env, KeyError, KeyProvider, MediaStore, MediaWriter, NoSigner, SecretKey};
use crate::model::ids::{OpId, RecordId};
use crate::model::op::{Action, Lane, Operation};
use crate::model::record::{Body, Kind, Record};
use crate::model::time::{Hlc, UtcMillis};
use crate::store::ops::{self, NewOp};
use crate::store::{OpenReport, Store, StoreConfig, StoreError, Writer};

pub(super) const GRID: &str = "370611001901001";

struct StoppedClock;

impl Clock for StoppedClock {
    fn wall(&self) -> UtcMillis {
        UtcMillis(1_790_000_000_000)
    }
    fn monotonic_ms(&self) -> u64 {
        0
    }
    fn boot_id(&self) -> String {
        String::new()
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        for byte in out {
            *byte = (self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(2_654_435_761) >> 8) as u8;
        }
    }
}

/// A key store that hides a key behind a mask, or has lost it.
pub(super) struct Keys(pub(super) Option<u8>);

impl KeyProvider for Keys {
    fn key_id(&self) -> Result<String, KeyError> {
        Ok("test".into())
    }
    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        let mask = self.0.ok_or(KeyError::Missing)?;
        Ok(key.iter().map(|b| b ^ mask).collect())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        let mask = self.0.ok_or(KeyError::Missing)?;
        let plain: Vec<u8> = wrapped.iter().map(|b| b ^ mask).collect();
        Ok(SecretKey::new(plain.try_into().unwrap()))
    }
}

struct NoMedia;

impl MediaStore for NoMedia {
    fn create(&self) -> io::Result<Box<dyn MediaWriter>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn open(&self, _: &str) -> io::Result<Box<dyn Read + Send>> {
        Err(io::ErrorKind::NotFound.into())
    }
    fn size(&self, _: &str) -> io::Result<Option<u64>> {
        Ok(None)
    }
    fn remove(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn free_space(&self) -> Option<u64> {
        None
    }
}

pub(super) fn env(keys: Keys) -> Env {
    Env {
        clock: Arc::new(StoppedClock),
        entropy: Arc::new(Counting(AtomicU64::new(1))),
        media: Arc::new(NoMedia),
        keys: Arc::new(keys),
        signer: Arc::new(NoSigner),
        tokens: None,
    }
}

pub(super) fn try_open(dir: &TempDir, keys: Keys, full_check: bool) -> Result<(Store, OpenReport), StoreError> {
    let config = StoreConfig {
        dir: dir.path().to_owned(),
        recovery_key: None,
        full_check,
    };
    Store::open(config, &env(keys))
}

pub(super) fn open(dir: &TempDir) -> Store {
    try_open(dir, Keys(Some(7)), false).unwrap().0
}

pub(super) fn fresh() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    (dir, store)
}

pub(super) fn id(n: u8) -> RecordId {
    RecordId::v7(UtcMillis(1_000), [n; 10])
}

pub(super) fn op_id(n: u8) -> OpId {
    OpId::v7(UtcMillis(2_000), [n; 10])
}

pub(super) fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

pub(super) fn person(n: u8, rev: i64, fields: Value) -> Record {
    Record {
        id: id(n),
        kind: Kind::of("person"),
        grid: Some(GRID.parse().unwrap()),
        rev,
        state: String::new(),
        body: body(fields),
        deleted: false,
    }
}

pub(super) fn create(fields: Value) -> Action {
    Action::Create {
        grid: GRID.parse().unwrap(),
        body: body(fields),
    }
}

pub(super) fn patch(base: Value, set: Value) -> Action {
    Action::Patch {
        base: body(base),
        set: body(set),
    }
}

/// Adds an operation on person `record` as the app would.
pub(super) fn add(w: &Writer<'_>, op: u8, record: u8, action: Action) -> Operation {
    add_as(w, op, record, action, Lane::P2, false)
}

pub(super) fn add_as(w: &Writer<'_>, op: u8, record: u8, action: Action, lane: Lane, draft: bool) -> Operation {
    let base = ops::base_of(w, id(record)).unwrap();
    let op = Operation {
        op: op_id(op),
        kind: Kind::of("person"),
        record: id(record),
        action,
        base_rev: base.rev,
        base_op: base.op,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc(u64::from(op)),
        at: UtcMillis(0),
        schema: 7,
    };
    ops::add(
        w,
        &[NewOp {
            op: op.clone(),
            lane,
            draft,
        }],
    )
    .unwrap();
    op
}

/// Runs a transaction that must succeed.
pub(super) fn write<T>(store: &Store, f: impl FnOnce(&Writer<'_>) -> T) -> T {
    store.write(|w| Ok::<_, StoreError>(f(w))).unwrap()
}
