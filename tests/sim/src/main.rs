//! `fushan-sim`: runs seeds of the simulation.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use fushan_sim::run::{Outcome, Runner};
use fushan_sim::world::Options;

/// Phones, a platform, a bad network and a bad year, from one seed.
#[derive(Debug, Parser)]
#[command(name = "fushan-sim", version)]
struct Args {
    /// Run this one seed and print its trace.
    #[arg(long)]
    seed: Option<u64>,
    /// Run so many seeds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// Begin with this seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Run until so many minutes are over, instead of a number of seeds.
    #[arg(long)]
    minutes: Option<u64>,
    /// With restores of the platform and people who move between grids; what is still open there fails such runs.
    #[arg(long)]
    rough: bool,
    /// Go on after a violation.
    #[arg(long)]
    keep_going: bool,
    /// Make a failing seed smaller: leave steps out while the same rule breaks.
    #[arg(long)]
    shrink: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let Ok(runner) = Runner::new() else {
        println!("no folder to run in");
        return ExitCode::FAILURE;
    };
    match args.seed {
        Some(seed) => one(&runner, seed, &args),
        None => many(&runner, &args),
    }
}

fn one(runner: &Runner, seed: u64, args: &Args) -> ExitCode {
    let shrink = args.shrink;
    let options = Options {
        aloud: !shrink,
        rough: args.rough,
        ..Options::default()
    };
    let outcome = runner.run(seed, &options);
    println!(
        "seed {seed}: {} lines, sum {}, {} ms",
        outcome.lines,
        outcome.sum,
        outcome.took.as_millis()
    );
    for (what, times) in &outcome.counts {
        println!("  {times:5} {what}");
    }
    let Some(violation) = &outcome.violation else {
        return ExitCode::SUCCESS;
    };
    println!("VIOLATION {}: {}", violation.rule, violation.how);
    if shrink {
        let small = fushan_sim::run::shrink(runner, seed, violation.rule, args.rough);
        let options = Options {
            aloud: true,
            without: small,
            rough: args.rough,
            mix: None,
        };
        runner.run(seed, &options);
    }
    ExitCode::FAILURE
}

fn many(runner: &Runner, args: &Args) -> ExitCode {
    let started = Instant::now();
    let limit = args.minutes.map(|m| Duration::from_secs(m * 60));
    let mut sums = Sums::default();
    let options = Options {
        rough: args.rough,
        ..Options::default()
    };
    for seed in args.from.. {
        let over = match limit {
            Some(limit) => started.elapsed() >= limit,
            None => seed >= args.from + args.seeds,
        };
        if over || (sums.failed > 0 && !args.keep_going) {
            break;
        }
        sums.add(&runner.run(seed, &options));
    }
    sums.print(started.elapsed());
    if sums.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[derive(Default)]
struct Sums {
    seeds: u64,
    failed: u64,
    days: u64,
    counts: BTreeMap<String, u64>,
}

impl Sums {
    fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.days += outcome.device_days;
        for (what, times) in &outcome.counts {
            *self.counts.entry(what.clone()).or_default() += times;
        }
        if let Some(violation) = &outcome.violation {
            self.failed += 1;
            println!("seed {}: VIOLATION {}: {}", outcome.seed, violation.rule, violation.how);
            if self.failed == 1 {
                outcome.tail.iter().for_each(|line| println!("    {line}"));
            }
            println!("    replay: fushan-sim --seed {}", outcome.seed);
        }
        if self.seeds.is_multiple_of(500) {
            println!(
                "{} seeds, {} failed, {} device-days",
                self.seeds, self.failed, self.days
            );
        }
    }

    fn print(&self, took: Duration) {
        for (what, times) in &self.counts {
            println!("{times:9} {what}");
        }
        let minutes = took.as_secs_f64() / 60.0;
        println!(
            "{} seeds, {} failed, {} device-days in {:.1} min: {:.0} seeds and {:.0} device-days a minute",
            self.seeds,
            self.failed,
            self.days,
            minutes,
            self.seeds as f64 / minutes,
            self.days as f64 / minutes
        );
    }
}
