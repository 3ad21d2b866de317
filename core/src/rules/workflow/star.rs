//! Merging as a star: what the incident that lives on takes over from the one merged into it.

use serde_json::{Value, json};

use super::fields::{text, whole};
use crate::model::record::{Body, Record};

/// Urgencies, the mildest first (domain dictionary 4.2).
const URGENCIES: [&str; 4] = ["NORMAL", "PROMPT", "URGENT", "CRITICAL"];

/// Fields of the master after it has taken another incident in: one duplicate more, the higher urgency, and the other's id, so that
/// its reporter is answered too.
#[must_use]
pub fn absorb(master: &Record, merged: &Record) -> Body {
    let mut taken_in = master
        .body
        .get("duplicates")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let id = json!(merged.id);
    if taken_in.contains(&id) {
        return Body::new();
    }
    taken_in.push(id);
    let count = whole(&master.body, "duplicate_count").unwrap_or(0) + 1;
    let urgency = [master, merged].map(|record| rank(text(&record.body, "urgency")));
    let urgency = urgency.into_iter().max().and_then(|rank| URGENCIES.get(rank));
    let mut set = Body::new();
    set.insert("duplicates".to_owned(), json!(taken_in));
    set.insert("duplicate_count".to_owned(), json!(count));
    set.extend(urgency.map(|urgency| ("urgency".to_owned(), json!(urgency))));
    set
}

fn rank(urgency: &str) -> usize {
    URGENCIES.iter().position(|known| *known == urgency).unwrap_or(0)
}
