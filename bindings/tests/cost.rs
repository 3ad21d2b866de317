//! What the door's calls cost in plain Rust; `tests/kotlin` prints the same from the JVM. Run with
//! `cargo test --release -p fushan-grid-bindings --test cost -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use fushan_grid::{Engine, EngineConfig, Host, HostError, KeyProvider, RecordQuery};

struct Keys;

impl KeyProvider for Keys {
    fn key_id(&self) -> Result<String, HostError> {
        Ok("cost".into())
    }
    fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(key)
    }
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(wrapped)
    }
}

fn median(times: usize, mut work: impl FnMut()) -> Duration {
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed()
        })
        .collect();
    taken.sort();
    taken.get(times / 2).copied().unwrap_or_default()
}

#[test]
#[ignore = "prints figures, judges nothing"]
fn cost() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host {
        keys: Arc::new(Keys),
        signer: None,
        log: None,
        conditions: None,
        location: None,
        tokens: None,
    };
    let config = EngineConfig {
        dir: dir.path().to_string_lossy().into_owned(),
        recovery_key: None,
        ca_pem: None,
        boot_id: None,
        full_check: false,
        host_limit_ms: 30_000,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let engine = runtime.block_on(Engine::open(config, host)).unwrap();
    let mut last = String::new();
    for number in 0..1_000 {
        let body =
            format!(r#"{{"name": "测试甲{number}", "phone": "169{number:08}", "live_addr": "测试路{number}号"}}"#);
        let added = engine.registry_add("person".into(), "370611001901001".into(), body);
        last = added.unwrap().id;
    }
    let call = median(201, || (0..1_000).for_each(|_| drop(engine.opened()))) / 1_000;
    let record = median(201, || {
        (0..10).for_each(|_| drop(engine.record(last.clone()).unwrap()));
    }) / 10;
    let search = median(51, || {
        drop(engine.registry_search("csj999".into(), None, None, 50).unwrap());
    });
    let page = median(51, || {
        let query = RecordQuery {
            kind: "person".into(),
            grid: None,
            state: None,
            after: None,
            limit: 1_000,
        };
        assert_eq!(engine.registry_list(query).unwrap().items.len(), 1_000);
    });
    println!(
        "COST Rust: one call {call:?}, one record {record:?}, a search {search:?}, a page of 1,000 records {page:?}"
    );
}
