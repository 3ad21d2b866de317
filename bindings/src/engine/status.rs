//! What waits, what is stuck, when the last run was.

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{Conditions, SyncStatus, json};

#[uniffi::export]
impl Engine {
    /// The sync screen as data, under given conditions or those the host's source tells.
    #[uniffi::method(default(conditions = None))]
    pub fn sync_status(&self, conditions: Option<Conditions>) -> Result<SyncStatus, GridError> {
        let conditions = conditions.unwrap_or_else(|| self.senses.conditions());
        Ok(self.core()?.sync_status_under(conditions.into())?.into())
    }

    /// Milliseconds until the next attempt after a failed run; nothing when the app's own schedule will do.
    pub fn next_sync_ms(&self) -> Result<Option<u64>, GridError> {
        Ok(self.core()?.next_sync_ms()?)
    }

    /// What the district's support needs to see, as a JSON object: counts, codes, durations, versions. Nothing about residents.
    #[uniffi::method(default(conditions = None))]
    pub fn diagnostics_json(&self, conditions: Option<Conditions>) -> Result<String, GridError> {
        let conditions = conditions.unwrap_or_else(|| self.senses.conditions());
        Ok(json(&self.core()?.diagnostics(conditions.into())?))
    }
}
