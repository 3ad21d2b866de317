//! Deadlines as the app shows them. The platform's own are in force; these agree with them as far as the phone has heard.

use serde::Serialize;

use super::{AppError, Engine};
use crate::model::ids::RecordId;
use crate::model::incident::Incident;
use crate::model::time::UtcMillis;
use crate::rules::deadline::{Clock, DeadlineError, Limit, Moment, Stage, Standing, Timer, first_urgency};
use crate::rules::report::dispose_limit;
use crate::store::records;

/// One limit of an incident, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimerView {
    /// Which.
    pub stage: Stage,
    /// When it started.
    pub started: UtcMillis,
    /// How long it may take.
    pub limit: Limit,
    /// How it stands.
    pub standing: Standing,
}

impl Engine {
    /// The deadline of something that starts at a moment, with the moments of the cards.
    ///
    /// # Errors
    /// A working calendar that does not reach so far.
    pub fn deadline(&self, start: UtcMillis, limit: Limit) -> Result<Standing, AppError> {
        let standing = Clock::start(start, limit).standing(start, &self.dictionaries().calendar);
        Ok(standing.map_err(DeadlineError::from)?)
    }

    /// All limits of an incident in the order in which they began, at this phone's wall clock: shown, never decisive.
    ///
    /// # Errors
    /// No such incident, a category or an urgency that the dictionaries do not know, a calendar that does not reach so far.
    pub fn incident_deadlines(&self, id: RecordId) -> Result<Vec<TimerView>, AppError> {
        let record = self
            .store
            .read(|r| records::view(r, id))?
            .ok_or(AppError::NotFound)?
            .record;
        let incident = Incident::from_body(&record.body)?;
        let dictionaries = self.dictionaries();
        let code = incident.category.as_deref().unwrap_or_default();
        let category = dictionaries.taxonomy.category(code).ok_or(AppError::UnknownCategory)?;
        let of_category = Limit::of(category.limit, &category.unit).map_err(DeadlineError::from)?;
        let limit = dispose_limit(&incident.history, category).unwrap_or(of_category);
        let urgency = first_urgency(&record.body, category);
        let moments: Vec<Moment<'_>> = incident.history.iter().map(Moment::from).collect();
        let timers = dictionaries
            .limits
            .timers(&moments, urgency, limit)
            .map_err(DeadlineError::from)?;
        let now = self.env.clock.wall();
        timers.into_iter().map(|timer| self.timer_view(timer, now)).collect()
    }

    fn timer_view(&self, timer: Timer, now: UtcMillis) -> Result<TimerView, AppError> {
        let standing = timer
            .clock
            .standing(now, &self.dictionaries().calendar)
            .map_err(DeadlineError::from)?;
        Ok(TimerView {
            stage: timer.stage,
            started: timer.clock.started,
            limit: timer.clock.limit,
            standing,
        })
    }
}
