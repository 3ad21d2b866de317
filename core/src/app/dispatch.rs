//! The likely handler of an incident, shown without signal. Only the platform commits a dispatch.

use serde_json::Value;

use super::{AppError, Engine};
use crate::model::ids::RecordId;
use crate::model::incident::{Category, Incident};
use crate::model::record::Record;
use crate::rules::dispatch::{Case, Decision, Roster};
use crate::store::records;

impl Engine {
    /// Where an incident would go by the rules this phone has, without a person: rosters stay on the platform.
    ///
    /// # Errors
    /// No such incident, or a category that the taxonomy does not have.
    pub fn likely_handler(&self, id: RecordId) -> Result<Decision, AppError> {
        let record = self
            .store
            .read(|r| records::view(r, id))?
            .ok_or(AppError::NotFound)?
            .record;
        let incident = Incident::from_body(&record.body)?;
        let code = incident.category.as_deref().unwrap_or_default();
        let dictionaries = self.dictionaries();
        let category = dictionaries.taxonomy.category(code).ok_or(AppError::UnknownCategory)?;
        let case = case_of(&record, incident, category);
        Ok(self.decide(Case {
            seasons: dictionaries.seasons.clone(),
            ..case
        }))
    }

    /// Where a case would go now by the rules in force.
    #[must_use]
    pub fn decide(&self, case: Case) -> Decision {
        self.dictionaries()
            .dispatch
            .decide(&case, &Roster::default(), self.env.clock.wall())
    }
}

fn case_of(record: &Record, incident: Incident, category: &Category) -> Case {
    let fact = |name: &str| record.body.get(name);
    let people = fact("involved_count").and_then(Value::as_u64);
    let text = |name: &str| fact(name).and_then(Value::as_str).map(str::to_owned);
    Case {
        category: category.code.clone(),
        grid: record.grid.clone(),
        grid_kind: text("grid_kind").unwrap_or_default(),
        place_kind: text("place_kind"),
        managed_estate: fact("managed_estate").and_then(Value::as_bool),
        at_home: fact("at_home").and_then(Value::as_bool),
        severity: incident.severity,
        people: people.and_then(|count| u32::try_from(count).ok()),
        description: incident.description.unwrap_or_default(),
        reporter: incident.reporter,
        self_close: category.self_close,
        check_required: category.check_required,
        ..Case::default()
    }
}
