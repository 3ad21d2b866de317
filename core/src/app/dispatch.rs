//! The likely handler of an incident, shown without signal. Only the platform commits a dispatch.

use serde_json::Value;

use super::{AppError, Engine};
use crate::model::ids::RecordId;
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
        let code = record.body.get("category").and_then(Value::as_str).unwrap_or_default();
        let dictionaries = self.dictionaries();
        let category = dictionaries.taxonomy.nearest(code).ok_or(AppError::UnknownCategory)?;
        let case = Case::of(&record, category)?;
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
