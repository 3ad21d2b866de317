//! Typed views on the bodies of registry records (domain dictionary 3.2, 3.3).
//!
//! A view is read from a body and written back as one. Every field may be absent: what must be there is said by the
//! schema and judged by `core::rules::validate`. Fields a view does not know are kept in `rest` and come out untouched.
//! Lists (`notes`, `members` …) stay as given. `Debug` shows no content, since most of it is personal.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::{Coded, Fault};
use super::record::Body;
use super::time::UtcMillis;

mod organisations;
mod people;
mod premises;

pub use organisations::{Enterprise, School};
pub use people::{Household, Person};
pub use premises::{Building, Dwelling, Place};

/// A body whose known fields do not have the types of the view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record does not read as {kind}")]
pub struct ViewError {
    /// The view's kind of record.
    pub kind: &'static str,
}

impl Coded for ViewError {
    fn fault(&self) -> Fault {
        Fault::of("record_unreadable").with("kind", self.kind)
    }
}

/// What every registry record carries besides its own fields.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Envelope {
    /// Record status, a code of the list `record_status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Source of the data, a code of the list `record_source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Purpose of collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Legal basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// Grid staff in charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid_staff: Option<String>,
    /// Last verified, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<UtcMillis>,
    /// Next verification due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_verify_due: Option<NaiveDate>,
    /// Visits, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visits: Option<Vec<Value>>,
    /// Notes, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Vec<Value>>,
    /// Attachments, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<Value>>,
}

/// A struct over the fields of one kind, with the envelope and the unknown rest.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident, $kind:literal { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $(
                $(#[$fdoc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$ty>,
            )*
            /// What every registry record carries.
            #[serde(flatten)]
            pub envelope: crate::model::registry::Envelope,
            /// Fields of a newer platform.
            #[serde(flatten)]
            pub rest: crate::model::record::Body,
        }

        impl $name {
            /// The kind of record this is a view on.
            pub const KIND: &'static str = $kind;

            /// Names of its own fields and their types in this view.
            pub const FIELDS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($field), stringify!($ty)),)*];

            /// Reads a body.
            ///
            /// # Errors
            /// When a known field has another type.
            pub fn from_body(
                body: &crate::model::record::Body,
            ) -> Result<Self, crate::model::registry::ViewError> {
                crate::model::registry::read(body, $kind)
            }

            /// The body, unknown fields included.
            ///
            /// # Errors
            /// Never for what came from [`Self::from_body`].
            pub fn to_body(
                &self,
            ) -> Result<crate::model::record::Body, crate::model::registry::ViewError> {
                crate::model::registry::write(self, $kind)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}
use view;

fn read<T: for<'de> Deserialize<'de>>(body: &Body, kind: &'static str) -> Result<T, ViewError> {
    T::deserialize(Value::Object(body.clone())).map_err(|_| ViewError { kind })
}

fn write(view: &impl Serialize, kind: &'static str) -> Result<Body, ViewError> {
    match serde_json::to_value(view) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(ViewError { kind }),
    }
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
