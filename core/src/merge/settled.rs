//! Incidents whose content is settled, and where one lives on that was merged into another.

use serde_json::Value;

use crate::model::ids::RecordId;
use crate::model::record::{Kind, Record};

/// States in which an incident has ended without having been dealt with, or lives on in another one (domain dictionary 4.4).
const VOIDED: &str = "VOIDED";
const MERGED: &str = "MERGED";
/// States in which the content of an incident is settled.
const SETTLED: [&str; 3] = ["CLOSED", "EVALUATED", "REJECTED"];

/// Why an incident's fields may not be edited any more.
pub(super) fn settled(record: &Record) -> Option<&'static str> {
    match record.state.as_str() {
        _ if !record.kind.is(Kind::INCIDENT) => None,
        VOIDED | MERGED => Some("withdrawn"),
        state if SETTLED.contains(&state) => Some("closed_while_editing"),
        _ => None,
    }
}

/// Whether an incident was withdrawn or merged into another one.
pub(super) fn withdrawn(record: &Record) -> bool {
    settled(record) == Some("withdrawn")
}

/// The incident that a merged one lives on in. Merged incidents form stars, so that one hop is enough.
#[must_use]
pub fn redirect_of(record: &Record) -> Option<RecordId> {
    if record.deleted || !record.kind.is(Kind::INCIDENT) || record.state != MERGED {
        return None;
    }
    let last_step = || {
        record
            .body
            .get("history")?
            .as_array()?
            .last()?
            .get("args")?
            .get("merged_into")
    };
    let named = record.body.get("merged_into").or_else(last_step);
    named.and_then(Value::as_str)?.parse().ok()
}
