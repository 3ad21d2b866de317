//! Conflicts: what was written here beside what the platform holds, and what shall hold.

use fushan_grid_core::app::conflicts::{self, Sides};
use fushan_grid_core::model::op;
use fushan_grid_core::model::schema::RegistrySchema;

use super::basics::{body, json};
use super::registry::record_id;
use crate::error::GridError;

/// A conflict as a screen shows it.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Conflict {
    /// Its id.
    pub id: String,
    /// The record it is about.
    pub record: String,
    /// What kind: `field`, `closed_while_editing`, `double_close`, `illegal_transition`, `withdrawn`, `deleted`, `create`.
    pub what: String,
    /// Both sides, field by field.
    pub fields: Vec<ConflictField>,
    /// The step the phone claimed, as a JSON object, when the conflict is about one.
    pub claim_json: Option<String>,
    /// Whether it waits for somebody.
    pub open: bool,
}

/// Both sides of one field. Values are JSON: a text in quotation marks, a number, `null` for none.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConflictField {
    /// Name of the field.
    pub name: String,
    /// Chinese label, the name where the schema has none.
    pub zh: String,
    /// English label, the name where the schema has none.
    pub en: String,
    /// What the phone had seen.
    pub base_json: String,
    /// What the platform holds.
    pub platform_json: String,
    /// What was written here.
    pub phone_json: String,
}

/// What shall hold.
#[derive(Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Resolution {
    /// The platform's values stay.
    Platform,
    /// What was written here is taken.
    Phone,
    /// These values are taken, field by field.
    Values {
        /// A JSON object of field values.
        set_json: String,
    },
    /// The platform's values stay; what was seen here is reported as another incident.
    FollowUp {
        /// That incident.
        record: String,
    },
}

impl Conflict {
    /// A conflict with the labels of its fields.
    pub(crate) fn of(conflict: conflicts::Conflict, schema: &RegistrySchema) -> Self {
        let label = |name: &str| schema.kinds.iter().find_map(|kind| kind.field(name));
        let field = |(name, sides): (String, Sides)| {
            let spec = label(&name);
            ConflictField {
                zh: spec.map_or_else(|| name.clone(), |field| field.zh.clone()),
                en: spec.map_or_else(|| name.clone(), |field| field.en.clone()),
                base_json: json(&sides.base),
                platform_json: json(&sides.platform),
                phone_json: json(&sides.phone),
                name,
            }
        };
        Self {
            id: conflict.id.to_string(),
            record: conflict.record,
            what: conflict.what,
            fields: conflict.fields.into_iter().map(field).collect(),
            claim_json: conflict.claim.as_ref().map(json),
            open: conflict.status == "OPEN",
        }
    }
}

impl Resolution {
    pub(crate) fn read(self) -> Result<op::Choice, GridError> {
        Ok(match self {
            Self::Platform => op::Choice::Platform,
            Self::Phone => op::Choice::Phone,
            Self::Values { set_json } => op::Choice::Values { set: body(&set_json)? },
            Self::FollowUp { record } => op::Choice::FollowUp {
                record: record_id(&record)?,
            },
        })
    }
}
