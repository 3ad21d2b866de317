//! How two changes of one record meet (protocol, section Merge). Pure; the platform decides with it, the phone shows with it.

mod apply;
mod conflict;
mod decide;
mod fields;
mod forecast;
mod overlay;
mod resolve;
mod settled;

#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod table_tests;

use std::collections::BTreeMap;

pub use decide::decide;
pub use forecast::{Warning, forecast};
pub use overlay::{Hand, overlay};
pub use resolve::{Resolution, resolve};
pub use settled::redirect_of;

use crate::model::automaton::StepVerdict;
use crate::model::ids::{RecordId, StaffId};
use crate::model::op::Action;
use crate::model::record::Record;
use crate::model::schema::MergePolicy;
use crate::model::step::Effects;
use crate::model::time::UtcMillis;
use crate::wire::push::OpStatus;

/// A record with the revision of each field's last change, as the platform keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned {
    /// The record.
    pub record: Record,
    /// Revision at which a field last changed; a field not named has not changed since the record was made.
    pub field_rev: BTreeMap<String, i64>,
}

/// What the merge asks its surroundings.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The platform's clock.
    pub now: UtcMillis,
    /// Who the operation comes from.
    pub actor: &'a StaffId,
    /// Id for a conflict record, should one be raised.
    pub conflict_id: RecordId,
    /// What the automaton says to a step.
    pub judge: &'a dyn Fn(&Record, &Action) -> StepVerdict,
    /// What a step that was allowed sets besides the state.
    pub effects: &'a Effects<'a>,
    /// How changes of a field of a kind meet.
    pub policy: &'a dyn Fn(&str, &str) -> MergePolicy,
    /// Whether the actor may correct what is settled, such as a closed incident.
    pub may_correct: bool,
    /// The incident that the current one was merged into ([`redirect_of`]), when the caller has it.
    pub merged_into: Option<&'a Versioned>,
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Status to answer.
    pub status: OpStatus,
    /// The record afterwards, when it has changed.
    pub after: Option<Versioned>,
    /// The conflict record to add.
    pub conflict: Option<Record>,
    /// Why it was refused, or a note on how it was taken.
    pub code: Option<String>,
    /// Fields the code is about.
    pub fields: Vec<String>,
    /// The record that was touched in the place of the operation's own, which had been merged into it.
    pub redirected: Option<RecordId>,
}

impl Outcome {
    fn rejected(code: &str) -> Self {
        Self {
            status: OpStatus::Rejected,
            code: Some(code.to_owned()),
            ..Self::same()
        }
    }

    fn same() -> Self {
        Self {
            status: OpStatus::Same,
            after: None,
            conflict: None,
            code: None,
            fields: Vec::new(),
            redirected: None,
        }
    }
}
