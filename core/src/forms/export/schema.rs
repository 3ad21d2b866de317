//! JSON Schema of the answers, for those who take them in.

use serde_json::{Map, Value, json};

use super::layout::{Field, Level, Part, layout};
use crate::forms::definition::Definition;
use crate::forms::value::DataType;

/// The schema (draft 2020-12) that [`super::answers`] of this form fulfil. Nothing is required: what a rule hides is not
/// sent.
#[must_use]
pub fn json_schema(definition: &Definition) -> Value {
    let mut schema = object(&layout(definition));
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".into(), definition.title.as_str().into());
        if let Ok(digest) = definition.digest() {
            schema.insert("$comment".into(), format!("{} {digest}", definition.id).into());
        }
    }
    schema
}

fn object(level: &Level) -> Value {
    let mut properties = Map::new();
    for part in &level.parts {
        let (name, schema) = match part {
            Part::Field(field) => (&field.name, of_field(field)),
            Part::Group(group) => (&group.name, object(group)),
            Part::Repeat(repeat) => (&repeat.name, json!({"type": "array", "items": object(repeat)})),
        };
        properties.insert(name.clone(), schema);
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn of_field(field: &Field) -> Value {
    let one = match (&field.values, field.data_type) {
        (Some(values), _) => json!({"enum": values}),
        (None, DataType::Integer | DataType::Long) => json!({"type": "integer"}),
        (None, DataType::Decimal) => json!({"type": "number"}),
        (None, DataType::Boolean) => json!({"type": "boolean"}),
        (None, DataType::Date) => json!({"type": "string", "format": "date"}),
        (None, DataType::DateTime) => json!({"type": "string", "format": "date-time"}),
        (None, DataType::GeoPoint) => json!({"type": "string", "pattern": POINT}),
        _ => json!({"type": "string"}),
    };
    if field.many {
        json!({"type": "array", "items": one})
    } else {
        one
    }
}

/// `latitude longitude altitude accuracy`, the last two when known.
const POINT: &str = r"^-?[0-9.]+ -?[0-9.]+( -?[0-9.]+){0,2}$";
