//! Incidents: written down as a draft, submitted or closed on the spot, followed, withdrawn.
//!
//! A draft is one unsent `create` operation that typing changes in place. Submitting or closing ties it to the step's
//! operation, so that the platform sees both or neither.

use serde_json::{Value, json};

use super::Engine;
use super::error::AppError;
use super::pen::Pen;
use crate::model::area::GridCode;
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::op::{Action, Lane, Operation};
use crate::model::record::{Body, Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::locate::Located;
use crate::store::ops::NewOp;
use crate::store::records::View;
use crate::store::{StoreError, Writer, ops};

/// What a worker writes down on the spot.
#[derive(Debug, Clone, PartialEq)]
pub struct NewIncident {
    /// Category code of the taxonomy, such as `A01.03`.
    pub category: String,
    /// Title, at most 50 characters.
    pub title: String,
    /// What was seen, at most 500 characters.
    pub description: String,
    /// Where, already in CGCS2000.
    pub point: Point,
    /// Accuracy of the fix in metres, when known.
    pub accuracy_m: Option<u32>,
    /// Suspected severity: `NONE`, `GENERAL`, `MAJOR`, `SERIOUS`, `EXTREME` (domain dictionary 4.2).
    pub severity: String,
    /// When it was found; the wall clock now when absent.
    pub found_at: Option<UtcMillis>,
}

/// Texts of an incident are bounded as domain dictionary 4.3 says.
const TITLE_CHARS: usize = 50;
const DESCRIPTION_CHARS: usize = 500;
const SEVERITIES: [&str; 5] = ["NONE", "GENERAL", "MAJOR", "SERIOUS", "EXTREME"];

impl Engine {
    /// Writes an incident down as a draft of this phone. Its grid is told by the point.
    ///
    /// # Errors
    /// [`AppError::UnknownCategory`], [`AppError::TooLong`], [`AppError::UnknownCode`], [`AppError::OutsideDistrict`].
    pub fn incident_draft(&self, new: NewIncident) -> Result<RecordId, AppError> {
        let dictionaries = self.dictionaries();
        let category = dictionaries.taxonomy.snapshot(&new.category).ok_or(AppError::UnknownCategory)?;
        check_texts(&new)?;
        let grid = self.grid_at(new.point)?;
        let mut body = Body::new();
        body.insert("category".into(), json!(category));
        body.insert("title".into(), json!(new.title));
        body.insert("description".into(), json!(new.description));
        body.insert("location".into(), json!({"point": new.point, "crs": "CGCS2000", "accuracy_m": new.accuracy_m}));
        body.insert("severity_suspected".into(), json!(new.severity));
        body.insert("urgency".into(), json!(dictionaries.taxonomy.urgency(&new.category)));
        body.insert("source".into(), json!("GRID_STAFF"));
        body.insert("found_at".into(), json!(new.found_at.unwrap_or_else(|| self.env.clock.wall())));
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, dictionaries.schema.schema);
            let id = pen.record_id();
            let op = pen.operation(&Kind::of(Kind::INCIDENT), id, Action::Create { grid, body })?;
            ops::add(w, &[NewOp { op, lane: Lane::P1, draft: true }])?;
            Ok(id)
        })
    }

    /// Submits a draft (`T02_SUBMIT`).
    ///
    /// # Errors
    /// [`AppError::Step`] with the rule that forbids it, such as a missing photo.
    pub fn incident_submit(&self, id: RecordId) -> Result<(), AppError> {
        self.step(id, "T02_SUBMIT", Body::new(), Body::new())
    }

    /// Closes a draft on the spot (`T04_SELF_CLOSE`): the category must allow it, with a near and an after photo, in the
    /// worker's own grid, within 24 hours of finding it.
    ///
    /// # Errors
    /// [`AppError::Step`] with the rule that forbids it.
    pub fn incident_self_close(&self, id: RecordId, result: &str) -> Result<(), AppError> {
        let now = self.env.clock.wall();
        let set = body(json!({"self_closed": true, "close_type": "SELF", "close_reason": result, "closed_at": now}));
        self.step(id, "T04_SELF_CLOSE", body(json!({"note": result})), set)
    }

    /// Withdraws an own report before it is accepted (`T05_WITHDRAW`). A draft that was never submitted is dropped.
    ///
    /// # Errors
    /// [`AppError::Step`] when it is too late or no reason is given.
    pub fn incident_withdraw(&self, id: RecordId, reason: &str) -> Result<(), AppError> {
        if self.draft_of(id)?.is_some() {
            return self.store.write(|w| Ok(ops::drop_draft(w, id)?));
        }
        self.step(id, "T05_WITHDRAW", body(json!({"reason": reason})), body(json!({"void_reason": reason})))
    }

    /// Changes descriptive fields, of a draft in place, otherwise by an operation.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Ended`], [`AppError::NotEditable`] for a field that only a step may change.
    pub fn incident_change(&self, id: RecordId, set: Body) -> Result<(), AppError> {
        const EDITABLE: [&str; 6] = ["title", "description", "severity_suspected", "address", "involved_count", "scale"];
        if let Some(field) = set.keys().find(|f| !EDITABLE.contains(&f.as_str())) {
            return Err(AppError::NotEditable { field: field.clone() });
        }
        let view = self.living(id)?;
        if self.draft_of(id)?.is_some() {
            return self.edit_draft(id, |draft, _| draft.extend(set));
        }
        self.patch(&view, set, Lane::P1)
    }

    /// Adds a note; also to a closed incident, where it counts as late evidence.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Ended`], [`AppError::TooLong`].
    pub fn incident_note(&self, id: RecordId, text: &str) -> Result<(), AppError> {
        bounded("note", text, DESCRIPTION_CHARS)?;
        let view = self.living(id)?;
        self.append(&view, "notes", |pen| json!({"id": pen.record_id(), "text": text, "at": pen.now}), Vec::new())
    }

    /// Takes a step of the automaton: judged here first, then queued for the platform's judgement.
    pub(super) fn step(&self, id: RecordId, event: &str, args: Body, set: Body) -> Result<(), AppError> {
        let view = self.living(id)?;
        let dictionaries = self.dictionaries();
        let (action, role) = self.judged(&view.record, event, args, set)?;
        let draft = self.draft_of(id)?;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, dictionaries.schema.schema);
            let mut step = pen.operation(&view.record.kind, id, action)?;
            match draft {
                Some(create) => {
                    step.base_op = Some(create.op);
                    let mut pair = [create, step];
                    pen.tie(&mut pair);
                    let [create, step] = pair;
                    ops::replace_draft(w, &create)?;
                    ops::release_draft(w, id)?;
                    ops::add(w, &[NewOp { op: step, lane: Lane::P1, draft: false }])?;
                }
                None => ops::add(w, &[NewOp { op: step, lane: Lane::P1, draft: false }])?,
            }
            tracing_free(role);
            Ok(())
        })
    }

    /// Adds an item to a list that only grows; a draft takes it in place.
    pub(super) fn append(
        &self,
        view: &View,
        list: &str,
        item: impl Fn(&Pen<'_, '_>) -> Value,
        evidence: Vec<crate::model::blob::BlobRef>,
    ) -> Result<(), AppError> {
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            self.append_in(w, &pen, view, list, item(&pen), evidence)
        })
    }
}

fn tracing_free(_role: String) {}
fn body(value: Value) -> Body {
    match value {
        Value::Object(map) => map,
        _ => Body::new(),
    }
}
