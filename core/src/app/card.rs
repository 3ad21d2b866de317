//! A registry record as a card: its fields in the order of the form, with their names and readable values.

use serde_json::Value;

use super::Engine;
use super::error::AppError;
use crate::model::ids::RecordId;
use crate::model::schema::{FieldSpec, FieldType, RegistrySchema};
use crate::store::records::{ListQuery, Page, View};

/// A card.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// The record, masked where its lines are.
    pub view: View,
    /// Chinese name of its kind.
    pub kind_zh: String,
    /// English name of its kind.
    pub kind_en: String,
    /// One line for each field of the schema that has a value.
    pub lines: Vec<Line>,
}

/// One field of a card.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Name of the field.
    pub name: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// The value as it stands in the body; JSON for what is neither text nor number.
    pub value: String,
    /// The value as Chinese readers read it: the name of a code.
    pub shown_zh: String,
    /// The same in English.
    pub shown_en: String,
    /// Whether it is personal.
    pub personal: bool,
}

impl Engine {
    /// A record as a card, masked as a screen shows it by default, or open for the worker who asked for it.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::UnknownKind`] for a kind without a form.
    pub fn registry_card(&self, id: RecordId, open: bool) -> Result<Card, AppError> {
        let view = if open {
            self.record(id)?
        } else {
            self.record_masked(id)?
        };
        let dictionaries = self.dictionaries();
        let schema = &dictionaries.schema;
        let kind = schema.kind(&view.record.kind.0).ok_or_else(|| AppError::UnknownKind {
            kind: view.record.kind.0.clone(),
        })?;
        let lines = kind.fields.iter().filter_map(|field| {
            let value = view.record.body.get(&field.name).filter(|value| !value.is_null())?;
            Some(line(schema, field, value))
        });
        Ok(Card {
            kind_zh: kind.zh.clone(),
            kind_en: kind.en.clone(),
            lines: lines.collect(),
            view,
        })
    }

    /// A page of records of a kind with personal data masked, in the order of their ids.
    ///
    /// # Errors
    /// Those of the store.
    pub fn list_masked(&self, query: &ListQuery) -> Result<Page<View>, AppError> {
        let mut page = self.list(query)?;
        for view in &mut page.items {
            view.record.body = self.masked(&view.record.kind, &view.record.body);
        }
        Ok(page)
    }
}

fn line(schema: &RegistrySchema, field: &FieldSpec, value: &Value) -> Line {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let code = match &field.ty {
        FieldType::Code { list } => schema
            .code_list(list)
            .and_then(|list| list.codes.iter().find(|code| code.code == text)),
        _ => None,
    };
    Line {
        name: field.name.clone(),
        zh: field.zh.clone(),
        en: field.en.clone(),
        shown_zh: code.map_or_else(|| text.clone(), |code| code.zh.clone()),
        shown_en: code.map_or_else(|| text.clone(), |code| code.en.clone()),
        value: text,
        personal: field.class.is_personal(),
    }
}
