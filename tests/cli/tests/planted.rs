//! The teeth of the tests: each bug of the protocol's design, switched on, is found by the simulation or by the conformance kit.
//! Runs only with `--features planted`, in a build with debug assertions.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use std::process::Command;

use fushan_grid_core::planted::{BUGS, Bug, plant};
use fushan_platform::{Config, scratch};
use fushan_sim::run::Runner;
use fushan_sim::world::Options;
use serde_json::Value;
use tokio::runtime::Runtime;

const ADMIN: &str = "operator";
/// Seeds tried for each bug.
const SEEDS: u64 = 150;
/// Bugs that show only where transactions overlap; the embedded store has one writer.
const OVERLAP: [Bug; 2] = [Bug::BareSequence, Bug::CounterTakenEarly];

/// Bugs that show only where people move between grids.
const MOVES: [Bug; 1] = [Bug::PurgeUncounted];
/// The first seed that breaks a rule with the bug and none without it.
fn by_simulation(runner: &Runner, bug: Bug) -> Option<String> {
    let options = Options {
        rough: MOVES.contains(&bug),
        ..Options::default()
    };
    (1..=SEEDS).find_map(|seed| {
        plant(Some(bug));
        let violation = runner.run(seed, &options).violation?;
        plant(None);
        let innocent = runner.run(seed, &options).violation.is_none();
        innocent.then(|| format!("{} (seed {seed})", violation.rule))
    })
}

/// Rules the kit finds broken.
fn by_kit(runtime: &Runtime, database_url: Option<String>) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let district = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/district").into();
    let config = Config {
        database: Some(dir.path().join("platform.db")),
        database_url,
        ..Config::new(district, dir.path().join("blobs"), ADMIN)
    };
    let running = runtime.block_on(fushan_platform::start(config)).unwrap();
    let report = dir.path().join("report.json");
    Command::new(env!("CARGO_BIN_EXE_fushan-grid"))
        .args([
            "--lang",
            "en",
            "conformance",
            "--url",
            &running.url(),
            "--admin-token",
            ADMIN,
            "--report",
        ])
        .arg(&report)
        .output()
        .unwrap();
    runtime.block_on(running.shutdown()).unwrap();
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let rules = report
        .get("rules")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let broken = rules
        .iter()
        .filter(|r| r.get("verdict").and_then(Value::as_str) == Some("broken"));
    broken
        .map(|r| r.get("rule").unwrap().as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn each_planted_bug_is_found() {
    let (runner, runtime) = (Runner::new().unwrap(), Runtime::new().unwrap());
    let cluster = scratch::Cluster::start().unwrap();
    let wanted = std::env::var("FUSHAN_PLANTED").unwrap_or_default();
    let mut missed = Vec::new();
    println!("{:22} | {:16} | conformance kit", "planted", "simulation");
    for bug in BUGS.into_iter().filter(|b| format!("{b:?}").contains(&wanted)) {
        let overlap = OVERLAP.contains(&bug);
        let simulation = if overlap { None } else { by_simulation(&runner, bug) };
        plant(Some(bug));
        let mut kit = if overlap { Vec::new() } else { by_kit(&runtime, None) };
        if let (true, Some(cluster)) = (overlap, &cluster) {
            kit = by_kit(&runtime, Some(cluster.database().unwrap()));
        }
        plant(None);
        let name = format!("{bug:?}");
        println!(
            "{name:22} | {:16} | {}",
            simulation.as_deref().unwrap_or("-"),
            kit.join(" ")
        );
        if overlap && cluster.is_none() {
            eprintln!(
                "SKIPPED {name}: no PostgreSQL 15 or later is installed ({})",
                scratch::INSTALL
            );
        } else if simulation.is_none() && kit.is_empty() {
            missed.push(name);
        }
    }
    assert!(missed.is_empty(), "nothing found {missed:?}");
}
