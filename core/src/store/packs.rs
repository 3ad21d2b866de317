//! Data packs in force: those the platform has sent, else those that ship with the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::{identity, search};
use crate::model::record::{Kind, Record};
use crate::model::schema::{RegistrySchema, SearchRole};
use crate::rules::packs as shipped;

/// Counts the changes of packs, so that what was read from them is known to be stale.
const CHANGES: &str = "pack_changes";
const FORMS: &str = "forms_taken";

/// A pack that the platform has sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// Name, such as `registry`.
    pub name: String,
    /// Version.
    pub version: String,
    /// Content.
    pub content: Value,
}

/// The pack of that name as the platform has sent it; `None` when it has not.
///
/// # Errors
/// Those of the store.
pub fn active(r: &Reader<'_>, name: &str) -> Result<Option<Pack>, StoreError> {
    let text: Option<String> =
        r.0.prepare_cached(
            "SELECT body FROM record WHERE kind = ?1 AND deleted = 0 AND json_extract(body, '$.name') = ?2
             ORDER BY rev DESC, id DESC LIMIT 1",
        )?
        .query_row([Kind::PACK, name], |row| row.get(0))
        .optional()?;
    let Some(mut body) = text.map(|t| serde_json::from_str::<Value>(&t)).transpose()? else {
        return Ok(None);
    };
    let version = body
        .get("version")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let content = body.get_mut("content").map(Value::take).unwrap_or_default();
    Ok(Some(Pack {
        name: name.to_owned(),
        version,
        content,
    }))
}

/// Names of the packs in force that begin so.
///
/// # Errors
/// Those of the store.
pub fn names(r: &Reader<'_>, prefix: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT DISTINCT json_extract(body, '$.name') FROM record WHERE kind = ?1 AND deleted = 0
               AND substr(json_extract(body, '$.name'), 1, length(?2)) = ?2 ORDER BY 1";
    let mut statement = r.0.prepare_cached(sql)?;
    let names = statement.query_map([Kind::PACK, prefix], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Which checklists were taken out of packs, and how far packs had come then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FormsTaken {
    /// Count of pack changes that were looked at.
    pub changes: i64,
    /// The program that looked.
    pub app: String,
    /// Digest taken, by pack.
    pub taken: BTreeMap<String, String>,
}

/// What was taken, and how far packs have come now.
///
/// # Errors
/// Those of the store.
pub fn forms_taken(r: &Reader<'_>) -> Result<(FormsTaken, i64), StoreError> {
    let taken = identity::value(r, FORMS)?.unwrap_or_default();
    Ok((taken, identity::value(r, CHANGES)?.unwrap_or(0)))
}

/// Notes what was taken.
///
/// # Errors
/// Those of the store.
pub fn set_forms_taken(w: &Writer<'_>, taken: &FormsTaken) -> Result<(), StoreError> {
    identity::set_value(w, FORMS, taken)
}

/// The registry schema last read, with the count of pack changes it was read at.
#[derive(Debug, Default)]
pub(super) struct SchemaCache(Mutex<Option<(i64, Arc<RegistrySchema>)>>);

/// The registry schema in force. A pack that does not read, or that holds what a phone may not, is passed over.
///
/// # Errors
/// Those of the store.
pub fn registry_schema(r: &Reader<'_>) -> Result<Arc<RegistrySchema>, StoreError> {
    let changes: i64 = identity::value(r, CHANGES)?.unwrap_or(0);
    let mut cached = r.1.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, schema)) = cached.as_ref().filter(|(at, _)| *at == changes) {
        return Ok(Arc::clone(schema));
    }
    let sent = active(r, "registry")?.and_then(|pack| shipped::read_registry(&pack.content.to_string()).ok());
    let schema = match sent {
        Some(schema) => schema,
        None => shipped::registry().map_err(|_| StoreError::WrongState)?,
    };
    let schema = Arc::new(schema);
    *cached = Some((changes, Arc::clone(&schema)));
    Ok(schema)
}

/// Notes that a pack has changed; another registry schema may search other fields, so the index is made again.
pub(super) fn changed(w: &Writer<'_>, pack: &Record) -> Result<(), StoreError> {
    let before = registry_schema(w)?;
    let changes: i64 = identity::value(w, CHANGES)?.unwrap_or(0);
    identity::set_value(w, CHANGES, &(changes + 1))?;
    if pack.body.get("name").and_then(Value::as_str) == Some("registry")
        && roles(&before) != roles(&*registry_schema(w)?)
    {
        search::rebuild(w)?;
    }
    Ok(())
}

fn roles(schema: &RegistrySchema) -> Vec<(&str, &str, SearchRole)> {
    let fields = schema
        .kinds
        .iter()
        .flat_map(|kind| kind.fields.iter().map(move |field| (kind, field)));
    fields
        .filter_map(|(kind, field)| Some((kind.kind.as_str(), field.name.as_str(), field.search?)))
        .collect()
}
