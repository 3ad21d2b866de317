//! Credentials in a store of the host's: they move there, survive every kill between answer and write, and a store that fails costs a
//! typed error and no work.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fushan_grid_core::app::sync::{Budget, SyncOutcome, SyncReport, Unwatched};
use fushan_grid_core::app::{AppError, Engine, EngineConfig};
use fushan_grid_core::model::env::{KeyError, SecretBytes, TokenStore};
use fushan_grid_core::model::fault::Coded as _;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport};
use fushan_suite::field::{Field, GRID, Phone};
use serde_json::Value;

/// A store that outlives the app, and fails when it is told to.
#[derive(Default)]
struct Kept {
    value: Mutex<Option<Vec<u8>>>,
    saves: AtomicU32,
    locked: AtomicBool,
    /// The phone goes dark in the middle of a write: the value before it stays.
    dies_at_save: AtomicBool,
}

impl TokenStore for Kept {
    fn load(&self) -> Result<Option<SecretBytes>, KeyError> {
        self.open()?;
        Ok(self.value.lock().unwrap().clone().map(SecretBytes::new))
    }

    fn save(&self, secret: &[u8]) -> Result<(), KeyError> {
        self.open()?;
        if self.dies_at_save.load(Ordering::SeqCst) {
            return Err(KeyError::Unavailable);
        }
        self.saves.fetch_add(1, Ordering::SeqCst);
        *self.value.lock().unwrap() = Some(secret.to_vec());
        Ok(())
    }

    fn clear(&self) -> Result<(), KeyError> {
        self.open()?;
        *self.value.lock().unwrap() = None;
        Ok(())
    }
}

impl Kept {
    fn open(&self) -> Result<(), KeyError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(KeyError::Unavailable);
        }
        Ok(())
    }

    fn has(&self) -> bool {
        self.value.lock().unwrap().is_some()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(self.value.lock().unwrap().as_ref().unwrap()).unwrap()
    }

    fn refresh(&self) -> String {
        self.json()["refresh"].as_str().unwrap().to_owned()
    }
}

struct Bench {
    field: Field,
    dir: tempfile::TempDir,
    kept: Arc<Kept>,
    transport: HttpTransport,
}

impl Bench {
    fn new() -> Self {
        let field = Field::start().unwrap();
        let transport = HttpTransport::new(&field.platform.url(), HttpConfig::default()).unwrap();
        Self {
            field,
            dir: tempfile::tempdir().unwrap(),
            kept: Arc::default(),
            transport,
        }
    }

    /// The app as it starts, with a store of its own or without.
    fn app(&self, with_store: bool) -> Engine {
        let mut env = Phone::env_at(self.dir.path(), 9).unwrap();
        env.tokens = with_store.then(|| Arc::clone(&self.kept) as Arc<dyn TokenStore>);
        let config = EngineConfig {
            dir: self.dir.path().join("db"),
            recovery_key: None,
            full_check: false,
        };
        Engine::open(config, env).unwrap().0
    }

    fn enrol(&self, engine: &Engine) -> Result<(), AppError> {
        let code = self.field.code(&format!("s_{GRID}")).unwrap();
        engine
            .enrol(&self.transport, &self.field.platform.url(), &code, &Cancel::new())
            .map(drop)
    }

    fn sync(&self, engine: &Engine) -> Result<SyncReport, AppError> {
        let budget = Budget::time(Duration::from_secs(60));
        engine.sync_once(&self.transport, budget, &Unwatched, &Cancel::new())
    }

    fn settles(&self, engine: &Engine) {
        let report = self.sync(engine).unwrap();
        assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
    }

    /// The access token opens nothing any more, so that the next request has to renew it.
    fn later(&self) {
        let mut kept = self.kept.json();
        kept["token"] = "ended".into();
        *self.kept.value.lock().unwrap() = Some(kept.to_string().into_bytes());
    }
}

fn work(engine: &Engine) -> u64 {
    let status = engine.sync_status().unwrap();
    status.ops.unsent() + status.ops.draft
}

fn write_something(engine: &Engine) {
    let fields = serde_json::json!({"name": "测试甲", "phone": "16900000001", "live_addr": "测试路1号"});
    let Value::Object(fields) = fields else {
        panic!("an object")
    };
    engine.registry_add("person", &GRID.parse().unwrap(), fields).unwrap();
}

#[test]
fn credentials_lie_in_the_hosts_store_from_enrolment_on_and_are_renewed_there() {
    let bench = Bench::new();
    let app = bench.app(true);
    bench.enrol(&app).unwrap();
    assert!(bench.kept.has());
    let first = bench.kept.refresh();
    bench.later();
    bench.settles(&app);
    assert_ne!(bench.kept.refresh(), first, "renewed");
    drop(app);
    // without its store the app has no credentials: the database does not hold them any more
    let without = bench.app(false);
    assert_eq!(bench.sync(&without).unwrap_err().fault().code, "tokens_missing");
    drop(without);
    bench.later();
    bench.settles(&bench.app(true));
}

#[test]
fn credentials_move_over_when_an_app_begins_to_use_a_store() {
    let bench = Bench::new();
    let app = bench.app(false);
    bench.enrol(&app).unwrap();
    bench.settles(&app);
    drop(app);
    let app = bench.app(true);
    assert!(!bench.kept.has(), "opening asks nobody");
    bench.settles(&app);
    assert!(bench.kept.has());
    drop(app);
    assert_eq!(
        bench.sync(&bench.app(false)).unwrap_err().fault().code,
        "tokens_missing"
    );
}

#[test]
fn the_newest_enrolment_counts_over_what_a_store_still_has() {
    let bench = Bench::new();
    let app = bench.app(true);
    bench.enrol(&app).unwrap();
    let old = bench.kept.refresh();
    drop(app);
    let without = bench.app(false);
    bench.enrol(&without).unwrap();
    bench.settles(&without);
    drop(without);
    let app = bench.app(true);
    bench.settles(&app);
    assert_ne!(bench.kept.refresh(), old);
    bench.later();
    bench.settles(&app);
}

#[test]
fn a_kill_between_the_platforms_answer_and_the_stores_write_locks_nobody_out() {
    let bench = Bench::new();
    let app = bench.app(true);
    bench.enrol(&app).unwrap();
    let (kept, before) = (&bench.kept, bench.kept.saves.load(Ordering::SeqCst));
    for _ in 0..3 {
        bench.later();
        kept.dies_at_save.store(true, Ordering::SeqCst);
        let report = bench.sync(&app).unwrap();
        let code = "tokens_unavailable".to_owned();
        assert_eq!(report.outcome, SyncOutcome::Offline { code }, "{report:?}");
        kept.dies_at_save.store(false, Ordering::SeqCst);
    }
    assert_eq!(kept.saves.load(Ordering::SeqCst), before, "nothing new was kept");
    drop(app);
    bench.later();
    let app = bench.app(true);
    bench.settles(&app);
    bench.later();
    bench.settles(&app);
}

#[test]
fn a_store_that_fails_costs_a_typed_error_and_no_work() {
    let bench = Bench::new();
    let app = bench.app(true);
    bench.kept.locked.store(true, Ordering::SeqCst);
    assert_eq!(bench.enrol(&app).unwrap_err().fault().code, "tokens_unavailable");
    bench.kept.locked.store(false, Ordering::SeqCst);
    bench.enrol(&app).unwrap();
    bench.settles(&app);
    bench.kept.locked.store(true, Ordering::SeqCst);
    write_something(&app);
    assert_eq!(bench.sync(&app).unwrap_err().fault().code, "tokens_unavailable");
    assert_eq!(work(&app), 1, "nothing is lost");
    bench.kept.locked.store(false, Ordering::SeqCst);
    bench.settles(&app);
    assert_eq!(work(&app), 0);
}

#[test]
fn a_code_is_not_spent_in_vain_when_the_store_takes_nothing_after_it() {
    let bench = Bench::new();
    let app = bench.app(true);
    bench.kept.dies_at_save.store(true, Ordering::SeqCst);
    bench.enrol(&app).unwrap();
    assert!(!bench.kept.has());
    assert_eq!(bench.sync(&app).unwrap_err().fault().code, "tokens_unavailable");
    drop(app);
    bench.kept.dies_at_save.store(false, Ordering::SeqCst);
    bench.settles(&bench.app(true));
    assert!(bench.kept.has());
}

#[test]
fn credentials_that_are_gone_ask_for_a_new_enrolment_and_keep_the_work() {
    let bench = Bench::new();
    let app = bench.app(true);
    bench.enrol(&app).unwrap();
    bench.settles(&app);
    write_something(&app);
    for lost in [None, Some(b"no credentials at all".to_vec())] {
        *bench.kept.value.lock().unwrap() = lost;
        assert_eq!(bench.sync(&app).unwrap_err().fault().code, "tokens_missing");
        assert_eq!(work(&app), 1);
    }
    bench.enrol(&app).unwrap();
    bench.settles(&app);
    assert_eq!(work(&app), 0);
}

#[test]
fn a_wipe_takes_the_credentials_out_of_the_store() {
    let bench = Bench::new();
    let app = bench.app(true);
    bench.enrol(&app).unwrap();
    bench.settles(&app);
    let order = serde_json::json!({"device": app.device().unwrap()});
    bench.field.operate("/admin/v1/wipe", &order).unwrap();
    let report = bench.sync(&app).unwrap();
    assert_eq!(report.outcome, SyncOutcome::Wiped { sealed: false }, "{report:?}");
    assert!(!bench.kept.has());
}
