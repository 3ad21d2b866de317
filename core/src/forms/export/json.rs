//! Answers as a JSON document of the shape of the form.

use serde_json::{Map, Value, json};

use super::layout::{Field, Level, Part, layout};
use super::record::{Filled, Record};
use crate::forms::definition::Definition;
use crate::forms::value::DataType;

/// A filled-in form: groups are objects, repeats lists, unanswered fields left out.
#[must_use]
pub fn answers(definition: &Definition, record: &Record) -> Value {
    object(&layout(definition), &record.root)
}

fn object(level: &Level, node: &Filled) -> Value {
    let mut object = Map::new();
    for part in &level.parts {
        match part {
            Part::Field(field) => {
                let answer = node
                    .children(&field.name)
                    .next()
                    .filter(|child| !child.value.is_empty());
                if let Some(answer) = answer {
                    object.insert(field.name.clone(), field_value(field, &answer.value));
                }
            }
            Part::Group(group) => {
                if let Some(child) = node.children(&group.name).next() {
                    object.insert(group.name.clone(), self::object(group, child));
                }
            }
            Part::Repeat(repeat) => {
                let list: Vec<Value> = node
                    .children(&repeat.name)
                    .map(|child| self::object(repeat, child))
                    .collect();
                object.insert(repeat.name.clone(), list.into());
            }
        }
    }
    object.into()
}

/// An answer by its type; as text when it is not of its type.
pub(super) fn field_value(field: &Field, answer: &str) -> Value {
    let as_text = || Value::from(answer);
    if field.many {
        return answer.split_whitespace().collect::<Vec<_>>().into();
    }
    match field.data_type {
        DataType::Integer | DataType::Long => answer.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        DataType::Decimal => answer.parse::<f64>().map_or_else(|_| as_text(), |number| json!(number)),
        DataType::Boolean => answer.parse::<bool>().map_or_else(|_| as_text(), Value::from),
        _ => as_text(),
    }
}
