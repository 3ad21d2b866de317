//! Conflicts and refused operations: what waits for a person.

use fushan_grid_core::model::ids::OpId;

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{Conflict, LikelyConflict, RefusedOperation, Resolution, body, id, maybe_id, record_id};

#[uniffi::export]
impl Engine {
    /// Open conflicts of this phone's grids, at most 200.
    pub fn conflicts(&self) -> Result<Vec<Conflict>, GridError> {
        let core = self.core()?;
        let dictionaries = core.dictionaries();
        let open = core.conflicts_open()?;
        Ok(open
            .into_iter()
            .map(|one| Conflict::of(one, &dictionaries.schema))
            .collect())
    }

    /// One conflict.
    pub fn conflict(&self, id: String) -> Result<Conflict, GridError> {
        let core = self.core()?;
        let dictionaries = core.dictionaries();
        Ok(Conflict::of(core.conflict(record_id(&id)?)?, &dictionaries.schema))
    }

    /// Says what shall hold. The platform judges it like any operation: somebody else may have been first.
    pub fn conflict_resolve(&self, id: String, resolution: Resolution) -> Result<(), GridError> {
        Ok(self.core()?.conflict_resolve(record_id(&id)?, resolution.read()?)?)
    }

    /// Operations that the platform refused, at most 200. Nothing is dropped unless the worker says so.
    pub fn refused(&self) -> Result<Vec<RefusedOperation>, GridError> {
        let letters = self.core()?.sync_status()?.dead_letters;
        Ok(letters.into_iter().map(RefusedOperation::from).collect())
    }

    /// Queues a refused operation again, with fields edited: a JSON object of the edited ones. Tells how many operations are
    /// queued again.
    pub fn refused_requeue(&self, op: String, edited_json: String) -> Result<u32, GridError> {
        Ok(self.core()?.requeue(id::<OpId>(&op)?, body(&edited_json)?)?)
    }

    /// Drops a refused operation, because the worker said so. Tells how many operations went with it.
    pub fn refused_drop(&self, op: String) -> Result<u32, GridError> {
        Ok(self.core()?.drop_refused(id::<OpId>(&op)?)?)
    }

    /// Operations that the platform will most likely not take as they are, of all records or of one.
    #[uniffi::method(default(record = None))]
    pub fn likely_conflicts(&self, record: Option<String>) -> Result<Vec<LikelyConflict>, GridError> {
        let warnings = self.core()?.warnings(maybe_id(record)?)?;
        Ok(warnings.into_iter().map(LikelyConflict::of).collect())
    }
}
