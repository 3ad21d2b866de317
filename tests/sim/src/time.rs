//! The world's clock, and each phone's own idea of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};

use fushan_grid_core::model::env::Clock;
use fushan_grid_core::model::time::UtcMillis;

use crate::seams::Seams;

/// 2026-09-01T00:00:00Z: where every run starts.
const START: i64 = 1_788_220_800_000;

/// The true time of a run, moved by the run alone.
#[derive(Debug)]
pub struct WorldClock(AtomicI64);

impl Default for WorldClock {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl WorldClock {
    /// Milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.0.load(SeqCst)
    }

    /// Lets time pass.
    pub fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, SeqCst);
    }
}

/// A phone's clocks: the wall clock is off by what the run says, the monotonic one counts from the last boot.
#[derive(Debug)]
pub struct PhoneClock {
    world: Arc<WorldClock>,
    seams: Arc<Seams>,
    off: AtomicI64,
    booted_at: AtomicI64,
    boot: AtomicU64,
}

impl PhoneClock {
    /// Clocks that tell the truth, just booted.
    pub fn new(world: Arc<WorldClock>, seams: Arc<Seams>) -> Self {
        let booted_at = AtomicI64::new(world.now());
        Self {
            world,
            seams,
            off: AtomicI64::new(0),
            booted_at,
            boot: AtomicU64::new(1),
        }
    }

    /// The wall clock jumps: it is off by so much from now on.
    pub fn jump(&self, off_ms: i64) {
        self.off.store(off_ms, SeqCst);
    }

    /// The phone starts anew.
    pub fn reboot(&self) {
        self.booted_at.store(self.world.now(), SeqCst);
        self.boot.fetch_add(1, SeqCst);
    }
}

impl Clock for PhoneClock {
    fn wall(&self) -> UtcMillis {
        self.seams.pass("clock");
        UtcMillis((self.world.now() + self.off.load(SeqCst)).max(0))
    }

    fn monotonic_ms(&self) -> u64 {
        self.seams.pass("clock");
        u64::try_from(self.world.now() - self.booted_at.load(SeqCst)).unwrap_or(0)
    }

    fn boot_id(&self) -> String {
        format!("boot-{}", self.boot.load(SeqCst))
    }
}
