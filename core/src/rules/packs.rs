//! The data packs that ship with the engine. A pack of the same name published by the platform replaces one.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::deadline::{Calendar, CalendarError, LimitBook};
use super::dispatch::{Dispatch, RuleSetError};
use super::schema_check::{SchemaError, check_schema};
use crate::model::automaton::Automaton;
use crate::model::dispatch::Seasons;
use crate::model::fault::{Coded, Fault};
use crate::model::incident::Taxonomy;
use crate::model::org::RoleBook;
use crate::model::schema::RegistrySchema;

/// Name and text of every shipped pack.
pub const SHIPPED: [(&str, &str); 9] = [
    ("registry", include_str!("../../packs/registry.json")),
    (
        "automaton.incident",
        include_str!("../../packs/automaton.incident.json"),
    ),
    ("taxonomy", include_str!("../../packs/taxonomy.json")),
    ("checklists", include_str!("../../packs/checklists.json")),
    ("roles", include_str!("../../packs/roles.json")),
    ("calendar", include_str!("../../packs/calendar.json")),
    ("limits", include_str!("../../packs/limits.json")),
    ("dispatch", include_str!("../../packs/dispatch.json")),
    ("seasons", include_str!("../../packs/seasons.json")),
];

/// Why a pack is refused. The one in force stays in force.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// No pack of that name ships with the engine.
    #[error("no such pack")]
    Unknown,
    /// The text is not of the pack's form.
    #[error("the pack is malformed")]
    Malformed(#[source] serde_json::Error),
    /// The registry schema holds what it may not.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The working calendar contradicts itself.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The rules of dispatch contradict themselves.
    #[error(transparent)]
    Dispatch(#[from] RuleSetError),
}

impl Coded for PackError {
    fn fault(&self) -> Fault {
        match self {
            Self::Unknown => Fault::of("pack_unknown"),
            Self::Malformed(_) => Fault::of("pack_malformed"),
            Self::Schema(e) => e.fault(),
            Self::Calendar(e) => e.fault(),
            Self::Dispatch(e) => e.fault(),
        }
    }
}

/// The shipped text of a pack.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// Reads a registry schema and refuses one that holds what a phone may not.
///
/// # Errors
/// [`PackError::Malformed`] or [`PackError::Schema`].
pub fn read_registry(text: &str) -> Result<RegistrySchema, PackError> {
    let schema: RegistrySchema = read(text)?;
    check_schema(&schema)?;
    Ok(schema)
}

/// Reads a pack of any other form.
///
/// # Errors
/// [`PackError::Malformed`].
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, PackError> {
    serde_json::from_str(text).map_err(PackError::Malformed)
}

/// The shipped registry schema.
///
/// # Errors
/// See [`read_registry`].
pub fn registry() -> Result<RegistrySchema, PackError> {
    read_registry(shipped("registry").ok_or(PackError::Unknown)?)
}

/// The shipped automaton of incidents.
///
/// # Errors
/// See [`read`].
pub fn incident_automaton() -> Result<Automaton, PackError> {
    shipped_as("automaton.incident")
}

/// The shipped category tree.
///
/// # Errors
/// See [`read`].
pub fn taxonomy() -> Result<Taxonomy, PackError> {
    shipped_as("taxonomy")
}

/// The shipped roles.
///
/// # Errors
/// See [`read`].
pub fn roles() -> Result<RoleBook, PackError> {
    shipped_as("roles")
}

/// The shipped working calendar.
///
/// # Errors
/// See [`read_calendar`].
pub fn calendar() -> Result<Calendar, PackError> {
    read_calendar(shipped("calendar").ok_or(PackError::Unknown)?)
}

/// Reads a working calendar and refuses one that contradicts itself.
///
/// # Errors
/// [`PackError::Malformed`] or [`PackError::Calendar`].
pub fn read_calendar(text: &str) -> Result<Calendar, PackError> {
    Ok(Calendar::new(read(text)?)?)
}

/// The shipped limits by urgency and of the hotline.
///
/// # Errors
/// See [`read`].
pub fn limits() -> Result<LimitBook, PackError> {
    shipped_as("limits")
}

/// The shipped rules of dispatch.
///
/// # Errors
/// [`PackError::Malformed`] or [`PackError::Dispatch`].
pub fn dispatch() -> Result<Dispatch, PackError> {
    Ok(Dispatch::new(shipped_as("dispatch")?, &taxonomy()?)?)
}

/// The shipped seasons: none is declared.
///
/// # Errors
/// See [`read`].
pub fn seasons() -> Result<Seasons, PackError> {
    shipped_as("seasons")
}

fn shipped_as<T: for<'de> Deserialize<'de>>(name: &str) -> Result<T, PackError> {
    read(shipped(name).ok_or(PackError::Unknown)?)
}
