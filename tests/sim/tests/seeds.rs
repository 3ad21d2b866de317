//! A fixed number of seeds, each a year of bad luck in a few days.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;

use fushan_sim::invariants::INVARIANTS;
use fushan_sim::run::Runner;
use fushan_sim::world::Options;

/// Seeds of every run of the tests; `FUSHAN_SIM_SEEDS` gives another number.
const SEEDS: u64 = 30;

#[test]
fn a_seed_replays_to_the_same_trace() {
    let (one, two) = (Runner::new().unwrap(), Runner::new().unwrap());
    for seed in [2, 5, 13] {
        let (a, b) = (one.run(seed, &Options::default()), two.run(seed, &Options::default()));
        let differs = a.tail.iter().zip(&b.tail).find(|(x, y)| x != y);
        assert_eq!((&a.sum, a.lines), (&b.sum, b.lines), "seed {seed}: {differs:?}");
    }
}

#[test]
fn no_seed_breaks_an_invariant() {
    let runner = Runner::new().unwrap();
    let wanted = std::env::var("FUSHAN_SIM_SEEDS").ok().and_then(|n| n.parse().ok());
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut days = 0;
    for seed in 1..=wanted.unwrap_or(SEEDS) {
        let outcome = runner.run(seed, &Options::default());
        if let Some(violation) = outcome.violation {
            outcome.tail.iter().for_each(|line| println!("{line}"));
            panic!(
                "seed {seed} breaks {}: {}; replay it with: cargo run -p fushan-sim -- --seed {seed}",
                violation.rule, violation.how
            );
        }
        days += outcome.device_days;
        for (what, times) in outcome.counts {
            *counts.entry(what).or_default() += times;
        }
    }
    println!("{days} device-days: {counts:?}");
    for invariant in INVARIANTS.iter().filter(|i| !i.gap.is_empty()) {
        let word = if invariant.how.is_empty() {
            "NOT JUDGED"
        } else {
            "IN PART"
        };
        println!("{word}: {} {}: {}", invariant.id, invariant.says, invariant.gap);
    }
    // trouble that never comes proves nothing
    for trouble in [
        "Kill",
        "LateArrival",
        "Twice",
        "ReplyLost",
        "ReplyCut",
        "RequestCut",
        "Portal",
        "ClockJump",
        "SetBack",
    ] {
        assert!(counts.contains_key(trouble), "no seed brought {trouble}: {counts:?}");
    }
}
