//! One run: phones, platform, network and time, all from a seed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use fushan_grid_core::platform::Request;

use crate::books::Books;
use crate::ledger::Ledger;
use crate::mix::Mix;
use crate::net::Late;
use crate::phone::Phone;
use crate::random::Dice;
use crate::seams::copy;
use crate::server::Server;
use crate::time::WorldClock;
use crate::trace::Trace;
use crate::watch::Watch;

/// Who works with the phones, in the order they join a run.
pub const STAFF: [&str; 4] = [
    "s_370611001901001",
    "l_370611001901",
    "s_370611001901002",
    "s_370611001901001",
];
/// The two grids of the world.
pub const GRIDS: [&str; 2] = ["370611001901001", "370611001901002"];

/// A rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which: `I1` to `I24` of the protocol, `R…` of the run itself.
    pub rule: &'static str,
    /// How.
    pub how: String,
}

/// How a seed is run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Print every line of the trace.
    pub aloud: bool,
    /// Steps left out, when a failure is made smaller.
    pub without: BTreeSet<u64>,
    /// With restores of the platform and people who move: what is still open there fails such runs.
    pub rough: bool,
    /// A mix in place of the seed's own.
    pub mix: Option<Mix>,
}

/// The world of one run.
pub struct World {
    /// The seed.
    pub seed: u64,
    /// What it has in store.
    pub mix: Mix,
    /// True time.
    pub clock: Arc<WorldClock>,
    /// The platform.
    pub server: Server,
    /// The phones.
    pub phones: Vec<Phone>,
    /// What must be somewhere.
    pub ledger: RefCell<Ledger>,
    /// What each phone is known to hold.
    pub books: RefCell<Vec<Books>>,
    /// What was seen on the wire.
    pub watch: RefCell<Watch>,
    /// Requests under way.
    pub late: RefCell<Vec<Late>>,
    /// Requests that reached the platform whole, to be sent again at the end.
    pub log: RefCell<Vec<Request>>,
    /// Whether the chaos is over.
    pub quiet: Cell<bool>,
    /// Rules that were broken.
    pub violations: RefCell<Vec<Violation>>,
    /// How deep in events within events.
    pub depth: Cell<u32>,
    dice: RefCell<Dice>,
    trace: RefCell<Trace>,
    counts: RefCell<BTreeMap<String, u64>>,
}

impl World {
    /// A world whose files lie below `dir`, begun from the files of a template when one is given.
    pub fn new(seed: u64, options: &Options, dir: &Path, template: Option<&Path>) -> Self {
        let mix = options.mix.unwrap_or_else(|| match options.rough {
            true => Mix::rough(seed),
            false => Mix::of(seed),
        });
        let clock = Arc::new(WorldClock::default());
        if let Some(template) = template {
            clock.pass(86_400_000);
            copy(&template.join("platform"), &dir.join("platform")).expect("the template's platform");
        }
        let phones = (0..mix.phones).map(|number| {
            let name = format!("phone-{number}");
            if let Some(template) = template {
                copy(&template.join(&name), &dir.join(&name)).expect("a phone of the template");
            }
            Phone::new(number, STAFF[number], seed, &dir.join(name), &clock)
        });
        let phones: Vec<Phone> = phones.collect();
        let books = phones.iter().map(|_| Books::default()).collect();
        Self {
            seed,
            mix,
            server: Server::open(&dir.join("platform"), Arc::clone(&clock)),
            clock,
            phones,
            ledger: RefCell::default(),
            books: RefCell::new(books),
            watch: RefCell::default(),
            late: RefCell::default(),
            log: RefCell::default(),
            quiet: Cell::new(false),
            violations: RefCell::default(),
            depth: Cell::new(0),
            dice: RefCell::new(Dice::of(seed, 0, 0)),
            trace: RefCell::new(Trace::new(options.aloud)),
            counts: RefCell::default(),
        }
    }

    /// Takes up the stream of a step.
    pub fn at_step(&self, step: u64) {
        *self.dice.borrow_mut() = Dice::of(self.seed, step, 0);
    }

    /// Draws from the step's stream.
    pub fn roll<T>(&self, draw: impl FnOnce(&mut Dice) -> T) -> T {
        draw(&mut self.dice.borrow_mut())
    }

    /// Adds a line to the trace.
    pub fn note(&self, line: String) {
        let seconds = self.clock.now() / 1000;
        self.trace.borrow_mut().add(format!("{seconds} {line}"));
    }

    /// Counts that something has happened.
    pub fn count(&self, what: &str) {
        *self.counts.borrow_mut().entry(what.to_owned()).or_default() += 1;
    }

    /// A rule was broken.
    pub fn broken(&self, rule: &'static str, how: impl Into<String>) {
        let how = how.into();
        self.note(format!("VIOLATION {rule}: {how}"));
        self.violations.borrow_mut().push(Violation { rule, how });
    }

    /// Whether a rule has been broken already.
    pub fn failed(&self) -> bool {
        !self.violations.borrow().is_empty()
    }

    /// What has happened how often.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.borrow().clone()
    }

    /// The sum of the trace, its length, and its last lines.
    pub fn trace(&self) -> (String, usize, Vec<String>) {
        let trace = self.trace.borrow();
        (trace.sum(), trace.lines(), trace.tail().to_vec())
    }

    /// Keeps a request for the replay at the end.
    pub fn log_request(&self, request: &Request, cut: bool) {
        if !cut && !self.quiet.get() {
            self.log.borrow_mut().push(request.clone());
        }
    }
}
