//! The registry: people, households, dwellings, buildings, places, enterprises, schools.

use serde_json::Value;

use super::Engine;
use super::error::AppError;
use super::pen::Pen;
use crate::model::area::GridCode;
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::op::{Action, Lane};
use crate::model::record::{Body, Kind};
use crate::rules::finding::{Finding, Severity};
use crate::rules::locate::Located;
use crate::rules::mask;
use crate::rules::normalise::normalise;
use crate::rules::validate::{china_day, validate_record};
use crate::store::ops::NewOp;
use crate::store::records::{ListQuery, Page, View};
use crate::store::search::{Hit, SearchQuery};
use crate::store::{areas, ops, records, search};

/// A record that was written, and what the rules remarked without refusing.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The record.
    pub id: RecordId,
    /// Warnings.
    pub warnings: Vec<Finding>,
}

impl Engine {
    /// Adds a registry record to a grid.
    ///
    /// # Errors
    /// [`AppError::UnknownKind`], [`AppError::Invalid`] with every field that breaks a rule.
    pub fn registry_add(&self, kind: &str, grid: &GridCode, body: Body) -> Result<Written, AppError> {
        let mut body = without_nulls(body);
        normalise(&self.dictionaries().schema, kind, &mut body);
        let warnings = self.validated(kind, &body)?;
        let schema = self.dictionaries().schema.schema;
        let kind = Kind::of(kind);
        let id = self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let id = pen.record_id();
            let op = pen.operation(
                &kind,
                id,
                Action::Create {
                    grid: grid.clone(),
                    body,
                },
            )?;
            ops::add(
                w,
                &[NewOp {
                    op,
                    lane: Lane::P2,
                    draft: false,
                }],
            )?;
            Ok::<_, AppError>(id)
        })?;
        Ok(Written { id, warnings })
    }

    /// Changes fields of a registry record; `null` clears one. Fields that are equal already are left out.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Ended`], [`AppError::Invalid`].
    pub fn registry_change(&self, id: RecordId, mut set: Body) -> Result<Written, AppError> {
        let view = self.living(id)?;
        normalise(&self.dictionaries().schema, &view.record.kind.0, &mut set);
        let mut after = view.record.body.clone();
        for (name, value) in &set {
            after.insert(name.clone(), value.clone());
        }
        let warnings = self.validated(&view.record.kind.0, &without_nulls(after))?;
        self.patch(&view, set, Lane::P2)?;
        Ok(Written { id, warnings })
    }

    /// Ends a registry record; a tombstone stays.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Ended`].
    pub fn registry_withdraw(&self, id: RecordId, reason: &str) -> Result<(), AppError> {
        let view = self.living(id)?;
        if self.dictionaries().schema.kind(&view.record.kind.0).is_none() {
            return Err(AppError::UnknownKind {
                kind: view.record.kind.0,
            });
        }
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let op = pen.operation(
                &view.record.kind,
                id,
                Action::Withdraw {
                    reason: reason.to_owned(),
                },
            )?;
            ops::add(
                w,
                &[NewOp {
                    op,
                    lane: Lane::P2,
                    draft: false,
                }],
            )?;
            Ok(())
        })
    }

    /// One record as this phone knows it: the platform's last word with own unanswered operations on top.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn record(&self, id: RecordId) -> Result<View, AppError> {
        self.store
            .read(|r| records::view(r, id).map_err(AppError::from))?
            .ok_or(AppError::NotFound)
    }

    /// One record with personal data masked, as a screen shows it by default.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn record_masked(&self, id: RecordId) -> Result<View, AppError> {
        let mut view = self.record(id)?;
        view.record.body = self.masked(&view.record.kind, &view.record.body);
        Ok(view)
    }

    /// A page of records of a kind, in the order of their ids.
    ///
    /// # Errors
    /// Those of the store.
    pub fn list(&self, query: &ListQuery) -> Result<Page<View>, AppError> {
        self.store.read(|r| records::list(r, query).map_err(AppError::from))
    }

    /// A page of registry records that match the text; personal data masked.
    ///
    /// # Errors
    /// Those of the store; no text is an error.
    pub fn registry_search(&self, query: &SearchQuery) -> Result<Page<Hit, i64>, AppError> {
        let mut page = self.store.read(|r| search::search(r, query).map_err(AppError::from))?;
        for hit in &mut page.items {
            hit.record.body = self.masked(&hit.record.kind, &hit.record.body);
        }
        Ok(page)
    }

    /// The grid a point lies in, decided offline from the polygons.
    ///
    /// # Errors
    /// Those of the store; a point outside the district is an answer, not an error.
    pub fn locate(&self, point: Point) -> Result<Located, AppError> {
        let candidates = self
            .store
            .read(|r| areas::candidates(r, point).map_err(AppError::from))?;
        Ok(crate::rules::locate::locate(point, &candidates))
    }

    /// Writes a patch of the fields that differ; nothing at all when none does.
    pub(super) fn patch(&self, view: &View, set: Body, lane: Lane) -> Result<(), AppError> {
        let (base, set) = difference(&view.record.body, set);
        if set.is_empty() {
            return Ok(());
        }
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let op = pen.operation(&view.record.kind, view.record.id, Action::Patch { base, set })?;
            ops::add(w, &[NewOp { op, lane, draft: false }])?;
            Ok(())
        })
    }

    /// A record that has not ended.
    pub(super) fn living(&self, id: RecordId) -> Result<View, AppError> {
        let view = self.record(id)?;
        if view.record.deleted {
            Err(AppError::Ended)
        } else {
            Ok(view)
        }
    }

    pub(super) fn masked(&self, kind: &Kind, body: &Body) -> Body {
        match self.dictionaries().schema.kind(&kind.0) {
            Some(spec) => mask::mask_body(spec, body),
            // a kind nobody has classed counts as personal throughout
            None => body.keys().map(|name| (name.clone(), Value::from("***"))).collect(),
        }
    }

    pub(super) fn validated(&self, kind: &str, body: &Body) -> Result<Vec<Finding>, AppError> {
        let dictionaries = self.dictionaries();
        if dictionaries.schema.kind(kind).is_none() {
            return Err(AppError::UnknownKind { kind: kind.to_owned() });
        }
        let findings = validate_record(&dictionaries.schema, kind, body, china_day(self.env.clock.wall()));
        let (errors, warnings): (Vec<_>, Vec<_>) = findings.into_iter().partition(|f| f.severity == Severity::Error);
        if errors.is_empty() {
            Ok(warnings)
        } else {
            Err(AppError::Invalid { findings: errors })
        }
    }
}

/// The touched fields before and after, without those that stay as they are.
pub(super) fn difference(before: &Body, set: Body) -> (Body, Body) {
    let mut base = Body::new();
    let mut changed = Body::new();
    for (name, value) in set {
        let old = before.get(&name).unwrap_or(&Value::Null);
        if *old != value {
            if !old.is_null() {
                base.insert(name.clone(), old.clone());
            }
            changed.insert(name, value);
        }
    }
    (base, changed)
}

fn without_nulls(mut body: Body) -> Body {
    body.retain(|_, value| !value.is_null());
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Body {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_patch_carries_only_what_differs_with_its_old_value() {
        let before = body(json!({"a": 1, "b": 2}));
        let (base, set) = difference(&before, body(json!({"a": 1, "b": 3, "c": 4, "d": null})));
        assert_eq!(base, body(json!({"b": 2})));
        assert_eq!(set, body(json!({"b": 3, "c": 4})));
    }
}
