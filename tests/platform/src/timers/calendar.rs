//! The limit of an incident that runs now.

use fushan_grid_core::model::incident::Incident;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::rules::deadline::{Moment, Timer};
use fushan_grid_core::rules::report::{dispose_limit, step};

use crate::books::Books;

/// The timer that runs; nothing when none does or the dictionaries cannot tell.
pub(super) fn running(books: &Books, record: &Record) -> Option<Timer> {
    let incident = Incident::from_body(&record.body).ok()?;
    let category = books.category(incident.category.as_deref()?)?;
    let urgency = incident.urgency.clone().unwrap_or_else(|| category.urgency.clone());
    let dispose = dispose_limit(&incident.history, category)?;
    let steps: Vec<_> = incident.history.iter().map(step).collect();
    let moments: Vec<Moment<'_>> = steps
        .iter()
        .map(|step| Moment {
            event: &step.event,
            to: &step.to,
            at: step.at,
            granted: step.granted,
        })
        .collect();
    let timers = books.limits.timers(&moments, &urgency, dispose).ok()?;
    timers.into_iter().rfind(|timer| timer.clock.stopped.is_none())
}
