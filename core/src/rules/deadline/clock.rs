//! One running limit of an incident: start, pauses, extensions, and how it stands at a moment.

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, CalendarError};
use super::limit::Limit;
use crate::model::time::UtcMillis;

/// A time that does not count (挂起).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When it began.
    pub from: UtcMillis,
    /// When it ended; absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UtcMillis>,
}

/// A limit that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// When it started, by the platform's time.
    pub started: UtcMillis,
    /// How long it may take.
    pub limit: Limit,
    /// Extensions that were granted, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Limit>,
    /// Times that do not count, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// When it was met, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<UtcMillis>,
}

/// Which card supervision shows (provincial rule of 2017: yellow one working day before the deadline, red on the first
/// working day after it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Card {
    /// The deadline is near.
    Yellow,
    /// The deadline has passed.
    Red,
}

/// How a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// It runs.
    Running,
    /// It is paused.
    Paused,
    /// It runs and the deadline has passed.
    Overdue,
    /// It was met.
    Met,
    /// It ended after the deadline.
    Late,
}

/// A limit at a moment. Computed, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The deadline, with extensions and pauses so far.
    pub deadline: UtcMillis,
    /// How it stands.
    pub verdict: Verdict,
    /// When the yellow card is due; none for limits shorter than a working day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yellow_at: Option<UtcMillis>,
    /// When the red card is due.
    pub red_at: UtcMillis,
    /// The card that is due now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
}

impl Clock {
    /// A limit that starts now.
    #[must_use]
    pub fn start(started: UtcMillis, limit: Limit) -> Self {
        Self {
            started,
            limit,
            extensions: Vec::new(),
            pauses: Vec::new(),
            stopped: None,
        }
    }

    /// The deadline as it stands at a moment: the limit, then each extension after the one before, then the pauses, given
    /// back as time of work for working units and as time of the clock for the others.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn deadline(&self, now: UtcMillis, calendar: &Calendar) -> Result<UtcMillis, CalendarError> {
        let granted = self.limit.deadline(self.started, calendar)?;
        let granted = self
            .extensions
            .iter()
            .try_fold(granted, |due, more| more.deadline(due, calendar))?;
        if self.limit.unit.counts_work() {
            calendar.after_work(granted, self.paused(now, |from, to| calendar.work_between(from, to))?)
        } else {
            Ok(granted.plus(self.paused(now, |from, to| Ok(to.since(from)))?))
        }
    }

    /// How the limit stands at a moment.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn standing(&self, now: UtcMillis, calendar: &Calendar) -> Result<Standing, CalendarError> {
        let deadline = self.deadline(now, calendar)?;
        let yellow_at = Some(calendar.one_work_day_before(deadline)?).filter(|yellow| *yellow > self.started);
        let red_at = calendar.next_work_day_start(deadline)?;
        let paused = self.pauses.last().is_some_and(|pause| pause.to.is_none());
        let verdict = match self.stopped {
            Some(stopped) if stopped <= deadline => Verdict::Met,
            Some(_) => Verdict::Late,
            None if paused => Verdict::Paused,
            None if now > deadline => Verdict::Overdue,
            None => Verdict::Running,
        };
        let card = match verdict {
            Verdict::Met | Verdict::Late | Verdict::Paused => None,
            _ if now >= red_at => Some(Card::Red),
            _ => yellow_at.filter(|yellow| now >= *yellow).map(|_| Card::Yellow),
        };
        Ok(Standing {
            deadline,
            verdict,
            yellow_at,
            red_at,
            card,
        })
    }

    /// Time paused up to a moment, or up to the end.
    fn paused(
        &self,
        now: UtcMillis,
        length: impl Fn(UtcMillis, UtcMillis) -> Result<i64, CalendarError>,
    ) -> Result<i64, CalendarError> {
        let end = self.stopped.unwrap_or(now);
        self.pauses.iter().try_fold(0, |sum, pause| {
            let to = pause.to.unwrap_or(end).min(end);
            Ok(if to > pause.from {
                sum + length(pause.from, to)?
            } else {
                sum
            })
        })
    }
}
