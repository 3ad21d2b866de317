//! What an accepted action does to a record; the one place for it, used by the platform's merge and the phone's overlay.

use serde_json::{Value, json};

use crate::model::record::Body;

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
