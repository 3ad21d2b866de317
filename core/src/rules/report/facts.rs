//! What one case contributes, read from its raw history once.

use serde::Serialize;

use crate::model::area::GridCode;
use crate::model::time::UtcMillis;
use crate::rules::deadline::{
    Calendar, CalendarError, Limit, LimitBook, Moment, Stage, Timer, UnknownUrgency, Verdict,
};

/// A step of a history, reduced to what figures are made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// Id of the transition.
    pub event: String,
    /// State afterwards.
    pub to: String,
    /// When, by the platform's time.
    pub at: UtcMillis,
    /// Organisation that it was dispatched to (T13, T14).
    pub main: Option<String>,
    /// Reason code of a refusal to accept (T09), or result of a check (T26).
    pub code: Option<String>,
    /// Level of supervision, 1 ordinary, 2 yellow, 3 red (T32).
    pub supervise: u8,
    /// An extension that was granted (T21).
    pub granted: Option<Limit>,
    /// Urgency that was set (T34).
    pub urgency: Option<String>,
    /// Evaluation (T30), 5 very satisfied to 1; 0 when nobody answered.
    pub satisfaction: u8,
    /// The citizen was contacted (T30).
    pub contacted: Option<bool>,
    /// The citizen says it is solved (T30).
    pub solved: Option<bool>,
}

/// What surrounds a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// Category.
    pub category: String,
    /// Where it came from, such as `GRID_STAFF`.
    pub source: String,
    /// Grid.
    pub grid: Option<GridCode>,
    /// Urgency that it began with.
    pub urgency: String,
    /// Limit of its category.
    pub dispose: Limit,
    /// Whether the reporter is to be asked afterwards.
    pub follow_up: bool,
    /// Whether it repeats an earlier one: same place and category within 90 days.
    pub repeats: bool,
}

/// How a case closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CloseType {
    /// The ordinary way.
    Normal,
    /// On the spot, by the worker who found it.
    SelfClosed,
    /// By an answer.
    DirectAnswer,
    /// By force, two people.
    Forced,
}

/// A case in figures. Moments are the platform's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[allow(missing_docs)]
pub struct Facts {
    pub category: String,
    pub source: String,
    pub grid: Option<GridCode>,
    pub main: Option<String>,
    pub reported: Option<UtcMillis>,
    pub accepted: Option<UtcMillis>,
    pub accepted_in_time: bool,
    pub invalid: bool,
    pub merged: bool,
    pub repeats: bool,
    pub first_dispatch_kept: Option<bool>,
    pub dispatches: u64,
    pub refusals: u64,
    pub deadline: Option<UtcMillis>,
    pub disposed: Option<UtcMillis>,
    pub disposed_in_time: bool,
    pub closed: Option<UtcMillis>,
    pub close_type: Option<CloseType>,
    pub reworks: u64,
    pub redos: u64,
    pub extensions: u64,
    pub suspended: bool,
    pub supervised: u8,
    pub checks_ordered: u64,
    pub checks_in_time: u64,
    pub follow_up: bool,
    pub evaluated: bool,
    pub satisfaction: u8,
    pub contacted: Option<bool>,
    pub solved: Option<bool>,
    pub accept_work_ms: Option<i64>,
    pub dispose_work_ms: Option<i64>,
    pub total_work_ms: Option<i64>,
    pub total_clock_ms: Option<i64>,
}

impl Facts {
    /// Whether it counts as a case and not only as a report: accepted, and not merged into another one.
    #[must_use]
    pub fn is_case(&self) -> bool {
        self.accepted.is_some() && !self.merged
    }

    /// Whether the worker closed it on the spot; such cases are counted apart and are in no department's rate.
    #[must_use]
    pub fn is_self_closed(&self) -> bool {
        self.close_type == Some(CloseType::SelfClosed)
    }

    /// The moment in which the case is due, so that each is due in exactly one period: its deadline, or its closing when
    /// that comes first (domain dictionary 7.1).
    #[must_use]
    pub fn due(&self) -> Option<UtcMillis> {
        let deadline = self.deadline?;
        Some(self.closed.map_or(deadline, |closed| closed.min(deadline)))
    }
}

/// Why a history gives no figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a history that gives no figures")]
pub struct NoFacts;

impl From<UnknownUrgency> for NoFacts {
    fn from(_: UnknownUrgency) -> Self {
        Self
    }
}

impl From<CalendarError> for NoFacts {
    fn from(_: CalendarError) -> Self {
        Self
    }
}

/// Reads a history. `now` is the end of what is known: the freeze of the report.
///
/// # Errors
/// An urgency without limits, or a calendar that does not reach so far.
pub fn facts(
    around: &Surroundings,
    steps: &[Step],
    now: UtcMillis,
    book: &LimitBook,
    calendar: &Calendar,
) -> Result<Facts, NoFacts> {
    let steps: Vec<&Step> = steps.iter().filter(|step| step.at <= now).collect();
    let moments: Vec<Moment<'_>> = steps.iter().map(|step| moment(step)).collect();
    let timers = book.timers(&moments, &around.urgency, around.dispose)?;
    let mut facts = Facts {
        category: around.category.clone(),
        source: around.source.clone(),
        grid: around.grid.clone(),
        follow_up: around.follow_up,
        repeats: around.repeats,
        ..Facts::default()
    };
    for step in &steps {
        take(&mut facts, step);
    }
    limits(&mut facts, &timers, around.dispose, now, calendar)?;
    durations(&mut facts, &timers, calendar)?;
    Ok(facts)
}

fn moment(step: &Step) -> Moment<'_> {
    Moment {
        event: &step.event,
        to: &step.to,
        at: step.at,
        granted: step.granted,
        urgency: step.urgency.as_deref(),
    }
}

/// One step's part of the facts.
fn take(facts: &mut Facts, step: &Step) {
    let number = step.event.get(1..3).unwrap_or_default();
    match number {
        "02" | "03" => facts.reported = facts.reported.or(Some(step.at)),
        "04" => {
            facts.reported = facts.reported.or(Some(step.at));
            (facts.closed, facts.close_type) = (Some(step.at), Some(CloseType::SelfClosed));
        }
        "05" => facts.invalid = true,
        "08" => facts.accepted = facts.accepted.or(Some(step.at)),
        "09" => facts.invalid |= matches!(step.code.as_deref(), Some("not_exist" | "no_content")),
        "12" => facts.merged = true,
        "13" => {
            facts.dispatches += 1;
            facts.first_dispatch_kept = facts.first_dispatch_kept.or(Some(true));
            facts.main = step.main.clone().or(facts.main.take());
        }
        "14" | "18" => {
            facts.refusals += u64::from(number == "18");
            facts.main = step.main.clone().or(facts.main.take());
            if facts.dispatches == 1 {
                facts.first_dispatch_kept = Some(false);
            }
        }
        "21" => facts.extensions += u64::from(step.granted.is_some()),
        "22" => facts.suspended = true,
        "24" => facts.disposed = Some(step.at),
        "27" => facts.reworks += 1,
        "28" => (facts.closed, facts.close_type) = (Some(step.at), Some(CloseType::Normal)),
        "29" => (facts.closed, facts.close_type) = (Some(step.at), Some(CloseType::Forced)),
        "30" => {
            facts.evaluated = true;
            facts.satisfaction = step.satisfaction;
            (facts.contacted, facts.solved) = (step.contacted, step.solved);
        }
        "31" => {
            facts.redos += 1;
            (facts.closed, facts.close_type, facts.disposed) = (None, None, None);
        }
        "32" => facts.supervised = facts.supervised.max(step.supervise),
        "36" => (facts.closed, facts.close_type) = (Some(step.at), Some(CloseType::DirectAnswer)),
        _ => {}
    }
}

/// Deadlines. Before anybody has signed, a case is due as if it had been signed for when it was accepted.
fn limits(
    facts: &mut Facts,
    timers: &[Timer],
    dispose: Limit,
    now: UtcMillis,
    calendar: &Calendar,
) -> Result<(), CalendarError> {
    let in_time = |timer: &Timer| {
        let standing = timer.clock.standing(now, calendar)?;
        Ok::<bool, CalendarError>(standing.verdict == Verdict::Met)
    };
    if let Some(accept) = timers.iter().rfind(|timer| timer.stage == Stage::Accept) {
        facts.accepted_in_time = facts.accepted.is_some() && in_time(accept)?;
    }
    for check in timers
        .iter()
        .filter(|timer| matches!(timer.stage, Stage::Check | Stage::Verify))
    {
        facts.checks_ordered += 1;
        facts.checks_in_time += u64::from(in_time(check)?);
    }
    let last = timers.iter().rfind(|timer| timer.stage == Stage::Dispose);
    facts.deadline = match (last, facts.accepted) {
        (Some(timer), _) => Some(timer.clock.deadline(now, calendar)?),
        (None, Some(accepted)) => Some(dispose.deadline(accepted, calendar)?),
        (None, None) => None,
    };
    let answered = facts.close_type == Some(CloseType::DirectAnswer);
    let done = if answered { facts.closed } else { facts.disposed };
    facts.disposed_in_time = done
        .zip(facts.deadline)
        .is_some_and(|(done, deadline)| done <= deadline);
    Ok(())
}

/// Working time, pauses out; and the time of the clock from report to closing.
fn durations(facts: &mut Facts, timers: &[Timer], calendar: &Calendar) -> Result<(), CalendarError> {
    let between = |from: Option<UtcMillis>, to: Option<UtcMillis>| {
        from.zip(to)
            .map(|(from, to)| calendar.work_between(from, to))
            .transpose()
    };
    facts.accept_work_ms = between(facts.reported, facts.accepted)?;
    let mut paused = 0;
    let mut dispose = None;
    for timer in timers.iter().filter(|timer| timer.stage == Stage::Dispose) {
        let Some(stopped) = timer.clock.stopped else { continue };
        let mut pauses = 0;
        for pause in &timer.clock.pauses {
            pauses += calendar.work_between(pause.from, pause.to.unwrap_or(stopped))?;
        }
        let worked = calendar.work_between(timer.clock.started, stopped)? - pauses;
        dispose = Some(dispose.unwrap_or(0) + worked);
        paused += pauses;
    }
    facts.dispose_work_ms = dispose.filter(|_| facts.disposed.is_some());
    let closed = facts.closed.filter(|_| !facts.is_self_closed());
    facts.total_work_ms = between(facts.reported, closed)?.map(|total| (total - paused).max(0));
    facts.total_clock_ms = facts.reported.zip(closed).map(|(from, to)| to.since(from));
    Ok(())
}
