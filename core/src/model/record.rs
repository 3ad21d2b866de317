//! One record as the platform and the phones exchange it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

use super::area::GridCode;
use super::ids::RecordId;

/// A record's fields. Unknown ones are kept and returned untouched.
pub type Body = Map<String, Value>;

/// What kind of thing a record is, such as `person` or `incident`; the list is the registry schema's, not an enum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Kind(pub String);

impl Kind {
    /// An incident.
    pub const INCIDENT: &'static str = "incident";
    /// A conflict between a phone's operation and the platform's value.
    pub const CONFLICT: &'static str = "conflict";
    /// A finished checklist of one visit.
    pub const INSPECTION: &'static str = "inspection";
    /// A hazard that an inspection found.
    pub const HAZARD: &'static str = "hazard";
    /// A finished walk.
    pub const PATROL: &'static str = "patrol";
    /// People called for an incident, and what they answered.
    pub const MOBILISATION: &'static str = "mobilisation";
    /// A data pack: dictionary, automaton, checklist, grid tree.
    pub const PACK: &'static str = "pack";

    /// A kind by its name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Whether this is the named kind.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.0 == name
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A record at one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Record {
    /// Identity, made on the phone that created it.
    pub id: RecordId,
    /// What it is.
    pub kind: Kind,
    /// The governance grid it belongs to; `None` for district-wide records such as packs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<GridCode>,
    /// Revision given by the platform, one more for each accepted change; 0 before the platform has seen it.
    pub rev: i64,
    /// State of an automaton-driven kind (`REPORTED` …); empty for others.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// Fields.
    pub body: Body,
    /// Whether it is a tombstone: ended, without content.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// What kinds of records a scope holds for a phone: a grid, a person's tasks, the whole district.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Scope(pub String);

impl Scope {
    /// Dictionaries, forms, automata, the grid tree.
    #[must_use]
    pub fn district() -> Self {
        Self("district".to_owned())
    }

    /// Registry and incidents of one grid.
    #[must_use]
    pub fn grid(code: &GridCode) -> Self {
        Self(format!("grid:{code}"))
    }

    /// Cases in the hands of an organisation.
    #[must_use]
    pub fn org(code: &str) -> Self {
        Self(format!("org:{code}"))
    }

    /// Tasks and results of one person.
    #[must_use]
    pub fn user(staff: &super::ids::StaffId) -> Self {
        Self(format!("user:{staff}"))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
