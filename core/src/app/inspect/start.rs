//! Beginning a sheet: check-in at the place, the form's first computations, and what the registry knows already.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Purpose;
use super::error::InspectError;
use super::forms::Known;
use super::live::Live;
use super::registry;
use super::rows::Rows;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::app::pen::Pen;
use crate::forms::Outcome;
use crate::forms::Session;
use crate::model::area::GridCode;
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::op::{Action, Lane};
use crate::model::record::{Body, Kind, Record};
use crate::rules::patrol::{CheckIn, Fix, Surroundings, check_in};
use crate::store::Writer;
use crate::store::ops::{self, NewOp};
use crate::store::sheets::{self, Entry, Placed, Sheet, SheetState, Visit};

/// How somebody arrives at a place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arrival {
    /// The last reading of the position.
    pub fix: Option<Fix>,
    /// The code scanned from the plate at the place.
    pub code: Option<String>,
    /// Why neither fits.
    pub reason: Option<String>,
    /// Country rules: 150 m instead of 50 m.
    pub rural: bool,
}

/// A sheet to begin.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewSheet {
    /// Id of the checklist.
    pub form: String,
    /// The place, dwelling, household … that is inspected; without one the position tells the grid.
    pub place: Option<RecordId>,
    /// How the worker arrived; not asked again within a visit.
    pub arrival: Arrival,
    /// The visit it belongs to, when one was begun with another checklist.
    pub visit: Option<RecordId>,
    /// Name of the language to show; the form's default when absent.
    pub language: Option<String>,
}

/// What a new sheet starts with beside its answers.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// Answers that the registry gave: path and value.
    pub(super) filled: Vec<(String, String)>,
    /// Photos at items.
    pub(super) photos: Vec<Placed>,
    /// What was put right on the spot.
    pub(super) fixes: BTreeMap<String, String>,
    /// The list of attachments that the photos are in.
    pub(super) attachments: Vec<Value>,
}

impl Engine {
    /// Begins a sheet of the current version of a checklist. Fields that the registry knows are filled in.
    ///
    /// # Errors
    /// [`InspectError::UnknownForm`], [`InspectError::ReasonNeeded`], [`InspectError::NoPosition`] when neither place nor
    /// position tells the grid; [`AppError::NotFound`], [`AppError::Ended`] for the place.
    pub fn inspect_start(&self, new: &NewSheet) -> Result<RecordId, AppError> {
        self.begin(new, Purpose::Visit)
    }

    /// Begins the second look at a hazard: the same checklist at the same place, in its current version.
    ///
    /// # Errors
    /// [`AppError::NotFound`], and as [`Engine::inspect_start`].
    pub fn inspect_recheck(&self, hazard: RecordId, arrival: Arrival) -> Result<RecordId, AppError> {
        let body = self.living(hazard)?.record.body;
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let of = text("inspection").parse()?;
        let new = NewSheet {
            form: text("form"),
            place: text("place").parse().ok(),
            arrival,
            ..NewSheet::default()
        };
        self.begin(&new, Purpose::Recheck { of })
    }

    fn begin(&self, new: &NewSheet, purpose: Purpose) -> Result<RecordId, AppError> {
        let known = self.known_form(&self.current_form(&new.form)?.digest)?;
        let place = new.place.map(|id| self.living(id)).transpose()?.map(|view| view.record);
        let visit = self.visit_for(new, place.as_ref())?;
        let mut session = Session::open(known.form.clone(), self.setting(new.language.as_deref())?);
        let filled = match &place {
            Some(place) => registry::prefill(&known.definition, place, &mut session),
            None => Vec::new(),
        };
        self.write_down(
            known,
            session,
            visit,
            purpose,
            Carried {
                filled,
                ..Carried::default()
            },
        )
    }

    /// The visit that the sheet belongs to, begun by a check-in unless it is under way.
    fn visit_for(&self, new: &NewSheet, place: Option<&Record>) -> Result<(Visit, bool), AppError> {
        if let Some(id) = new.visit {
            return Ok((self.store.read(|r| sheets::visit(r, id))?, true));
        }
        let arrival = &new.arrival;
        let at = place.and_then(|place| point_of(&place.body));
        let grid = self.grid_of(place, arrival.fix.map(|fix| fix.point))?;
        let come = arrive(arrival, place, at)?;
        let now = self.moment()?;
        let visit = Visit {
            id: RecordId::v7(now, crate::model::env::ten_random(&*self.env.entropy)),
            place: place.map(|place| place.id),
            grid,
            started_at: now,
            ended_at: None,
            doc: json!({"check_in": come}),
        };
        Ok((visit, false))
    }

    fn grid_of(&self, place: Option<&Record>, fix: Option<Point>) -> Result<GridCode, AppError> {
        match (place.and_then(|place| place.grid.clone()), fix) {
            (Some(grid), _) => Ok(grid),
            (None, Some(point)) => self.locate(point)?.grid.ok_or(AppError::OutsideDistrict),
            (None, None) => Err(InspectError::NoPosition.into()),
        }
    }

    /// Writes a new sheet with everything that belongs to it, in one transaction.
    pub(super) fn write_down(
        &self,
        known: std::sync::Arc<Known>,
        session: Session,
        (visit, under_way): (Visit, bool),
        purpose: Purpose,
        carried: Carried,
    ) -> Result<RecordId, AppError> {
        let now = self.moment()?;
        let user = self.user()?;
        let schema = self.dictionaries().schema.schema;
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            let id = pen.record_id();
            let sheet = Sheet {
                id,
                visit: visit.id,
                form: known.form.digest.clone(),
                state: SheetState::Draft,
                started_at: now,
                touched_at: now,
                stopped_at: String::new(),
                doc: json!(purpose),
            };
            if !under_way {
                sheets::add_visit(w, &visit)?;
            }
            sheets::add(w, &sheet)?;
            let mut live = Live {
                sheet,
                known,
                session,
                rows: Rows::new(),
            };
            live.commit(w)?;
            log_start(w, id, &user, now.0, &carried.filled)?;
            for photo in &carried.photos {
                sheets::put_photo(w, id, photo)?;
            }
            for (path, note) in &carried.fixes {
                sheets::put_fix(w, id, path, note)?;
            }
            draft_inspection(w, &pen, &live, &visit, carried.attachments)?;
            Ok(id)
        })
    }
}

/// Judges the arrival.
fn arrive(arrival: &Arrival, place: Option<&Record>, at: Option<Point>) -> Result<CheckIn, AppError> {
    let around = if arrival.rural {
        Surroundings::Rural
    } else {
        Surroundings::Urban
    };
    let plate = place.and_then(|place| place.body.get("qr")).and_then(Value::as_str);
    let code_fits = plate.is_some() && arrival.code.as_deref() == plate;
    // without a place there is nothing to be far from
    let target = at.or(arrival.fix.filter(|_| place.is_none()).map(|fix| fix.point));
    check_in(
        arrival.fix.as_ref(),
        target,
        around,
        code_fits,
        arrival.reason.as_deref(),
    )
    .ok_or_else(|| {
        let metres = arrival
            .fix
            .zip(target)
            .map(|(fix, target)| fix.point.distance_m(&target).round());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a distance on the globe
        let distance_m = metres.map(|metres| metres as u32);
        InspectError::ReasonNeeded { distance_m }.into()
    })
}

pub(in crate::app) fn point_of(body: &Body) -> Option<Point> {
    serde_json::from_value(body.get("point")?.clone()).ok()
}

fn log_start(w: &Writer<'_>, id: RecordId, user: &str, now: i64, filled: &[(String, String)]) -> Result<(), AppError> {
    let entry = |event: &str| Entry {
        event: event.into(),
        start: now,
        user: user.into(),
        ..Entry::default()
    };
    sheets::log(w, id, &entry("form start"))?;
    for (path, value) in filled {
        let filled = Entry {
            node: path.clone(),
            new_value: Some(value.clone()),
            ..entry("prefill")
        };
        sheets::log(w, id, &filled)?;
    }
    Ok(())
}

/// The inspection as a draft operation, so that photos have a record to belong to; finishing fills it in and lets it go.
fn draft_inspection(
    w: &Writer<'_>,
    pen: &Pen<'_, '_>,
    live: &Live,
    visit: &Visit,
    attachments: Vec<Value>,
) -> Result<(), AppError> {
    let mut body = Body::new();
    body.insert("form".into(), live.known.definition.id.clone().into());
    body.insert("title".into(), live.known.definition.title.clone().into());
    body.insert("visit".into(), json!(visit.id));
    if let Some(place) = visit.place {
        body.insert("place".into(), json!(place));
    }
    let evidence = super::hazards::cited(&attachments);
    if !attachments.is_empty() {
        body.insert("attachments".into(), Value::Array(attachments));
    }
    let grid = visit.grid.clone();
    let mut op = pen.operation(
        &Kind::of(Kind::INSPECTION),
        live.sheet.id,
        Action::Create { grid, body },
    )?;
    op.evidence = evidence;
    Ok(ops::add(
        w,
        &[NewOp {
            op,
            lane: Lane::P1,
            draft: true,
        }],
    )?)
}

/// Whether a step of a session was taken.
pub(super) fn accepted(outcome: Outcome) -> bool {
    outcome == Outcome::Accepted
}
