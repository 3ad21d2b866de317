//! The lease: an expired phone never unwraps its key, and neither clocks nor files can be bent to change that.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use tempfile::TempDir;

use super::fixture::{Keys, env};
use crate::model::env::{Clock, Env, KeyError, KeyProvider, SecretKey};
use crate::model::ids::{DeviceId, Incarnation, StaffId};
use crate::model::time::UtcMillis;
use crate::store::identity::{self, Identity};
use crate::store::{Store, StoreConfig, StoreError, lease};
use crate::wire::enrol::Staff;
use crate::wire::signed::{Lease, Order, Signed};

/// Clocks that a test sets.
#[derive(Default)]
struct SetClock {
    wall: AtomicI64,
    mono: AtomicI64,
    boot: AtomicU32,
}

impl Clock for SetClock {
    fn wall(&self) -> UtcMillis {
        UtcMillis(self.wall.load(Ordering::SeqCst))
    }
    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.mono.load(Ordering::SeqCst)).unwrap()
    }
    fn boot_id(&self) -> String {
        self.boot.load(Ordering::SeqCst).to_string()
    }
}

/// Counts how often the key was asked for.
struct Counted(Keys, Arc<AtomicU32>);

impl KeyProvider for Counted {
    fn key_id(&self) -> Result<String, KeyError> {
        self.0.key_id()
    }
    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        self.0.wrap(key)
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.unwrap(wrapped)
    }
}

struct Phone {
    dir: TempDir,
    clock: Arc<SetClock>,
    asked: Arc<AtomicU32>,
    env: Env,
}

const DAY: i64 = 86_400_000;

fn district() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn device() -> DeviceId {
    DeviceId::v7(UtcMillis(1), [1; 10])
}

fn signed(by: &SigningKey, version: u64, from: i64) -> Signed {
    let order = Order::Lease(Lease {
        device: device(),
        staff: StaffId("s_1".into()),
        roles: Vec::new(),
        scopes: Vec::new(),
        version,
        issued_at: UtcMillis(from),
        expires_at: UtcMillis(from + 7 * DAY),
    });
    let text = serde_json::to_string(&order).unwrap();
    let signature = BASE64.encode(by.sign(text.as_bytes()).to_bytes());
    Signed { text, signature }
}

impl Phone {
    /// A phone with a lease from day 100.
    fn leased() -> Self {
        let (clock, asked) = (Arc::new(SetClock::default()), Arc::new(AtomicU32::new(0)));
        let env = Env {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            keys: Arc::new(Counted(Keys(Some(7)), Arc::clone(&asked))),
            ..env(Keys(Some(7)))
        };
        let phone = Self {
            dir: tempfile::tempdir().unwrap(),
            clock,
            asked,
            env,
        };
        phone.at(100 * DAY);
        let store = phone.open().unwrap();
        let me = Identity {
            device: device(),
            incarnation: Incarnation::v7(UtcMillis(1), [2; 10]),
            staff: Staff {
                id: StaffId("s_1".into()),
                roles: Vec::new(),
                grids: Vec::new(),
                orgs: Vec::new(),
            },
            token: String::new(),
            url: String::new(),
        };
        store.write(|w| identity::put(w, &me)).unwrap();
        let key = BASE64.encode(district().verifying_key().as_bytes());
        store
            .keep_lease(&signed(&district(), 1, 100 * DAY), &key, &*phone.clock)
            .unwrap();
        phone
    }

    /// The wall clock and the monotonic clock go on to a moment; they were together at day 100.
    fn at(&self, wall: i64) {
        self.clock.wall.store(wall, Ordering::SeqCst);
        self.clock.mono.store((wall - 100 * DAY).max(0), Ordering::SeqCst);
    }

    fn reboot(&self, wall: i64) {
        self.clock.boot.fetch_add(1, Ordering::SeqCst);
        self.clock.mono.store(0, Ordering::SeqCst);
        self.clock.wall.store(wall, Ordering::SeqCst);
    }

    fn open(&self) -> Result<Store, StoreError> {
        let config = StoreConfig {
            dir: self.dir.path().to_owned(),
            recovery_key: None,
            full_check: false,
        };
        Store::open(config, &self.env).map(|(store, _)| store)
    }

    fn locked(&self) -> bool {
        matches!(self.open(), Err(StoreError::LeaseExpired))
    }
}

#[test]
fn past_its_lease_a_phone_stays_locked_and_its_key_is_not_even_asked_for() {
    let phone = Phone::leased();
    phone.at(106 * DAY);
    assert!(phone.open().is_ok());
    phone.at(108 * DAY);
    let before = phone.asked.load(Ordering::SeqCst);
    assert!(phone.locked());
    assert_eq!(
        phone.asked.load(Ordering::SeqCst),
        before,
        "the key store was not asked"
    );
}

#[test]
fn a_clock_set_back_does_not_lengthen_a_lease() {
    let phone = Phone::leased();
    phone.at(106 * DAY);
    phone.open().unwrap();
    phone.reboot(101 * DAY);
    phone.open().unwrap();
    // a day and a half of uptime later the lease is over, whatever the wall clock says
    phone.clock.mono.store(DAY * 3 / 2, Ordering::SeqCst);
    assert!(phone.locked());
}

#[test]
fn a_wall_clock_that_jumps_within_a_boot_locks_nobody_out() {
    let phone = Phone::leased();
    phone.clock.wall.store(900 * DAY, Ordering::SeqCst);
    assert!(phone.open().is_ok());
}

#[test]
fn a_file_that_is_deleted_or_replaced_changes_nothing() {
    let phone = Phone::leased();
    phone.at(108 * DAY);
    let file = phone.dir.path().join("fushan.lease.json");
    std::fs::remove_file(&file).unwrap();
    assert!(phone.locked(), "the database has its own copy");
    std::fs::remove_file(&file).unwrap();
    // a lease that somebody signed for themselves
    let own = SigningKey::from_bytes(&[9; 32]);
    let forged = serde_json::json!({
        "signed": signed(&own, 99, 108 * DAY), "order_key": BASE64.encode(own.verifying_key().as_bytes()),
        "seen": {"at": 108 * DAY, "boot": "0", "mono_ms": 8 * DAY}
    });
    std::fs::write(&file, forged.to_string()).unwrap();
    assert!(phone.locked());
}

#[test]
fn a_new_lease_of_the_district_opens_the_phone_again_and_an_old_one_does_not() {
    let phone = Phone::leased();
    phone.at(120 * DAY);
    assert!(phone.locked());
    let renew = |signed: &Signed| lease::renew_in(phone.dir.path(), signed, &*phone.clock);
    assert!(matches!(
        renew(&signed(&district(), 1, 120 * DAY)),
        Err(StoreError::LeaseInvalid)
    ));
    let stranger = SigningKey::from_bytes(&[9; 32]);
    assert!(matches!(
        renew(&signed(&stranger, 2, 120 * DAY)),
        Err(StoreError::LeaseInvalid)
    ));
    renew(&signed(&district(), 2, 120 * DAY)).unwrap();
    let store = phone.open().unwrap();
    assert_eq!(store.read(lease::in_force).unwrap().unwrap().version, 2);
}

#[test]
fn a_wiped_phone_leaves_no_file_and_a_crash_in_the_middle_is_finished() {
    let phone = Phone::leased();
    phone.open().unwrap().destroy().unwrap();
    let left: Vec<_> = std::fs::read_dir(phone.dir.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    let phone = Phone::leased();
    std::fs::write(phone.dir.path().join("fushan.wiped"), b"wiped").unwrap();
    let fresh = phone.open().unwrap();
    assert!(fresh.read(identity::get).unwrap().is_none(), "it is a new phone");
}
