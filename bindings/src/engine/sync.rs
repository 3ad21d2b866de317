//! A settlement as a handle: it is begun, watched, waited for, cancelled. It runs on a thread of its own that ends with it.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use fushan_grid_core::app::sync as core_sync;
use fushan_grid_core::platform::{Cancel, HttpTransport};
use tokio::sync::watch;

use super::Core;
use crate::engine::Engine;
use crate::error::GridError;
use crate::host::{HostError, LogLevel, LogLine, Logger};
use crate::records::{SyncBudget, SyncOutcome, SyncProgress, SyncReport};

/// Is told where a settlement is. A slow observer misses steps in between and holds nothing up; what it throws is ignored.
#[uniffi::export(foreign)]
pub trait SyncObserver: Send + Sync {
    /// The settlement has come this far.
    fn progress(&self, progress: SyncProgress) -> Result<(), HostError>;
}

type Ending = Option<Result<SyncReport, GridError>>;

/// A settlement under way. Letting go of the handle does not stop it: it ends by its budget, or by `cancel()`.
#[derive(uniffi::Object)]
pub struct SyncHandle {
    cancel: Cancel,
    progress: watch::Receiver<SyncProgress>,
    ending: watch::Receiver<Ending>,
}

#[uniffi::export(async_runtime = "tokio")]
impl SyncHandle {
    /// Stops it soon: what is committed stays, what is on its way is sent again by the next run. Twice is no error.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for its end. Any number of callers may wait; one that stops waiting stops nothing.
    pub async fn wait(&self) -> Result<SyncReport, GridError> {
        let mut ending = self.ending.clone();
        let ended = ending.wait_for(Option::is_some).await;
        // the sender is gone without an ending only when the run's thread has broken
        let ended = ended.ok().and_then(|end| end.clone());
        ended.unwrap_or_else(|| Err(GridError::of("internal")))
    }

    /// Where it is.
    #[must_use]
    pub fn progress(&self) -> SyncProgress {
        *self.progress.borrow()
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.ending.borrow().is_some() || self.ending.has_changed().is_err()
    }
}

#[uniffi::export]
impl Engine {
    /// Begins to settle with the platform: sends what waits, takes what changed, uploads photos, within the budget. One runs at a
    /// time; another one ends at once with `SyncOutcome.Busy`.
    #[uniffi::method(default(observer = None))]
    pub fn sync_start(
        &self,
        budget: SyncBudget,
        observer: Option<Arc<dyn SyncObserver>>,
    ) -> Result<Arc<SyncHandle>, GridError> {
        let core = self.core()?;
        let transport = self.transport(&core.platform_url()?)?;
        let conditions = budget.conditions.unwrap_or_else(|| self.senses.conditions());
        let cancel = Cancel::new();
        let (tell_progress, progress) = watch::channel(SyncProgress::default());
        let (tell_ending, ending) = watch::channel(None);
        let run = Run {
            core,
            transport,
            budget: budget.read(conditions),
            cancel: cancel.clone(),
            logger: self.logger.clone(),
        };
        if let Some(observer) = observer {
            watched(observer, progress.clone())?;
        }
        begin("fushan-sync", move || run.carry_out(&tell_progress, &tell_ending))?;
        Ok(Arc::new(SyncHandle {
            cancel,
            progress,
            ending,
        }))
    }
}

struct Run {
    core: Arc<Core>,
    transport: HttpTransport,
    budget: core_sync::Budget,
    cancel: Cancel,
    logger: Logger,
}

impl Run {
    fn carry_out(self, progress: &watch::Sender<SyncProgress>, ending: &watch::Sender<Ending>) {
        let started = Instant::now();
        let told = Told(progress);
        let report = self.core.sync_once(&self.transport, self.budget, &told, &self.cancel);
        let report = report.map(SyncReport::from).map_err(GridError::from);
        self.logger.line(line(&report, started));
        // the engine is let go of before anybody is told, so that whoever waited may shut it down
        drop(self);
        let _ = ending.send(Some(report));
    }
}

struct Told<'a>(&'a watch::Sender<SyncProgress>);

impl core_sync::Observer for Told<'_> {
    fn progress(&self, progress: &core_sync::Progress) {
        self.0.send_replace(progress.into());
    }
}

/// Passes the newest progress on, until the run's end closes the channel.
fn watched(observer: Arc<dyn SyncObserver>, mut progress: watch::Receiver<SyncProgress>) -> Result<(), GridError> {
    begin("fushan-observer", move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
            return;
        };
        while runtime.block_on(progress.changed()).is_ok() {
            let now = *progress.borrow_and_update();
            let _ = observer.progress(now);
        }
    })
}

fn begin(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), GridError> {
    let begun = thread::Builder::new().name(name.to_owned()).spawn(work);
    begun.map(drop).map_err(|_| GridError::of("internal"))
}

fn level_of(outcome: &SyncOutcome) -> LogLevel {
    match outcome {
        SyncOutcome::Offline { .. } | SyncOutcome::Locked { .. } | SyncOutcome::NeedsUpgrade { .. } => LogLevel::Warn,
        _ => LogLevel::Info,
    }
}

fn line(report: &Result<SyncReport, GridError>, started: Instant) -> LogLine {
    let (level, code, detail) = match report {
        Ok(report) => (
            level_of(&report.outcome),
            report.outcome.code().to_owned(),
            format!(
                "taken={} refused={} conflicts={} pulled={} photos={}",
                report.taken, report.refused, report.conflicts, report.pulled, report.photos_stored
            ),
        ),
        Err(error) => (LogLevel::Error, error.about().code.clone(), String::new()),
    };
    LogLine {
        level,
        what: "sync".to_owned(),
        code,
        millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        detail,
    }
}
