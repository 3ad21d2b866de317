//! Conflicts: what was written here beside what the platform holds, and the operation that settles it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Engine;
use super::error::AppError;
use super::pen::Pen;
use crate::model::ids::RecordId;
use crate::model::op::{Action, Choice, Lane};
use crate::model::record::{Body, Kind};
use crate::store::ops::{self, NewOp};
use crate::store::records::{ListQuery, View};

/// A conflict record as a screen shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// Its id.
    pub id: RecordId,
    /// The record it is about.
    pub record: String,
    /// What kind: `field`, `closed_while_editing`, `double_close`, `illegal_transition`, `withdrawn`, `deleted`, `create`.
    pub what: String,
    /// Both sides, field by field.
    pub fields: BTreeMap<String, Sides>,
    /// The step the phone claimed, when the conflict is about one.
    pub claim: Option<Value>,
    /// `OPEN` or `RESOLVED`.
    pub status: String,
}

/// The three values of one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sides {
    /// What the phone had seen.
    pub base: Value,
    /// What the platform holds.
    pub platform: Value,
    /// What the phone wanted.
    pub phone: Value,
}

impl Engine {
    /// Open conflicts of this phone's scopes, at most 200.
    ///
    /// # Errors
    /// Those of the store.
    pub fn conflicts_open(&self) -> Result<Vec<Conflict>, AppError> {
        let query = ListQuery {
            kind: Kind::of(Kind::CONFLICT),
            grid: None,
            state: None,
            after: None,
            limit: 200,
        };
        let page = self.list(&query)?;
        Ok(page
            .items
            .iter()
            .map(conflict_of)
            .filter(|c| c.status == "OPEN")
            .collect())
    }

    /// One conflict.
    ///
    /// # Errors
    /// [`AppError::NotFound`], also for a record of another kind.
    pub fn conflict(&self, id: RecordId) -> Result<Conflict, AppError> {
        let view = self.record(id)?;
        if view.record.kind.is(Kind::CONFLICT) {
            Ok(conflict_of(&view))
        } else {
            Err(AppError::NotFound)
        }
    }

    /// Says what shall hold. The platform judges it like any operation: somebody else may have been first.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::AlreadyResolved`].
    pub fn conflict_resolve(&self, id: RecordId, choice: Choice) -> Result<(), AppError> {
        if self.conflict(id)?.status != "OPEN" {
            return Err(AppError::AlreadyResolved);
        }
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let op = pen.operation(&Kind::of(Kind::CONFLICT), id, Action::Resolve { choice })?;
            ops::add(
                w,
                &[NewOp {
                    op,
                    lane: Lane::P1,
                    draft: false,
                }],
            )?;
            Ok(())
        })
    }
}

fn conflict_of(view: &View) -> Conflict {
    let body = &view.record.body;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let fields = match body.get("fields") {
        Some(Value::Object(fields)) => fields
            .iter()
            .map(|(name, sides)| (name.clone(), sides_of(sides)))
            .collect(),
        _ => BTreeMap::new(),
    };
    Conflict {
        id: view.record.id,
        record: text("record"),
        what: text("what"),
        fields,
        claim: body.get("claim").filter(|c| !c.is_null()).cloned(),
        status: text("status"),
    }
}

fn sides_of(value: &Value) -> Sides {
    let empty = Body::new();
    let sides = value.as_object().unwrap_or(&empty);
    let side = |name: &str| sides.get(name).cloned().unwrap_or(Value::Null);
    Sides {
        base: side("base"),
        platform: side("platform"),
        phone: side("phone"),
    }
}
