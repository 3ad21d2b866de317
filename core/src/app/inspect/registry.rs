//! Between answers and the registry: fields that fill an item in, and answers that are saved to a field.

use serde_json::Value;

use super::start::accepted;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::Definition;
use crate::forms::Session;
use crate::model::ids::RecordId;
use crate::model::record::{Body, Record};
use crate::model::schema::{FieldType, RegistrySchema};
use crate::rules::similar::Same;

/// Fills in what the registry knows; gives path and value of what was taken. A value that the form does not accept is left
/// out: the worker answers as if the registry knew nothing.
pub(super) fn prefill(definition: &Definition, place: &Record, session: &mut Session) -> Vec<(String, String)> {
    let mut filled = Vec::new();
    for bind in &definition.binds {
        let Some(field) = bind
            .grid
            .as_ref()
            .and_then(|grid| field_of(grid.prefill.as_deref(), place))
        else {
            continue;
        };
        let Some(text) = place.body.get(field).and_then(as_text) else {
            continue;
        };
        if accepted(session.answer(&bind.nodeset, &text)) {
            filled.push((bind.nodeset.clone(), text));
        }
    }
    filled
}

/// The field of this record that a rule `kind.field` names.
fn field_of<'r>(rule: Option<&'r str>, record: &Record) -> Option<&'r str> {
    let (kind, field) = rule?.split_once('.')?;
    record.kind.is(kind).then_some(field)
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// What the answers want to change in the record: field, value, and the path of the answer. Answers that a field cannot hold
/// are returned with `None`.
pub(super) fn saved(
    schema: &RegistrySchema,
    definition: &Definition,
    record: &Record,
    session: &Session,
) -> Vec<(String, String, Option<Value>)> {
    let spec = schema.kind(&record.kind.0);
    let binds = definition.binds.iter().filter_map(|bind| {
        let field = field_of(bind.grid.as_ref()?.save_to.as_deref(), record)?;
        let text = session.value(&bind.nodeset).filter(|text| !text.is_empty())?;
        let ty = spec.and_then(|spec| spec.field(field)).map(|field| &field.ty);
        Some((
            bind.nodeset.clone(),
            field.to_owned(),
            ty.and_then(|ty| as_field(&text, ty)),
        ))
    });
    binds.collect()
}

fn as_field(text: &str, ty: &FieldType) -> Option<Value> {
    match ty {
        FieldType::Integer { .. } => text.parse::<i64>().ok().map(Value::from),
        FieldType::Boolean => match text {
            "true" | "yes" | "1" | "是" => Some(Value::Bool(true)),
            "false" | "no" | "0" | "否" => Some(Value::Bool(false)),
            _ => None,
        },
        FieldType::Point | FieldType::List | FieldType::Timestamp => None,
        // decimals are texts in the registry, so that no digit is lost
        _ => Some(Value::from(text)),
    }
}

/// The values of a body's fields that a plan compares, as texts.
pub(in crate::app) fn plain_fields(body: &Body) -> std::collections::BTreeMap<String, String> {
    body.iter()
        .filter_map(|(name, value)| Some((name.clone(), as_text(value)?)))
        .collect()
}

impl Engine {
    /// Records that may be the same as the place of a draft, as its answers would leave it in the registry; asked again after
    /// each answer, so that a warning goes away when what caused it is corrected.
    ///
    /// # Errors
    /// [`super::InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_duplicates(&self, sheet: RecordId) -> Result<Vec<Same>, AppError> {
        let visit = self.sheet(sheet)?.visit;
        let Some(place) = self.store.read(|r| crate::store::sheets::visit(r, visit))?.place else {
            return Ok(Vec::new());
        };
        let place = self.record(place)?.record;
        let schema = std::sync::Arc::clone(&self.dictionaries().schema);
        let answers = self.with_live(sheet, |live| {
            Ok(saved(&schema, &live.known.definition, &place, &live.session))
        })?;
        let mut body = place.body.clone();
        body.extend(
            answers
                .into_iter()
                .filter_map(|(_, field, value)| Some((field, value?))),
        );
        self.registry_duplicates(&place.kind.0, &body, Some(place.id))
    }
}
