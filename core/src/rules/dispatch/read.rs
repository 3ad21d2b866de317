//! What the rules see of an incident, read off its record: the same on the phone and on the platform.

use std::collections::BTreeSet;

use serde_json::Value;

use super::condition::Case;
use crate::model::incident::{Category, HistoryEntry, Incident};
use crate::model::record::Record;
use crate::model::registry::ViewError;
use crate::rules::workflow::refusals;

impl Case {
    /// The case of an incident under its category. Seasons are for the caller to add.
    ///
    /// # Errors
    /// [`ViewError`] when a known field has another type.
    pub fn of(record: &Record, category: &Category) -> Result<Self, ViewError> {
        let incident = Incident::from_body(&record.body)?;
        let fact = |name: &str| record.body.get(name);
        let people = fact("involved_count").and_then(Value::as_u64);
        let text = |name: &str| fact(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            category: incident.category.clone().unwrap_or_else(|| category.code.clone()),
            grid: record.grid.clone(),
            grid_kind: text("grid_kind").unwrap_or_default(),
            place_kind: text("place_kind"),
            managed_estate: fact("managed_estate").and_then(Value::as_bool),
            at_home: fact("at_home").and_then(Value::as_bool),
            refusals: refusals(record),
            refused_by: refusers(&incident.history),
            severity: incident.severity,
            people: people.and_then(|count| u32::try_from(count).ok()),
            description: incident.description.unwrap_or_default(),
            reporter: incident.reporter,
            self_close: category.self_close,
            check_required: category.check_required,
            ..Self::default()
        })
    }
}

/// Organisations that sent it back (T18) after it was dispatched to them, since it was last taken up again (T31).
fn refusers(history: &[HistoryEntry]) -> BTreeSet<String> {
    let mut refusers = BTreeSet::new();
    let mut main = None;
    for line in history {
        match line.event.get(..3) {
            Some("T13" | "T14") => main = line.args.get("main").and_then(Value::as_str),
            Some("T31") => refusers.clear(),
            Some("T18") => refusers.extend(main.take().map(str::to_owned)),
            _ => {}
        }
    }
    refusers
}
