//! Field by field: the platform's value, the phone's, and what both started from.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::record::Body;
use crate::model::schema::MergePolicy;

/// What the fields of one operation came to.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Values to set; `null` clears.
    pub(super) set: Body,
    /// Fields that two sides changed, with all three values.
    pub(super) conflicts: BTreeMap<String, Value>,
    /// Fields in which the platform had moved on and a policy joined both.
    pub(super) joined: bool,
}

/// Merges the fields of one operation into the platform's body.
pub(super) fn merge(
    platform: &Body,
    changed_since_base: &dyn Fn(&str) -> bool,
    base: &Body,
    set: &Body,
    policy: &dyn Fn(&str) -> MergePolicy,
) -> Merged {
    let mut merged = Merged::default();
    for (name, new) in set {
        let held = platform.get(name).unwrap_or(&Value::Null);
        let before = base.get(name).unwrap_or(&Value::Null);
        if held == new {
            continue;
        }
        if !changed_since_base(name) || held == before {
            merged.set.insert(name.clone(), new.clone());
            continue;
        }
        merged.joined = true;
        match by_policy(policy(name), held, before, new) {
            Some(value) => {
                if value != *held {
                    merged.set.insert(name.clone(), value);
                }
            }
            None => {
                merged
                    .conflicts
                    .insert(name.clone(), json!({"base": before, "platform": held, "phone": new}));
            }
        }
    }
    merged
}

/// The value both sides' changes come to, or `None` when a person must decide.
fn by_policy(policy: MergePolicy, held: &Value, before: &Value, new: &Value) -> Option<Value> {
    match policy {
        MergePolicy::Conflict => None,
        // operations arrive one after the other: the later arrival is the later write
        MergePolicy::Lww => Some(new.clone()),
        MergePolicy::Platform => Some(held.clone()),
        MergePolicy::Max => pick(held, new, |held, new| new > held),
        MergePolicy::Min => pick(held, new, |held, new| new < held),
        MergePolicy::Counter => {
            let (held, new) = (held.as_i64()?, new.as_i64()?);
            Some(Value::from(
                held.saturating_add(new.saturating_sub(before.as_i64().unwrap_or(0))),
            ))
        }
        MergePolicy::Union | MergePolicy::Append => {
            let mut joined = held.as_array()?.clone();
            for item in new.as_array()? {
                if !joined.contains(item) {
                    joined.push(item.clone());
                }
            }
            Some(Value::Array(joined))
        }
    }
}

fn pick(held: &Value, new: &Value, newer: impl Fn(f64, f64) -> bool) -> Option<Value> {
    let (a, b) = (held.as_f64()?, new.as_f64()?);
    Some(if newer(a, b) { new.clone() } else { held.clone() })
}
