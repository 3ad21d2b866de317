//! Incidents: written down as a draft, submitted or closed on the spot, followed, withdrawn.

use fushan_grid_core::model::record::Kind;

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{
    Deadline, IncidentPage, IncidentReport, IncidentView, LikelyHandler, RecordQuery, body, record_id,
};

#[uniffi::export]
impl Engine {
    /// Writes an incident down as a draft of this phone, safe on the disk on return. Its grid is told by the point.
    pub fn incident_draft(&self, report: IncidentReport) -> Result<String, GridError> {
        let core = self.core()?;
        Ok(core.incident_draft(report.read(|| self.senses.fix())?)?.to_string())
    }

    /// Submits a draft. Fails with the error `Forbidden` and the rule, such as a missing photo.
    pub fn incident_submit(&self, id: String) -> Result<(), GridError> {
        Ok(self.core()?.incident_submit(record_id(&id)?)?)
    }

    /// Closes a draft on the spot: the category must allow it, with a near and an after photo, in the worker's own grid, within
    /// 24 hours of finding it.
    pub fn incident_self_close(&self, id: String, result: String) -> Result<(), GridError> {
        Ok(self.core()?.incident_self_close(record_id(&id)?, &result)?)
    }

    /// Withdraws an own report before it is accepted; a draft that was never submitted is dropped.
    pub fn incident_withdraw(&self, id: String, reason: String) -> Result<(), GridError> {
        Ok(self.core()?.incident_withdraw(record_id(&id)?, &reason)?)
    }

    /// Changes descriptive fields (`title`, `description`, `severity`, `address`, `involved_count`): a JSON object of the changed
    /// ones.
    pub fn incident_change(&self, id: String, set_json: String) -> Result<(), GridError> {
        Ok(self.core()?.incident_change(record_id(&id)?, body(&set_json)?)?)
    }

    /// Adds a note, also to a closed incident.
    pub fn incident_note(&self, id: String, text: String) -> Result<(), GridError> {
        Ok(self.core()?.incident_note(record_id(&id)?, &text)?)
    }

    /// One incident.
    pub fn incident(&self, id: String) -> Result<IncidentView, GridError> {
        let view = self.core()?.record(record_id(&id)?)?;
        if view.record.kind.is(Kind::INCIDENT) {
            Ok(view.into())
        } else {
            Err(GridError::of("not_found"))
        }
    }

    /// A page of incidents in the order of their making; `state` `DRAFT` for drafts.
    #[uniffi::method(default(state = None, grid = None, after = None, limit = 50))]
    pub fn incidents(
        &self,
        state: Option<String>,
        grid: Option<String>,
        after: Option<String>,
        limit: u32,
    ) -> Result<IncidentPage, GridError> {
        let kind = Kind::INCIDENT.to_owned();
        let query = RecordQuery {
            kind,
            grid,
            state,
            after,
            limit,
        };
        Ok(self.core()?.list(&query.read()?)?.into())
    }

    /// All limits of an incident in the order in which they began.
    pub fn incident_deadlines(&self, id: String) -> Result<Vec<Deadline>, GridError> {
        let timers = self.core()?.incident_deadlines(record_id(&id)?)?;
        Ok(timers.into_iter().map(Deadline::from).collect())
    }

    /// Where an incident would most likely go, told without signal. Only the platform dispatches.
    pub fn likely_handler(&self, id: String) -> Result<LikelyHandler, GridError> {
        Ok(self.core()?.likely_handler(record_id(&id)?)?.into())
    }
}
