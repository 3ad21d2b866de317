//! What an accepted action does to a record; the one place for it, used by the platform's merge and the phone's overlay.

use serde_json::{Value, json};

use crate::model::record::{Body, Record};
use crate::model::time::UtcMillis;

/// Sets fields; `null` clears one.
pub(super) fn set_fields(body: &mut Body, set: &Body) {
    for (name, value) in set {
        if value.is_null() {
            body.remove(name);
        } else {
            body.insert(name.clone(), value.clone());
        }
    }
}

/// Adds an item at the end of a list unless one with its id is there. Tells whether it was added.
pub(super) fn append(body: &mut Body, list: &str, item: &Value) -> bool {
    let entry = body.entry(list.to_owned()).or_insert_with(|| json!([]));
    if !entry.is_array() {
        let old = std::mem::replace(entry, json!([]));
        if let (Some(items), false) = (entry.as_array_mut(), old.is_null()) {
            items.push(old);
        }
    }
    let Some(items) = entry.as_array_mut() else {
        return false;
    };
    let id = item.get("id");
    let there = items
        .iter()
        .any(|known| known == item || (id.is_some() && known.get("id") == id));
    if !there {
        items.push(item.clone());
    }
    !there
}

/// One line of an incident's history.
pub(super) struct Step<'a> {
    pub(super) event: &'a str,
    pub(super) to: &'a str,
    pub(super) role: &'a str,
    pub(super) args: &'a Body,
    pub(super) at: UtcMillis,
    /// Step and state the phone had claimed, when the record had moved on meanwhile.
    pub(super) claimed: Option<(&'a str, &'a str)>,
}

/// Takes a step: the new state, and a line of history that says from where.
pub(super) fn step(record: &mut Record, step: &Step<'_>) {
    let from = if record.state.is_empty() {
        "NONE".to_owned()
    } else {
        record.state.clone()
    };
    let history = record.body.entry("history".to_owned()).or_insert_with(|| json!([]));
    let seq = history.as_array().map_or(0, Vec::len) + 1;
    let mut line = json!({
        "seq": seq, "event": step.event, "from": from, "to": step.to, "role": step.role, "at": step.at
    });
    if let (Some(line), false) = (line.as_object_mut(), step.args.is_empty()) {
        line.insert("args".to_owned(), Value::Object(step.args.clone()));
    }
    if let (Some(line), Some((event, from))) = (line.as_object_mut(), step.claimed) {
        line.insert("claimed".to_owned(), json!({"event": event, "from": from}));
    }
    if let Some(history) = history.as_array_mut() {
        history.push(line);
    }
    record.state = step.to.to_owned();
}
