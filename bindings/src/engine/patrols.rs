//! Patrols.

use fushan_grid_core::model::ids::RecordId;

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{Fix, PatrolCheckIn, PatrolSummary, PatrolWalked, record_id};

#[uniffi::export]
impl Engine {
    /// Begins a walk along a route, given as a JSON document. Gives its id.
    pub fn patrol_start(&self, route: String) -> Result<String, GridError> {
        Ok(self.core()?.patrol_start(&route)?.to_string())
    }

    /// Adds readings in the order they were made; on return they are on the disk.
    pub fn patrol_track(&self, patrol: String, fixes: Vec<Fix>) -> Result<(), GridError> {
        let id: RecordId = record_id(&patrol)?;
        let (mono, wall) = (self.env.clock.monotonic_ms(), self.env.clock.wall().0);
        let readings = fixes
            .iter()
            .map(|fix| fix.reading(mono, wall))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.core()?.patrol_track(id, &readings)?)
    }

    /// Checks in at a planned point: near enough and long enough, by the code on its plate, or with a reason.
    #[uniffi::method(default(code = None, reason = None))]
    pub fn patrol_check_in(
        &self,
        patrol: String,
        point: String,
        code: Option<String>,
        reason: Option<String>,
    ) -> Result<PatrolCheckIn, GridError> {
        let id = record_id(&patrol)?;
        let come = self
            .core()?
            .patrol_check_in(id, &point, code.as_deref(), reason.as_deref())?;
        Ok(come.into())
    }

    /// A walk summed up as it is now.
    pub fn patrol(&self, patrol: String) -> Result<PatrolWalked, GridError> {
        Ok(self.core()?.patrol_show(record_id(&patrol)?)?.into())
    }

    /// Walks of this phone, the newest first.
    pub fn patrols(&self) -> Result<Vec<PatrolSummary>, GridError> {
        Ok(self.core()?.patrols()?.into_iter().map(PatrolSummary::from).collect())
    }

    /// Ends a walk: it travels to the platform with its cleaned track. The raw readings stay on the phone.
    pub fn patrol_finish(&self, patrol: String) -> Result<PatrolWalked, GridError> {
        Ok(self.core()?.patrol_finish(record_id(&patrol)?)?.into())
    }
}
