//! Incidents: written down as a draft, submitted or closed on the spot, followed, withdrawn.
//!
//! A draft is one unsent `create` operation that typing changes in place. Submitting or closing ties it to the step's
//! operation, so that the platform sees both or neither.

use serde_json::{Value, json};

use super::Engine;
use super::error::AppError;
use super::pen::Pen;
use crate::model::automaton::StepVerdict;
use crate::model::blob::BlobRef;
use crate::model::geo::Point;
use crate::model::ids::{RecordId, StaffId};
use crate::model::op::{Action, Lane};
use crate::model::record::{Body, Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::workflow::{Actor, Facts};
use crate::store::ops::{self, NewOp};
use crate::store::records::{self, View};
use crate::store::{Writer, identity};

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
/// Fields that a worker edits; all others belong to steps.
const EDITABLE: [&str; 5] = ["title", "description", "severity", "address", "involved_count"];

impl Engine {
    /// Writes an incident down as a draft of this phone. Its grid is told by the point.
    ///
    /// # Errors
    /// [`AppError::UnknownCategory`], [`AppError::TooLong`], [`AppError::UnknownCode`], [`AppError::OutsideDistrict`].
    pub fn incident_draft(&self, new: NewIncident) -> Result<RecordId, AppError> {
        let dictionaries = self.dictionaries();
        let category = dictionaries
            .taxonomy
            .snapshot(&new.category)
            .ok_or(AppError::UnknownCategory)?;
        let urgency = dictionaries.taxonomy.category(&new.category).map(|c| c.urgency.clone());
        check_texts(&new)?;
        let grid = self.locate(new.point)?.grid.ok_or(AppError::OutsideDistrict)?;
        let me = self.actor()?;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, dictionaries.schema.schema);
            let body = body(json!({
                "category": new.category, "filed_under": category, "title": new.title, "description": new.description,
                "point": new.point, "accuracy_m": new.accuracy_m, "severity": new.severity, "urgency": urgency,
                "channel": "GRID_STAFF",
                "reporter": me.staff, "found_at": new.found_at.unwrap_or(pen.now)
            }));
            let id = pen.record_id();
            let op = pen.operation(&Kind::of(Kind::INCIDENT), id, Action::Create { grid, body })?;
            ops::add(
                w,
                &[NewOp {
                    lane: lane_of(&op),
                    op,
                    draft: true,
                }],
            )?;
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
        if self.has_draft(id)? {
            return self.store.write(|w| Ok(ops::drop_draft(w, id)?));
        }
        self.step(id, "T05_WITHDRAW", body(json!({"reason": reason})), Body::new())
    }

    /// Changes descriptive fields, of a draft in place, otherwise by an operation.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Ended`], [`AppError::NotEditable`] for a field that only a step may change.
    pub fn incident_change(&self, id: RecordId, set: Body) -> Result<(), AppError> {
        if let Some(field) = set.keys().find(|f| !EDITABLE.contains(&f.as_str())) {
            return Err(AppError::NotEditable { field: field.clone() });
        }
        for (name, max) in [("title", TITLE_CHARS), ("description", DESCRIPTION_CHARS)] {
            bounded(name, set.get(name).and_then(Value::as_str).unwrap_or_default(), max)?;
        }
        let view = self.living(id)?;
        if self.has_draft(id)? {
            return self.store.write(|w| edit_draft(w, id, |draft| draft.extend(set)));
        }
        self.patch(&view, set, lane_for(&view.record.body))
    }

    /// Adds a note; also to a closed incident, where it counts as late evidence.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Ended`], [`AppError::TooLong`].
    pub fn incident_note(&self, id: RecordId, text: &str) -> Result<(), AppError> {
        bounded("note", text, DESCRIPTION_CHARS)?;
        let view = self.living(id)?;
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let item = json!({"id": pen.record_id(), "text": text, "at": pen.now});
            append(w, &pen, &view, "notes", item, Vec::new())
        })
    }

    /// Takes a step of the automaton: judged here first, then queued for the platform's judgement.
    pub(super) fn step(&self, id: RecordId, event: &str, args: Body, set: Body) -> Result<(), AppError> {
        let view = self.living(id)?;
        let action = self.judged(&view.record, event, args, set)?;
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let step = pen.operation(&view.record.kind, id, action)?;
            let Some(create) = ops::draft_of(w, id)? else {
                return Ok(ops::add(
                    w,
                    &[NewOp {
                        op: step,
                        lane: lane_for(&view.record.body),
                        draft: false,
                    }],
                )?);
            };
            let mut pair = [create, step];
            pen.tie(&mut pair);
            let [create, step] = pair;
            ops::replace_draft(w, &create)?;
            ops::release_draft(w, id)?;
            ops::add(
                w,
                &[NewOp {
                    op: step,
                    lane: lane_for(&view.record.body),
                    draft: false,
                }],
            )?;
            Ok(())
        })
    }

    /// The step as an action, when the automaton and its guards allow it here and now.
    pub(super) fn judged(&self, record: &Record, event: &str, args: Body, set: Body) -> Result<Action, AppError> {
        let dictionaries = self.dictionaries();
        let actor = self.actor()?;
        let forbidden = |rule: &str| AppError::Step { rule: rule.to_owned() };
        let transition = dictionaries
            .workflow
            .transition(event)
            .ok_or_else(|| forbidden("unknown_step"))?;
        let mut roles = actor.roles.iter().filter(|r| transition.actors.contains(r)).peekable();
        roles.peek().ok_or_else(|| forbidden("role"))?;
        let to = dictionaries
            .workflow
            .target(transition, &record.state)
            .ok_or_else(|| forbidden("wrong_state"))?;
        let base: Body = record
            .body
            .iter()
            .filter(|(n, _)| set.contains_key(*n))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        let code = record.body.get("category").and_then(Value::as_str);
        let category = code.and_then(|code| dictionaries.taxonomy.nearest(code));
        let master = self.master_of(&args)?;
        let facts = Facts {
            master: master.as_ref(),
            ..Facts::new(
                category,
                self.env.clock.wall(),
                &dictionaries.limits,
                &dictionaries.calendar,
            )
        };
        // who holds several roles takes the step in the one that may
        let mut rule = None;
        for role in roles {
            let action = Action::Transition {
                event: event.to_owned(),
                from: record.state.clone(),
                to: to.clone(),
                role: role.clone(),
                args: args.clone(),
                base: base.clone(),
                set: set.clone(),
            };
            match dictionaries.workflow.judge(record, &action, &actor, facts) {
                StepVerdict::Legal { .. } => return Ok(action),
                StepVerdict::Forbidden { rule: by } => rule = rule.or(Some(by)),
                StepVerdict::Noted { notice } => rule = rule.or(Some(notice)),
                _ => {}
            }
        }
        Err(AppError::Step {
            rule: rule.unwrap_or_else(|| "wrong_state".to_owned()),
        })
    }

    /// Who works with this phone; before enrolment a worker without grids.
    pub(super) fn actor(&self) -> Result<Actor, AppError> {
        let me = self.store.read(identity::get)?;
        Ok(match me {
            Some(me) => Actor {
                staff: me.staff.id,
                roles: me.staff.roles,
                grids: me.staff.grids,
                orgs: me.staff.orgs,
            },
            None => Actor {
                staff: StaffId(String::new()),
                roles: vec!["GRID_STAFF".into()],
                grids: Vec::new(),
                orgs: Vec::new(),
            },
        })
    }

    /// The incident that a merge names, as far as this phone knows it.
    fn master_of(&self, args: &Body) -> Result<Option<Record>, AppError> {
        let named = args.get("merged_into").and_then(Value::as_str);
        let Some(id) = named.and_then(|id| id.parse().ok()) else {
            return Ok(None);
        };
        Ok(self.store.read(|r| records::view(r, id))?.map(|view| view.record))
    }

    fn has_draft(&self, id: RecordId) -> Result<bool, AppError> {
        self.store.read(|r| Ok(ops::draft_of(r, id)?.is_some()))
    }
}

/// Adds an item to a list that only grows; a draft takes it in place.
pub(super) fn append(
    w: &Writer<'_>,
    pen: &Pen<'_, '_>,
    view: &View,
    list: &str,
    item: Value,
    evidence: Vec<BlobRef>,
) -> Result<(), AppError> {
    let id = view.record.id;
    if ops::draft_of(w, id)?.is_some() {
        return edit_draft_with(w, id, evidence, |draft| {
            if let Some(items) = draft.entry(list.to_owned()).or_insert_with(|| json!([])).as_array_mut() {
                items.push(item);
            }
        });
    }
    let mut op = pen.operation(
        &view.record.kind,
        id,
        Action::Append {
            list: list.to_owned(),
            item,
        },
    )?;
    op.evidence = evidence;
    ops::add(
        w,
        &[NewOp {
            op,
            lane: lane_for(&view.record.body),
            draft: false,
        }],
    )?;
    Ok(())
}

/// The lane of an incident's text: what is urgent goes before everything else (domain dictionary 4.3).
pub(super) fn lane_for(body: &Body) -> Lane {
    let urgency = body.get("urgency").and_then(Value::as_str);
    match urgency {
        Some("CRITICAL" | "URGENT") => Lane::P0,
        _ => Lane::P1,
    }
}

fn lane_of(op: &crate::model::op::Operation) -> Lane {
    match &op.action {
        Action::Create { body, .. } => lane_for(body),
        _ => Lane::P1,
    }
}

fn edit_draft(w: &Writer<'_>, id: RecordId, edit: impl FnOnce(&mut Body)) -> Result<(), AppError> {
    edit_draft_with(w, id, Vec::new(), edit)
}

fn edit_draft_with(
    w: &Writer<'_>,
    id: RecordId,
    evidence: Vec<BlobRef>,
    edit: impl FnOnce(&mut Body),
) -> Result<(), AppError> {
    let mut draft = ops::draft_of(w, id)?.ok_or(AppError::NotFound)?;
    if let Action::Create { body, .. } = &mut draft.action {
        edit(body);
    }
    draft.evidence.extend(evidence);
    Ok(ops::replace_draft(w, &draft)?)
}

fn check_texts(new: &NewIncident) -> Result<(), AppError> {
    bounded("title", &new.title, TITLE_CHARS)?;
    bounded("description", &new.description, DESCRIPTION_CHARS)?;
    if SEVERITIES.contains(&new.severity.as_str()) {
        Ok(())
    } else {
        Err(AppError::UnknownCode {
            field: "severity".into(),
        })
    }
}

fn bounded(field: &str, text: &str, max: usize) -> Result<(), AppError> {
    if text.chars().count() > max {
        Err(AppError::TooLong {
            field: field.to_owned(),
            max,
        })
    } else {
        Ok(())
    }
}

fn body(value: Value) -> Body {
    match value {
        Value::Object(map) => map.into_iter().filter(|(_, v)| !v.is_null()).collect(),
        _ => Body::new(),
    }
}
