//! The limit of an incident that runs now.

use fushan_grid_core::model::incident::Incident;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::rules::deadline::{Moment, Timer, first_urgency};
use fushan_grid_core::rules::report::dispose_limit;

use crate::books::Books;

/// The timer that runs; nothing when none does or the dictionaries cannot tell.
pub(super) fn running(books: &Books, record: &Record) -> Option<Timer> {
    let incident = Incident::from_body(&record.body).ok()?;
    let category = books.category(incident.category.as_deref()?)?;
    let dispose = dispose_limit(&incident.history, category)?;
    let moments: Vec<Moment<'_>> = incident.history.iter().map(Moment::from).collect();
    let urgency = first_urgency(&record.body, category);
    let timers = books.limits.timers(&moments, urgency, dispose).ok()?;
    timers.into_iter().rfind(|timer| timer.clock.stopped.is_none())
}
