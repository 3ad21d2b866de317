//! The end of a run: how it counts, what is kept of it, and when to come again.

use serde_json::json;

use super::Trigger;
use super::report::{SyncOutcome, SyncReport};
use super::run::Tally;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::time::UtcMillis;
use crate::planted::{Bug, planted};
use crate::store::identity::{self, Setting};
use crate::store::{blobs, ops, runs};
use crate::sync::{Outcome, Timer, next_attempt_ms};

/// Codes by which a platform says that this app is too old for it (protocol, section Errors).
const TOO_OLD: [&str; 3] = ["schema_too_old", "protocol_unknown", "must_understand"];

impl Engine {
    /// Milliseconds until the next attempt after a failed run; nothing when there is no wait.
    ///
    /// # Errors
    /// Those of the store.
    pub fn next_sync_ms(&self) -> Result<Option<u64>, AppError> {
        Ok(self.timer()?.map(|timer| self.left_of(&timer)).filter(|left| *left > 0))
    }

    /// What is left of the wait when a run that was asked for in this way has to keep it.
    pub(super) fn still_waits(&self, trigger: Trigger) -> Result<Option<u64>, AppError> {
        let keeps = |timer: &Timer| match trigger {
            Trigger::Worker => false,
            Trigger::Connectivity => timer.asked,
            Trigger::Schedule => true,
        };
        let timer = self.timer()?.filter(keeps);
        Ok(timer.map(|timer| self.left_of(&timer)).filter(|left| *left > 0))
    }

    fn timer(&self) -> Result<Option<Timer>, AppError> {
        let timer = self
            .store
            .read(|r| identity::setting::<Option<Timer>>(r, Setting::Timer))?;
        Ok(timer.flatten())
    }

    fn left_of(&self, timer: &Timer) -> u64 {
        let clock = &self.env.clock;
        timer.left_ms(&clock.boot_id(), clock.monotonic_ms(), clock.wall())
    }

    /// The report of a run that did not begin.
    pub(super) fn not_now(&self, outcome: SyncOutcome, left_ms: Option<u64>) -> Result<SyncReport, AppError> {
        let mut report = self.report(outcome, &Tally::default(), 0)?;
        report.next_attempt_ms = left_ms;
        Ok(report)
    }

    /// Counts failed runs in a row, sets the timer, and keeps the report.
    pub(super) fn conclude(
        &self,
        outcome: Outcome,
        tally: &Tally,
        duration: u64,
        started_at: UtcMillis,
        too_old: Option<String>,
    ) -> Result<SyncReport, AppError> {
        let upgrade = too_old.or(match &outcome {
            Outcome::Offline { code, .. } if TOO_OLD.contains(&code.as_str()) => Some(code.clone()),
            _ => None,
        });
        let (outcome, failed, asked) = match outcome {
            Outcome::Done => (SyncOutcome::Done, false, None),
            Outcome::Cancelled => (SyncOutcome::Cancelled, false, None),
            Outcome::Budget => (SyncOutcome::Budget, false, Some(0)),
            Outcome::Offline { code, after_ms } => (SyncOutcome::Offline { code }, true, after_ms),
            Outcome::Locked { code } => (SyncOutcome::Locked { code }, false, None),
        };
        let outcome = match &upgrade {
            Some(code) => SyncOutcome::NeedsUpgrade { code: code.clone() },
            None => outcome,
        };
        let mut random = [0; 4];
        self.env.entropy.fill(&mut random);
        let mut report = self.report(outcome, tally, duration)?;
        report.next_attempt_ms = self.store.write(|w| {
            let failures = identity::count_failures(w, failed)?;
            let wait = match asked {
                Some(0) => Some(0),
                asked if failed => Some(next_attempt_ms(failures, asked, u32::from_le_bytes(random))),
                _ => None,
            };
            let clock = &self.env.clock;
            let timer = wait.filter(|ms| *ms > 0).map(|ms| {
                Timer::start(
                    ms,
                    asked.is_some(),
                    &clock.boot_id(),
                    clock.monotonic_ms(),
                    clock.wall(),
                )
            });
            if !planted(Bug::TimerForgotten) {
                identity::put_setting(w, Setting::Timer, &timer)?;
            }
            identity::put_setting(w, Setting::NeedsUpgrade, &upgrade)?;
            Ok::<_, AppError>(wait)
        })?;
        self.store
            .write(|w| runs::add(w, started_at, &json!(report)).map_err(AppError::from))?;
        Ok(report)
    }

    fn report(&self, outcome: SyncOutcome, tally: &Tally, duration_ms: u64) -> Result<SyncReport, AppError> {
        let (ops_left, photos_left) = self
            .store
            .read(|r| Ok::<_, AppError>((ops::ledger(r)?, blobs::counts(r)?)))?;
        Ok(SyncReport::of(outcome, tally, duration_ms, ops_left, photos_left))
    }
}
