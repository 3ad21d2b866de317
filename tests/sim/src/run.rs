//! Runs seeds: each begins from the files of a template, in which the phones are enrolled and filled.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fushan_grid_core::app::sync::{Budget, Unwatched};
use fushan_grid_core::platform::Cancel;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::mix::Mix;
use crate::net::Link;
use crate::world::{Options, STAFF, Violation, World};

/// What a seed came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The first broken rule.
    pub violation: Option<Violation>,
    /// The sum of its trace.
    pub sum: String,
    /// Lines of its trace.
    pub lines: usize,
    /// Its last lines.
    pub tail: Vec<String>,
    /// What happened how often.
    pub counts: BTreeMap<String, u64>,
    /// Days lived by all its phones.
    pub device_days: u64,
    /// How long it took here.
    pub took: Duration,
}

/// Runs seeds one after the other.
pub struct Runner {
    dir: TempDir,
}

impl Runner {
    /// Makes the template. The files lie in memory when the system has a place for that.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn new() -> std::io::Result<Self> {
        let memory = Path::new("/dev/shm");
        let dir = match memory.is_dir() {
            true => tempfile::Builder::new().prefix("fushan-sim-").tempdir_in(memory)?,
            false => tempfile::tempdir()?,
        };
        let runner = Self { dir };
        runner.make_template();
        Ok(runner)
    }

    fn template(&self) -> PathBuf {
        self.dir.path().join("template")
    }

    fn make_template(&self) {
        let mix = Mix {
            phones: STAFF.len(),
            ..Mix::default()
        };
        let options = Options {
            mix: Some(mix),
            ..Options::default()
        };
        let at = self.dir.path().join("making");
        let world = World::new(0, &options, &at, None);
        world.quiet.set(true);
        for phone in &world.phones {
            phone.start();
            let (_, reply) = world
                .server
                .operate("/admin/v1/codes", Some(&json!({"staff": phone.staff})));
            let code = reply.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
            let number = phone.number;
            let link = Link {
                world: &world,
                phone: number,
            };
            let engine = phone.engine();
            engine
                .enrol(&link, "http://127.0.0.1:1", &code, &Cancel::new())
                .expect("a phone enrols");
            let report = engine.sync_once(
                &link,
                Budget::time(Duration::from_secs(3_600)),
                &Unwatched,
                &Cancel::new(),
            );
            report.expect("a first fill");
            drop(engine);
            phone.stop();
        }
        world.server.stop();
        drop(world);
        std::fs::rename(at, self.template()).expect("the template");
    }

    /// Runs one seed.
    pub fn run(&self, seed: u64, options: &Options) -> Outcome {
        let at = self.dir.path().join(format!("seed-{seed}"));
        let started = Instant::now();
        let world = World::new(seed, options, &at, Some(&self.template()));
        let ended = catch_unwind(AssertUnwindSafe(|| {
            world.live(&options.without);
            if !world.failed() {
                world.settle();
            }
            if !world.failed() {
                world.judge();
            }
        }));
        if let Err(cause) = ended {
            let text = cause.downcast_ref::<String>().cloned();
            let text = text.or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            world.broken("R3", format!("panic: {}", text.unwrap_or_default()));
        }
        let (sum, lines, tail) = world.trace();
        let outcome = Outcome {
            seed,
            violation: world.violations.borrow().first().cloned(),
            sum,
            lines,
            tail,
            counts: world.counts(),
            device_days: (world.mix.days * world.mix.phones) as u64,
            took: started.elapsed(),
        };
        drop(world);
        // a world that panicked may still hold files; they go with the run's folder
        let _ = std::fs::remove_dir_all(&at);
        outcome
    }
}

/// Steps that can be left out of a failing seed while the same rule still breaks: halves first, then ever smaller parts.
#[must_use]
pub fn shrink(runner: &Runner, seed: u64, rule: &str, rough: bool) -> BTreeSet<u64> {
    let mix = Mix::of(seed);
    let steps = (mix.days * mix.per_day * mix.phones) as u64;
    let mut without = BTreeSet::new();
    let mut part = steps / 2;
    while part > 0 {
        let mut from = 1;
        while from <= steps {
            let mut tried = without.clone();
            tried.extend(from..(from + part).min(steps + 1));
            let options = Options {
                without: tried.clone(),
                rough,
                ..Options::default()
            };
            let fails =
                tried.len() > without.len() && runner.run(seed, &options).violation.is_some_and(|v| v.rule == rule);
            if fails {
                without = tried;
            }
            from += part;
        }
        part /= 2;
    }
    without
}
