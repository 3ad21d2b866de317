//! Both stores of the reference platform keep the contract, as the kit of the command line finds it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::process::Command;

use fushan_platform::{Config, Running, scratch};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ADMIN: &str = "operator";

fn platform(runtime: &Runtime, dir: &TempDir, database_url: Option<String>) -> Running {
    let district = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/district").into();
    let config = Config {
        database: Some(dir.path().join("platform.db")),
        database_url,
        ..Config::new(district, dir.path().join("blobs"), ADMIN)
    };
    runtime.block_on(fushan_platform::start(config)).unwrap()
}

/// Runs the kit as a tester does; gives the report it leaves.
fn judged(url: &str, dir: &TempDir) -> Value {
    let report = dir.path().join("report.json");
    let ended = Command::new(env!("CARGO_BIN_EXE_fushan-grid"))
        .args([
            "--lang",
            "en",
            "conformance",
            "--url",
            url,
            "--admin-token",
            ADMIN,
            "--report",
        ])
        .arg(&report)
        .output()
        .unwrap();
    println!(
        "{}{}",
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(
        ended.status.success(),
        report.get("broken").unwrap() == 0,
        "exit code and report agree"
    );
    report
}

fn keeps_the_contract(database_url: Option<String>) {
    let (runtime, dir) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let running = platform(&runtime, &dir, database_url);
    let report = judged(&running.url(), &dir);
    runtime.block_on(running.shutdown()).unwrap();
    assert_eq!(report.get("broken").unwrap(), 0, "rules are broken, see above");
    assert!(
        report.get("held").unwrap().as_u64().unwrap() > 50,
        "rules were judged: {report}"
    );
}

#[test]
fn the_embedded_store_keeps_the_contract() {
    keeps_the_contract(None);
}

#[test]
fn postgresql_keeps_the_contract() {
    let Some(cluster) = scratch::Cluster::start().unwrap() else {
        fushan_platform::scratch::skipped(&format!(
            "no PostgreSQL 15 or later is installed ({})",
            scratch::INSTALL
        ));
        return;
    };
    keeps_the_contract(Some(cluster.database().unwrap()));
}
