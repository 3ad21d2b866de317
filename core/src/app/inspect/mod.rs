//! Inspections: a checklist is filled in at a place, scored, and finished into records that travel to the platform.
//!
//! Every verb that changes a sheet is one committed transaction; there is no button to save. Sessions that are being
//! filled in are kept in memory beside it, so that an answer does not have to read the sheet again; what is in memory is
//! dropped whenever its transaction fails, so that it never says more than the store.

mod answer;
mod bundle;
mod correct;
pub mod error;
mod finish;
mod forms;
mod hazards;
mod last;
mod live;
mod look;
mod migrate;
mod outcome;
mod photos;
mod print;
mod ready;
mod registry;
mod report;
mod rows;
mod seal;
mod sent;
mod start;

use serde::{Deserialize, Serialize};

pub use answer::{Answered, Stamp};
pub use error::{InspectError, Missing};
pub use finish::{Finished, NoAnswer};
pub use forms::InstalledForm;
pub use last::LastVisit;
pub(super) use live::Filling;
pub use look::{Line, SheetView};
pub use migrate::{Lost, Moved};
pub(super) use registry::plain_fields;
pub use report::{Answer, InspectionReport};
pub use seal::Sealed;
pub use sent::FormsSent;
pub(super) use start::point_of;
pub use start::{Arrival, NewSheet};

use crate::model::ids::RecordId;

/// What a sheet is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// A visit, planned or not.
    Visit,
    /// A second look at the hazards of an earlier inspection.
    Recheck {
        /// That inspection.
        of: RecordId,
    },
    /// A new version of an inspection that was finished.
    Correction {
        /// The version that is corrected.
        of: RecordId,
        /// Number of the new version.
        version: u32,
        /// Why.
        reason: String,
    },
}

impl Purpose {
    fn of(doc: &serde_json::Value) -> Self {
        serde_json::from_value(doc.clone()).unwrap_or(Self::Visit)
    }

    fn is_correction(&self) -> bool {
        matches!(self, Self::Correction { .. })
    }
}
