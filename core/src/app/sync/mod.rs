//! Settling with the platform: enrolment, and one synchronisation at a time on the caller's thread.

mod conclude;
mod enrol;
mod entries;
mod fetch_back;
mod fill;
mod forecast;
mod let_go;
mod lines;
mod orders;
mod photos;
mod pull;
mod push;
mod repair;
mod report;
mod requests;
mod run;
mod session;
mod tokens;
mod trouble;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use orders::renew_lease;
pub use report::{SyncOutcome, SyncReport};
pub(in crate::app) use run::APP;

use crate::model::policy::Conditions;
use crate::platform::reply::ReplyError;

/// Why a run is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trigger {
    /// The worker asked: at once.
    #[default]
    Worker,
    /// The network came or changed: one attempt before the wait is over, unless the platform itself asked for the wait.
    Connectivity,
    /// The host's own schedule: not before the wait is over.
    Schedule,
}

/// What a run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Most time, by the monotonic clock.
    pub time: Duration,
    /// Most bytes up and down.
    pub bytes: Option<u64>,
    /// Network and battery.
    pub conditions: Conditions,
    /// Why it is asked for.
    pub trigger: Trigger,
}

impl Budget {
    /// A budget of time only, on a network that costs nothing, at the worker's wish.
    #[must_use]
    pub fn time(time: Duration) -> Self {
        Self {
            time,
            bytes: None,
            conditions: Conditions::default(),
            trigger: Trigger::Worker,
        }
    }
}

/// Where a run is; counts and bytes only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Operations that got their answer.
    pub ops_done: u64,
    /// Records that came.
    pub pulled: u64,
    /// Photos the platform has stored in this run.
    pub photos_done: u64,
    /// Bytes of messages and photos sent, as they travelled.
    pub bytes_up: u64,
    /// Bytes received, as they travelled.
    pub bytes_down: u64,
}

/// Is told where a run is. It is called on the run's thread and must return soon.
pub trait Observer {
    /// The run has come this far.
    fn progress(&self, progress: &Progress);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn progress(&self, _: &Progress) {}
}

/// Lets one run happen at a time.
#[derive(Debug, Default)]
pub(super) struct RunLock(AtomicBool);

impl RunLock {
    fn take(&self) -> Option<RunGuard<'_>> {
        self.0
            .compare_exchange(false, true, Ordering::SeqCst, Ordering::SeqCst)
            .ok()
            .map(|_| RunGuard(self))
    }

    /// For what must not come between two steps of a run, such as other credentials.
    fn alone(&self) -> Result<RunGuard<'_>, ReplyError> {
        self.take().ok_or(ReplyError::Retryable {
            code: "busy",
            after_ms: None,
        })
    }
}

/// Frees the lock however the run ends.
struct RunGuard<'l>(&'l RunLock);

impl Drop for RunGuard<'_> {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::SeqCst);
    }
}
