//! The limits of one incident, from its history: which run, which were met, which are late.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::clock::{Clock, Pause};
use super::limit::{Limit, Unit};
use crate::model::fault::{Coded, Fault};
use crate::model::incident::{Category, HistoryEntry};
use crate::model::record::Body;
use crate::model::time::UtcMillis;

/// The limits that do not come from a category; the data pack `limits` (domain dictionary 4.2, 4.4, 4.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitBook {
    /// Version of the pack.
    pub version: String,
    /// Limits by urgency.
    pub urgency: BTreeMap<String, UrgencyLimits>,
    /// For what was returned for completion.
    pub resubmit: Limit,
    /// For the answer to a request for an extension.
    pub decide_extension: Limit,
    /// How long a case may be suspended at most, by reason (T22).
    #[serde(default)]
    pub suspension_most: BTreeMap<String, Limit>,
    /// Hours of work that a rework has at least.
    pub rework_least_work_hours: u32,
    /// What the hotline asks.
    pub hotline: HotlineLimits,
}

/// Limits of one urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgencyLimits {
    /// From the report's arrival to its acceptance; verification has the same.
    pub accept: Limit,
    /// From acceptance to dispatch.
    pub dispatch: Limit,
    /// From dispatch to the handler's signature; a check has the same.
    pub sign: Limit,
}

/// Limits of the 12345 hotline (Shandong).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotlineLimits {
    /// To dispose.
    pub dispose: Limit,
    /// To refuse with a reason.
    pub refuse: Limit,
    /// How much an extension may add at most.
    pub extension_most: Limit,
}

/// Which limit of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// Until the report is accepted or refused.
    Accept,
    /// Until somebody has looked whether it is so.
    Verify,
    /// Until the reporter has completed it.
    Resubmit,
    /// Until it is dispatched.
    Dispatch,
    /// Until the handler has signed for it.
    Sign,
    /// Until it is put right.
    Dispose,
    /// Until the result was checked.
    Check,
}

/// A limit of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Which.
    pub stage: Stage,
    /// How it runs.
    pub clock: Clock,
}

/// A step of a history, with the moment by which limits count: the platform's, where it has one.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Id of the transition, such as `T17_SIGN`.
    pub event: &'a str,
    /// State afterwards.
    pub to: &'a str,
    /// When.
    pub at: UtcMillis,
    /// An extension that this step grants.
    pub granted: Option<Limit>,
    /// The urgency that this step sets (T34).
    pub urgency: Option<&'a str>,
}

impl<'a> From<&'a HistoryEntry> for Moment<'a> {
    fn from(line: &'a HistoryEntry) -> Self {
        let text = |name: &str| line.args.get(name).and_then(Value::as_str);
        Self {
            event: &line.event,
            to: &line.to,
            at: line.at,
            granted: text("granted").and_then(|text| text.parse().ok()),
            urgency: text("urgency").filter(|_| number(&line.event) == 34),
        }
    }
}

/// The urgency an incident began with.
#[must_use]
pub fn first_urgency<'a>(incident: &'a Body, category: &'a Category) -> &'a str {
    let text = |name: &str| incident.get(name).and_then(Value::as_str);
    text("first_urgency").or(text("urgency")).unwrap_or(&category.urgency)
}

/// An urgency that the pack `limits` does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no limits for this urgency")]
pub struct UnknownUrgency;

impl Coded for UnknownUrgency {
    fn fault(&self) -> Fault {
        Fault::of("limits_unknown_urgency")
    }
}

impl LimitBook {
    /// The limits of an incident, in the order in which they began. A stage that came twice is there twice. A new urgency (T34)
    /// counts for what begins afterwards; what runs gets its limit only when that is the more urgent one, so that nothing that
    /// has run out is ever lengthened. `urgency` is the one
    /// the incident began with.
    ///
    /// # Errors
    /// [`UnknownUrgency`].
    pub fn timers(&self, history: &[Moment<'_>], urgency: &str, dispose: Limit) -> Result<Vec<Timer>, UnknownUrgency> {
        let mut limits = *self.urgency.get(urgency).ok_or(UnknownUrgency)?;
        let mut timers: Vec<Timer> = Vec::new();
        let mut state = "NONE";
        for step in history {
            let entered = step.to != state || matches!(number(step.event), 14 | 16);
            match number(step.event) {
                21 => extend(&mut timers, step),
                22 => pause(&mut timers, step.at),
                23 => resume(&mut timers, step.at),
                34 => {
                    let next = step.urgency.map_or(Some(&limits), |urgency| self.urgency.get(urgency));
                    let next = *next.ok_or(UnknownUrgency)?;
                    hasten(&mut timers, &limits, &next);
                    limits = next;
                }
                _ if entered => {
                    stop(&mut timers, step.at);
                    let limit = self.limit_of(step, &limits, dispose, &timers);
                    timers.extend(limit.map(|(stage, limit)| Timer {
                        stage,
                        clock: Clock::start(step.at, limit),
                    }));
                }
                _ => {}
            }
            state = step.to;
        }
        Ok(timers)
    }

    fn limit_of(
        &self,
        step: &Moment<'_>,
        limits: &UrgencyLimits,
        dispose: Limit,
        so_far: &[Timer],
    ) -> Option<(Stage, Limit)> {
        Some(match (step.to, number(step.event)) {
            ("REPORTED", _) => (Stage::Accept, limits.accept),
            ("VERIFYING", _) => (Stage::Verify, limits.accept),
            ("RETURNED", _) => (Stage::Resubmit, self.resubmit),
            ("ACCEPTED", _) => (Stage::Dispatch, limits.dispatch),
            ("DISPATCHED", _) => (Stage::Sign, limits.sign),
            ("DISPOSING", 27) => {
                let first = so_far.iter().find(|timer| timer.stage == Stage::Dispose);
                (
                    Stage::Dispose,
                    self.rework(first.map_or(dispose, |timer| timer.clock.limit)),
                )
            }
            ("DISPOSING", _) => (Stage::Dispose, dispose),
            ("CHECKING", _) => (Stage::Check, limits.sign),
            _ => return None,
        })
    }

    /// A rework has half of the original limit, and at least four hours of work (domain dictionary 4.4, T27). Half of an odd
    /// number of days is rounded up; a limit by the clock is halved by the clock.
    fn rework(&self, original: Limit) -> Limit {
        let half = original.amount.div_ceil(2);
        let least = Limit {
            amount: self.rework_least_work_hours,
            unit: Unit::WorkHour,
        };
        match original.unit {
            Unit::Minute if half < self.rework_least_work_hours * 60 => least,
            Unit::ClockHour | Unit::WorkHour if half < self.rework_least_work_hours => least,
            unit => Limit { amount: half, unit },
        }
    }
}

/// The number of a transition: 17 for `T17_SIGN`.
fn number(event: &str) -> u32 {
    let digits = event.strip_prefix('T').and_then(|rest| rest.split('_').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn stop(timers: &mut [Timer], at: UtcMillis) {
    for timer in timers.iter_mut().filter(|timer| timer.clock.stopped.is_none()) {
        timer.clock.stopped = Some(at);
    }
}

fn running_dispose(timers: &mut [Timer]) -> Option<&mut Clock> {
    let last = timers.last_mut().filter(|timer| timer.stage == Stage::Dispose);
    last.map(|timer| &mut timer.clock)
        .filter(|clock| clock.stopped.is_none())
}

fn extend(timers: &mut [Timer], step: &Moment<'_>) {
    if let Some(clock) = running_dispose(timers) {
        clock.extensions.extend(step.granted);
    }
}

fn pause(timers: &mut [Timer], at: UtcMillis) {
    if let Some(clock) = running_dispose(timers) {
        clock.pauses.push(Pause { from: at, to: None });
    }
}

fn resume(timers: &mut [Timer], at: UtcMillis) {
    let open = running_dispose(timers).and_then(|clock| clock.pauses.last_mut());
    if let Some(pause) = open.filter(|pause| pause.to.is_none()) {
        pause.to = Some(at);
    }
}

/// Gives a running limit of a step the new urgency's, when that is shorter.
fn hasten(timers: &mut [Timer], before: &UrgencyLimits, next: &UrgencyLimits) {
    let Some(timer) = timers.last_mut().filter(|timer| timer.clock.stopped.is_none()) else {
        return;
    };
    let of = |limits: &UrgencyLimits| match timer.stage {
        Stage::Accept | Stage::Verify => Some(limits.accept),
        Stage::Dispatch => Some(limits.dispatch),
        Stage::Sign | Stage::Check => Some(limits.sign),
        Stage::Resubmit | Stage::Dispose => None,
    };
    if let (Some(old), Some(new)) = (of(before), of(next))
        && new.rough_ms() < old.rough_ms()
    {
        timer.clock.limit = new;
    }
}
