//! Today's list.

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{GeoPoint, PlanSummary, PlannedVisit};

#[uniffi::export]
impl Engine {
    /// Today's visits, one a place, the most urgent and nearest first. Without a point the host's location source is asked.
    #[uniffi::method(default(here = None))]
    pub fn today(&self, here: Option<GeoPoint>) -> Result<Vec<PlannedVisit>, GridError> {
        let here = here.or_else(|| self.senses.fix().map(|fix| fix.point));
        let here = here.map(GeoPoint::read).transpose()?;
        let visits = self.core()?.plan_today(here)?;
        Ok(visits.into_iter().map(PlannedVisit::from).collect())
    }

    /// The day it is by the platform's clock, as far as this phone has heard it, `YYYY-MM-DD`.
    pub fn day(&self) -> Result<String, GridError> {
        Ok(self.core()?.day()?.to_string())
    }

    /// All plans: those of the platform and this phone's own.
    pub fn plans(&self) -> Result<Vec<PlanSummary>, GridError> {
        Ok(self.core()?.plans()?.into_iter().map(PlanSummary::from).collect())
    }

    /// Keeps a plan of this phone, given as a JSON document; one of the same id is replaced.
    pub fn plan_put(&self, document: String) -> Result<PlanSummary, GridError> {
        Ok(self.core()?.plan_put(&document)?.into())
    }

    /// Removes a plan of this phone.
    pub fn plan_remove(&self, id: String) -> Result<(), GridError> {
        Ok(self.core()?.plan_remove(&id)?)
    }
}
