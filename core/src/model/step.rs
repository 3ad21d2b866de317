//! A step of an automaton as it is taken: what its effects are told, and the line it leaves in the record's history. The one
//! place for it, used by the platform's merge, by the phone's overlay and by the rules themselves.

use serde_json::{Value, json};

use super::ids::StaffId;
use super::record::{Body, Record};
use super::time::UtcMillis;

/// A step that the automaton has allowed.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// Id of the transition.
    pub event: &'a str,
    /// State afterwards.
    pub to: &'a str,
    /// Role in which it is taken.
    pub role: &'a str,
    /// Who takes it; empty when that is not known.
    pub actor: &'a StaffId,
    /// Reason, result and other arguments.
    pub args: &'a Body,
    /// When: by the platform's clock on the platform, by the phone's on a phone.
    pub at: UtcMillis,
}

/// Fields that a step sets besides the state; `null` clears one.
pub type Effects<'a> = dyn Fn(&Record, &Taken<'_>) -> Body + 'a;

/// Of a record whose automaton has no effects on fields.
#[must_use]
pub fn no_effects(_: &Record, _: &Taken<'_>) -> Body {
    Body::new()
}

/// Sets fields; `null` clears one.
pub fn set_fields(body: &mut Body, set: &Body) {
    for (name, value) in set {
        if value.is_null() {
            body.remove(name);
        } else {
            body.insert(name.clone(), value.clone());
        }
    }
}

/// Takes a step: its effects, a line of history, the new state. `claimed` is the step and state that a phone had claimed when the
/// record had moved on meanwhile. Gives the names of the fields that the effects have set.
pub fn take(
    record: &mut Record,
    step: &Taken<'_>,
    claimed: Option<(&str, &str)>,
    effects: &Effects<'_>,
) -> Vec<String> {
    let effects = effects(record, step);
    set_fields(&mut record.body, &effects);
    let line = line(record, step, claimed);
    let history = record.body.entry("history".to_owned()).or_insert_with(|| json!([]));
    if let Some(history) = history.as_array_mut() {
        history.push(line);
    }
    step.to.clone_into(&mut record.state);
    effects.into_iter().map(|(name, _)| name).collect()
}

fn line(record: &Record, step: &Taken<'_>, claimed: Option<(&str, &str)>) -> Value {
    let from = match record.state.as_str() {
        "" => "NONE",
        state => state,
    };
    let history = record.body.get("history").and_then(Value::as_array);
    let seq = history.map_or(0, Vec::len) + 1;
    let mut line = Body::new();
    let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
    put("seq", json!(seq));
    put("event", json!(step.event));
    put("from", json!(from));
    put("to", json!(step.to));
    put("role", json!(step.role));
    put("at", json!(step.at));
    if !step.actor.0.is_empty() {
        put("actor", json!(step.actor));
    }
    if let Some(level) = record.body.get("level") {
        put("level", level.clone());
    }
    if !step.args.is_empty() {
        put("args", Value::Object(step.args.clone()));
    }
    if let Some((event, from)) = claimed {
        put("claimed", json!({"event": event, "from": from}));
    }
    Value::Object(line)
}
