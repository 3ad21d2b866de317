//! Clock and randomness of the system, which need no help of the app.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use fushan_grid_core::model::env::{Clock, Entropy};
use fushan_grid_core::model::time::UtcMillis;

/// The phone's clocks.
pub(crate) struct SystemClock {
    boot: String,
    #[cfg(not(unix))]
    started: std::time::Instant,
}

impl SystemClock {
    /// The app names the boot where it can; the kernel's own name for it is often closed to apps. Where nobody does, each
    /// process counts as a boot, so that spans over a restart are unknown instead of wrong.
    pub(crate) fn new(boot: Option<String>) -> Self {
        let kernel = || fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let process = || {
            let mut random = [0; 16];
            OsEntropy.fill(&mut random);
            format!("{:032x}", u128::from_be_bytes(random))
        };
        Self {
            boot: boot.or_else(kernel).unwrap_or_else(process).trim().to_owned(),
            #[cfg(not(unix))]
            started: std::time::Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> UtcMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UtcMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Counted from the boot, sleep included.
    #[cfg(unix)]
    fn monotonic_ms(&self) -> u64 {
        use rustix::time::{ClockId, clock_gettime};
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let now = clock_gettime(ClockId::Boottime);
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let now = clock_gettime(ClockId::Monotonic);
        let whole = u64::try_from(now.tv_sec).unwrap_or(0).saturating_mul(1000);
        whole.saturating_add(u64::try_from(now.tv_nsec).unwrap_or(0) / 1_000_000)
    }

    #[cfg(not(unix))]
    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn boot_id(&self) -> String {
        self.boot.clone()
    }
}

/// The operating system's random source.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            // keys from a broken source are worse than no program
            std::process::abort();
        }
    }
}
