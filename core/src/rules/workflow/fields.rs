//! Fields of an incident that only steps change, and readers of loose values.

use serde_json::Value;

use crate::model::record::{Body, Record};

/// Fields that belong to the workflow: no edit, no list item and no step's own fields may touch them.
const OWNED: [&str; 31] = [
    "level",
    "owner_org",
    "handler_org",
    "handler_user",
    "co_handlers",
    "checker_user",
    "verifier_user",
    "verify_result",
    "check_result",
    "feedback_result",
    "missing",
    "suspended_until",
    "extension_pending",
    "extensions",
    "extension_count",
    "forced",
    "refused_by",
    "return_count",
    "refuse_count",
    "rework_count",
    "redo_count",
    "urge_count",
    "supervise_level",
    "merged_into",
    "duplicates",
    "duplicate_count",
    "satisfaction",
    "contacted",
    "solved",
    "first_urgency",
    "history",
];

/// Whether only steps change a field of an incident.
#[must_use]
pub fn is_owned(field: &str) -> bool {
    OWNED.contains(&field)
}

pub(super) fn text<'a>(body: &'a Body, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a text says something.
pub(super) fn says(body: &Body, name: &str) -> bool {
    !text(body, name).trim().is_empty()
}

pub(super) fn whole(body: &Body, name: &str) -> Option<u64> {
    body.get(name).and_then(Value::as_u64)
}

pub(super) fn yes(body: &Body, name: &str) -> bool {
    body.get(name).and_then(Value::as_bool).unwrap_or(false)
}

pub(super) fn texts<'a>(body: &'a Body, name: &str) -> Vec<&'a str> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

pub(super) fn has_photo(body: &Body, role: &str) -> bool {
    let photos = body.get("attachments").and_then(Value::as_array);
    photos.is_some_and(|photos| {
        photos
            .iter()
            .any(|p| p.get("role").and_then(Value::as_str) == Some(role))
    })
}

/// The level of circulation; a record from before levels were kept is at the first.
pub(super) fn level(record: &Record) -> u64 {
    whole(&record.body, "level").unwrap_or(1)
}
