//! What the platform will most likely say to operations that are still on the phone: the same decision, made when a pull brings
//! the record, so that the worker learns "closed meanwhile" before anything is uploaded.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Context, Versioned, decide};
use crate::model::ids::OpId;
use crate::model::op::{Action, Operation};
use crate::model::record::Record;
use crate::model::time::UtcMillis;
use crate::wire::push::OpStatus;

/// An operation that will not go through as it is, or only as a note. It is sent all the same: the platform decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The operation.
    pub op: OpId,
    /// The kind of conflict it will raise, or the code it will be refused with.
    pub what: String,
    /// Fields it is about.
    pub fields: Vec<String>,
    /// State of the record on the platform.
    pub state: String,
    /// When the record came into that state, by the platform's clock.
    pub since: Option<UtcMillis>,
}

/// Decides on the unanswered operations of one record, in their order, as the platform would. The phone does not know the
/// revisions of single fields: a field counts as moved when it does not hold what the operation was based on.
#[must_use]
pub fn forecast(mirror: &Record, pending: &[Operation], ctx: &Context<'_>) -> Vec<Warning> {
    let mut current = Versioned {
        record: mirror.clone(),
        field_rev: std::collections::BTreeMap::new(),
    };
    let mut warnings = Vec::new();
    for op in pending {
        // only the end of a record is judged by the record's revision
        let ends = matches!(op.action, Action::Withdraw { .. });
        let base_rev = ends.then(|| op.base_rev.unwrap_or(current.record.rev));
        let outcome = decide(Some(&current), op, base_rev, ctx);
        let noted = outcome.code.as_deref().is_some_and(|code| code.starts_with("noted_"));
        if noted || matches!(outcome.status, OpStatus::Conflict | OpStatus::Rejected) {
            warnings.push(Warning {
                op: op.op,
                what: outcome.code.unwrap_or_else(|| "field".to_owned()),
                fields: outcome.fields,
                state: mirror.state.clone(),
                since: last_step(mirror),
            });
        }
        if let Some(after) = outcome.after {
            current = after;
        }
    }
    warnings
}

fn last_step(record: &Record) -> Option<UtcMillis> {
    let last = record.body.get("history").and_then(Value::as_array)?.last()?;
    last.get("at").and_then(Value::as_i64).map(UtcMillis)
}
