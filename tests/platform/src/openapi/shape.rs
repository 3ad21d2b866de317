//! Shapes of replies that are told as plain JSON, in few words.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// Gives a shape.
pub(super) type Shape = fn(&mut SchemaGenerator) -> Value;

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn yes() -> Value {
    json!({"type": "boolean"})
}

/// A count.
pub(super) fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

/// A whole number of either sign; a moment in milliseconds since 1970.
pub(super) fn whole() -> Value {
    json!({"type": "integer"})
}

pub(super) fn uuid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

/// It, or null.
pub(super) fn maybe(shape: &Value) -> Value {
    json!({"anyOf": [shape, {"type": "null"}]})
}

pub(super) fn list(of: &Value) -> Value {
    json!({"type": "array", "items": of})
}

/// An object that has all of these and nothing else.
pub(super) fn object(fields: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, shape)| ((*name).to_owned(), shape.clone()))
        .collect();
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

/// An object whose fields another document tells.
pub(super) fn any_object() -> Value {
    json!({"type": "object"})
}

/// One page of a list.
pub(super) fn paged(name: &str, row: &Value) -> Value {
    object(&[(name, list(row)), ("next", maybe(&text()))])
}
