//! Finishing: the sheet becomes an inspection; its hazards, their incidents and the registry follow in the same transaction.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::bundle::Bundle;
use super::error::{InspectError, Missing};
use super::hazards::{Found, HazardLine, Scene, body, cited, photos_of};
use super::live::Live;
use super::start::point_of;
use super::{Purpose, registry};
use crate::app::Engine;
use crate::app::error::AppError;
use crate::app::pen::Pen;
use crate::forms::score::{Outcome, Score, score};
use crate::model::ids::RecordId;
use crate::model::op::{Action, Lane, Operation};
use crate::model::record::{Body, Record};
use crate::rules::validate::china_day;
use crate::store::records::View;
use crate::store::sheets::{self, Entry, Placed, SheetState, Visit};
use crate::store::{StoreError, Writer, inspections, ops};
use crate::wire::limits;

/// Days until a place with a suspected major hazard is looked at again (domain dictionary 5.1).
const MAJOR_DAYS: u64 = 30;

/// Why a visit ends without answers (domain dictionary 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoAnswer {
    /// The inspection was refused.
    Refused,
    /// The place is not open.
    Closed,
    /// The place is not there.
    NotFound,
}

/// What finishing has made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finished {
    /// The inspection.
    pub inspection: RecordId,
    /// `PASS`, `HAZARD`, or why there were no answers.
    pub result: String,
    /// What it came to.
    pub score: Score,
    /// Hazards that were written down.
    pub hazards: Vec<RecordId>,
    /// Incidents that were opened.
    pub incidents: Vec<RecordId>,
    /// Hazards of earlier inspections that are in order now.
    pub cleared: Vec<RecordId>,
}

/// Everything that is read before the transaction.
struct Ready {
    visit: Visit,
    place: Option<Record>,
    photos: Vec<Placed>,
    fixes: BTreeMap<String, String>,
    attachments: Vec<Value>,
    open: Vec<View>,
    scene: Scene,
    purpose: Purpose,
    /// The version that is corrected.
    corrected: Option<View>,
}

impl Engine {
    /// Finishes a draft. Inspection, hazards, incidents and registry changes are one group: the platform takes all or none.
    ///
    /// # Errors
    /// [`InspectError::Incomplete`] with everything that is missing, and the draft stays as it is;
    /// [`InspectError::TooLarge`], [`InspectError::NoPosition`], [`AppError::Step`].
    pub fn inspect_finish(&self, id: RecordId) -> Result<Finished, AppError> {
        let ready = self.ready(id)?;
        self.with_live(id, |live| {
            let mut missing = live.missing(&ready.photos, &ready.fixes);
            let wanted = self.wanted(live, &ready);
            missing.extend(self.unfit(live, &ready, &wanted));
            if !missing.is_empty() {
                return Err(InspectError::Incomplete { missing }.into());
            }
            if let Err(refusal) = live.session.finalize() {
                let missing = vec![Missing {
                    path: refusal.path,
                    label: String::new(),
                    code: "missing_constraint".into(),
                    message: refusal.message,
                    photos: None,
                }];
                return Err(InspectError::Incomplete { missing }.into());
            }
            let set = wanted
                .into_iter()
                .filter_map(|(_, field, value)| Some((field, value?)))
                .collect();
            let finished = self.store.write(|w| self.write_finished(w, live, &ready, set))?;
            live.sheet.state = SheetState::Finished;
            Ok(finished)
        })
    }

    /// Ends a visit at which nothing could be answered: refused, closed, not found. It does not count as done.
    ///
    /// # Errors
    /// [`InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_no_answer(&self, id: RecordId, why: NoAnswer, note: &str) -> Result<Finished, AppError> {
        let ready = self.ready(id)?;
        self.with_live(id, |live| {
            let finished = self.store.write(|w| {
                let pen = Pen::new(w, &self.env, self.dictionaries().schema.schema);
                let mut body = ready.head(live);
                body.remove("day");
                body.insert("tried_on".into(), json!(ready.scene.day));
                body.insert("result".into(), json!(why));
                body.insert("note".into(), json!(note));
                body.insert("attachments".into(), json!(ready.attachments));
                let draft = filled_draft(w, id, body)?;
                Bundle::new(&pen).store(w, draft)?;
                self.close(w, live, &ready, "form exit")?;
                Ok::<_, AppError>(Finished {
                    inspection: id,
                    result: json!(why).as_str().unwrap_or_default().to_owned(),
                    score: Score::default(),
                    hazards: Vec::new(),
                    incidents: Vec::new(),
                    cleared: Vec::new(),
                })
            })?;
            live.sheet.state = SheetState::Finished;
            Ok(finished)
        })
    }

    fn ready(&self, id: RecordId) -> Result<Ready, AppError> {
        let sheet = self.sheet(id)?;
        let known = self.known_form(&sheet.form)?;
        let draft = self.record(id)?.record.body;
        let purpose = Purpose::of(&sheet.doc);
        let (visit, photos, fixes) = self.store.read(|r| {
            Ok::<_, AppError>((
                sheets::visit(r, sheet.visit)?,
                sheets::photos(r, id)?,
                sheets::fixes(r, id)?,
            ))
        })?;
        let place = visit
            .place
            .map(|place| self.record(place))
            .transpose()?
            .map(|view| view.record);
        let corrected = match &purpose {
            Purpose::Correction { of, .. } => Some(self.record(*of)?),
            _ => None,
        };
        let open = match (&corrected, visit.place) {
            (Some(view), _) => self.hazards_named(&view.record.body)?,
            (None, Some(place)) => self.store.read(|r| inspections::open_hazards(r, Some(place)))?,
            (None, None) => Vec::new(),
        };
        let now = self.moment()?;
        let fixed_at = visit
            .doc
            .get("check_in")
            .and_then(Value::as_object)
            .and_then(|check| point_of(check));
        let day = corrected
            .as_ref()
            .and_then(|view| day_of(&view.record.body))
            .unwrap_or_else(|| china_day(now));
        let scene = Scene {
            inspection: id,
            place: visit.place,
            place_name: name_of(place.as_ref()),
            grid: visit.grid.clone(),
            point: place.as_ref().and_then(|place| point_of(&place.body)).or(fixed_at),
            form: known.definition.id.clone(),
            form_title: known.definition.title.clone(),
            day,
            now: now.0,
            staff: self.user()?,
        };
        let attachments = draft
            .get("attachments")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let same_form = |view: &View| view.record.body.get("form") == Some(&json!(scene.form));
        Ok(Ready {
            open: open.into_iter().filter(same_form).collect(),
            visit,
            place,
            photos,
            fixes,
            attachments,
            scene,
            purpose,
            corrected,
        })
    }

    /// The hazards that an inspection names, whatever has become of them.
    fn hazards_named(&self, inspection: &Body) -> Result<Vec<View>, AppError> {
        let lines = inspection
            .get("hazards")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let ids = lines.filter_map(|line| line.get("hazard")?.as_str()?.parse().ok());
        ids.map(|id| self.record(id)).collect()
    }

    /// What the answers want to change in the registry.
    fn wanted(&self, live: &Live, ready: &Ready) -> Vec<(String, String, Option<Value>)> {
        let Some(place) = &ready.place else { return Vec::new() };
        registry::saved(
            &self.dictionaries().schema,
            &live.known.definition,
            place,
            &live.session,
        )
    }

    /// Answers that the registry would refuse. What was wrong there before and is not touched does not stand in the way.
    fn unfit(&self, live: &mut Live, ready: &Ready, wanted: &[(String, String, Option<Value>)]) -> Vec<Missing> {
        let Some(place) = &ready.place else { return Vec::new() };
        let labels = live.labels();
        let lack = |path: &String, code: &str| Missing {
            label: labels.get(path).cloned().unwrap_or_default(),
            path: path.clone(),
            code: code.to_owned(),
            message: None,
            photos: None,
        };
        let mut after = place.body.clone();
        let mut missing = Vec::new();
        for (path, field, value) in wanted {
            match value {
                Some(value) => drop(after.insert(field.clone(), value.clone())),
                None => missing.push(lack(path, "registry_value")),
            }
        }
        if let Err(AppError::Invalid { findings }) = self.validated(&place.kind.0, &after) {
            for finding in findings {
                let touched = wanted.iter().find(|(_, field, _)| *field == finding.field);
                missing.extend(touched.map(|(path, _, _)| lack(path, &finding.code)));
            }
        }
        missing
    }

    fn write_finished(&self, w: &Writer<'_>, live: &mut Live, ready: &Ready, set: Body) -> Result<Finished, AppError> {
        let pen = Pen::new(w, &self.env, self.dictionaries().schema.schema);
        let mut bundle = Bundle::new(&pen);
        let judged = live.judged();
        let total = score(&judged);
        let found = self.found(live, ready, &pen);
        let lines = self.hazard_ops(&mut bundle, ready, &found, live)?;
        let finished = Finished {
            inspection: live.sheet.id,
            result: if total.passed { "PASS".into() } else { "HAZARD".into() },
            hazards: lines
                .iter()
                .filter(|line| !line.known)
                .filter_map(|line| line.hazard)
                .collect(),
            incidents: lines
                .iter()
                .filter(|line| !line.known)
                .filter_map(|line| line.incident)
                .collect(),
            cleared: cleared(ready, &found, live),
            score: total,
        };
        bundle.next_unit();
        self.registry_ops(&mut bundle, ready, set, &finished, &lines)?;
        let mut body = ready.head(live);
        ready.fill(&mut body, live, &finished, &lines);
        let sealed = seal(&body);
        body.insert("seal".into(), json!(sealed));
        if serde_json::to_vec(&body).map_err(StoreError::from)?.len() > limits::BODY_BYTES {
            return Err(InspectError::TooLarge.into());
        }
        bundle.store(w, filled_draft(w, live.sheet.id, body)?)?;
        live.commit(w)?;
        self.close(w, live, ready, "form finalize")?;
        Ok(finished)
    }

    /// Every item that is a hazard now.
    fn found(&self, live: &mut Live, ready: &Ready, pen: &Pen<'_, '_>) -> Vec<Found> {
        let labels = live.labels();
        let hazards = live.judged().into_iter().filter(|judged| judged.is_hazard());
        hazards
            .map(|judged| {
                let placed = live.photos_of(&judged.path, &ready.photos);
                let photos = photos_of(&ready.attachments, &placed, || pen.record_id());
                Found {
                    label: labels.get(&judged.path).cloned().unwrap_or_default(),
                    answer: live.shown_answer(&judged.path),
                    cited: cited(&photos),
                    photos,
                    fixed: ready.fixes.get(&judged.path).cloned(),
                    judged,
                }
            })
            .collect()
    }

    /// New hazards, and a second look at those that were open.
    fn hazard_ops(
        &self,
        bundle: &mut Bundle<'_, '_>,
        ready: &Ready,
        found: &[Found],
        live: &Live,
    ) -> Result<Vec<HazardLine>, AppError> {
        let correction = ready.purpose.is_correction();
        let mut lines = Vec::new();
        for hazard in found {
            let open = ready
                .open
                .iter()
                .find(|view| is_about(view, &hazard.judged.item, &hazard.judged.path));
            match open {
                // a correction that finds the same says nothing new about it
                Some(view) if correction => lines.push(known_line(view, hazard)),
                Some(view) => {
                    self.revisit(bundle, &ready.scene, view, Some(hazard), false)?;
                    lines.push(known_line(view, hazard));
                }
                None => {
                    let ids = (bundle.note_id(), bundle.note_id());
                    lines.push(self.open_hazard(bundle, &ready.scene, hazard, ids)?);
                }
            }
        }
        for view in gone(ready, found, live) {
            self.revisit(bundle, &ready.scene, view, None, correction)?;
        }
        Ok(lines)
    }

    /// What changes at the place: answers that are saved there, the day of the visit, the visit itself.
    fn registry_ops(
        &self,
        bundle: &mut Bundle<'_, '_>,
        ready: &Ready,
        mut set: Body,
        finished: &Finished,
        lines: &[HazardLine],
    ) -> Result<(), AppError> {
        let Some(place) = &ready.place else { return Ok(()) };
        let dictionaries = self.dictionaries();
        let Some(spec) = dictionaries.schema.kind(&place.kind.0) else {
            return Ok(());
        };
        let scene = &ready.scene;
        if spec.field("last_visit").is_some() && !ready.purpose.is_correction() {
            set.insert("last_visit".into(), json!(scene.now));
        }
        let major = lines
            .iter()
            .any(|line| line.severity >= 3 && line.outcome == Outcome::Rectifying);
        if major && spec.field("risk").is_some() && spec.field("next_due").is_some() {
            set.insert("risk".into(), json!("RED"));
            set.insert(
                "next_due".into(),
                json!(scene.day.checked_add_days(Days::new(MAJOR_DAYS))),
            );
        }
        crate::rules::normalise::normalise(&dictionaries.schema, &place.kind.0, &mut set);
        let (base, set) = crate::app::registry::difference(&place.body, set);
        if !set.is_empty() {
            bundle.add(&place.kind, place.id, Action::Patch { base, set }, Lane::P2, Vec::new())?;
        }
        if spec.field("visits").is_some() && !ready.purpose.is_correction() {
            let item = json!({"id": bundle.note_id(), "inspection": scene.inspection, "form": scene.form,
                              "on": scene.day, "at": scene.now, "result": finished.result});
            let list = "visits".to_owned();
            bundle.add(
                &place.kind,
                place.id,
                Action::Append { list, item },
                Lane::P2,
                Vec::new(),
            )?;
        }
        if let Some(view) = &ready.corrected {
            let set = body(json!({"corrected_by": scene.inspection}));
            let patch = Action::Patch { base: Body::new(), set };
            bundle.add(&view.record.kind, view.record.id, patch, Lane::P1, Vec::new())?;
        }
        Ok(())
    }

    /// The end of a sheet, and of its visit when no other sheet of it is open.
    fn close(&self, w: &Writer<'_>, live: &Live, ready: &Ready, event: &str) -> Result<(), AppError> {
        let now = crate::model::time::UtcMillis(ready.scene.now);
        sheets::end(w, live.sheet.id, SheetState::Finished, now)?;
        let others = sheets::of_visit(w, ready.visit.id)?;
        if others.iter().all(|sheet| sheet.state != SheetState::Draft) {
            sheets::end_visit(w, ready.visit.id, now)?;
        }
        let entry = Entry {
            event: event.to_owned(),
            start: now.0,
            user: ready.scene.staff.clone(),
            change_reason: match &ready.purpose {
                Purpose::Correction { reason, .. } => Some(reason.clone()),
                _ => None,
            },
            ..Entry::default()
        };
        Ok(sheets::log(w, live.sheet.id, &entry)?)
    }
}

impl Ready {
    /// What an inspection says whatever was answered.
    fn head(&self, live: &Live) -> Body {
        let scene = &self.scene;
        let mut head = body(json!({
            "form": scene.form, "form_digest": live.sheet.form, "form_version": live.known.definition.version,
            "title": scene.form_title, "place": scene.place, "place_name": scene.place_name, "visit": self.visit.id,
            "day": scene.day, "started_at": live.sheet.started_at, "finished_at": scene.now, "inspector": scene.staff,
            "language": live.session.language(), "check_in": self.visit.doc.get("check_in"), "version": 1
        }));
        if let Value::Object(purpose) = json!(self.purpose) {
            head.extend(purpose);
        }
        if let Some(view) = &self.corrected {
            head.insert(
                "corrects_seal".into(),
                view.record.body.get("seal").cloned().unwrap_or_default(),
            );
        }
        head
    }

    /// Answers, score, hazards and photos.
    fn fill(&self, body: &mut Body, live: &Live, finished: &Finished, lines: &[HazardLine]) {
        let items: BTreeMap<String, String> = live.judged().into_iter().map(|j| (j.path, j.item)).collect();
        let answers = live
            .session
            .answers()
            .into_iter()
            .filter(|(path, _)| live.session.value(path).is_some());
        let answers = answers.map(|(path, value)| match items.get(&path) {
            Some(item) => json!({"path": path, "value": value, "item": item}),
            None => json!({"path": path, "value": value}),
        });
        body.insert("answers".into(), Value::Array(answers.collect()));
        body.insert("result".into(), json!(finished.result));
        body.insert("score".into(), json!(finished.score));
        body.insert("hazards".into(), json!(lines));
        body.insert("placed".into(), json!(self.photos));
        if !self.fixes.is_empty() {
            body.insert("fixed".into(), json!(self.fixes));
        }
        body.insert("attachments".into(), json!(self.attachments));
    }
}

impl Live {
    /// The answer as people read it: the label of the choice where there is one.
    pub(super) fn shown_answer(&mut self, path: &str) -> String {
        let value = self.session.value(path).unwrap_or_default();
        let view = self.session.views().into_iter().find(|view| view.path == path);
        let Some(crate::forms::session::Screen::Question(question)) = view.map(|view| view.screen) else {
            return value;
        };
        let offers = question.choices.unwrap_or_default();
        offers
            .into_iter()
            .find(|offer| offer.value == value)
            .map_or(value, |offer| offer.label)
    }
}

/// The operation that makes the inspection, with its final body.
fn filled_draft(w: &Writer<'_>, id: RecordId, fresh: Body) -> Result<Operation, AppError> {
    let mut draft = ops::draft_of(w, id)?.ok_or(AppError::NotFound)?;
    if let Action::Create { body, .. } = &mut draft.action {
        *body = fresh;
    }
    Ok(draft)
}

/// SHA-256 of the canonical body: a later version names it, so that a chain of corrections cannot be rewritten unseen.
fn seal(body: &Body) -> String {
    let canonical = serde_json_canonicalizer::to_vec(body).unwrap_or_default();
    crate::model::blob::BlobHash(Sha256::digest(canonical).into()).to_string()
}

/// Whether a second look can still change what is said of a hazard; a correction may also take one back that was put right.
fn is_open(view: &View, correction: bool) -> bool {
    match view.record.body.get("state").and_then(Value::as_str) {
        Some("RECTIFYING" | "RECHECK") => true,
        Some("FIXED_ON_SITE") => correction,
        _ => false,
    }
}

fn is_about(view: &View, item: &str, path: &str) -> bool {
    let text = |name: &str| view.record.body.get(name).and_then(Value::as_str);
    text("item") == Some(item) && (text("path") == Some(path) || !path.contains('['))
}

/// Open hazards whose item is answered and in order now.
fn gone<'r>(ready: &'r Ready, found: &[Found], live: &Live) -> Vec<&'r View> {
    let judged = live.judged();
    let correction = ready.purpose.is_correction();
    let fine = |view: &&View| {
        if !is_open(view, correction) {
            return false;
        }
        let about = |item: &str, path: &str| is_about(view, item, path);
        let answered = judged.iter().any(|j| about(&j.item, &j.path) && j.answered);
        answered && !found.iter().any(|f| about(&f.judged.item, &f.judged.path))
    };
    ready.open.iter().filter(fine).collect()
}

fn cleared(ready: &Ready, found: &[Found], live: &Live) -> Vec<RecordId> {
    gone(ready, found, live)
        .into_iter()
        .map(|view| view.record.id)
        .collect()
}

fn known_line(view: &View, found: &Found) -> HazardLine {
    let id = |name: &str| {
        view.record
            .body
            .get(name)
            .and_then(Value::as_str)
            .and_then(|id| id.parse().ok())
    };
    HazardLine {
        item: found.judged.item.clone(),
        path: found.judged.path.clone(),
        label: found.label.clone(),
        severity: found.judged.severity(),
        outcome: match view.record.body.get("state").and_then(Value::as_str) {
            Some("FIXED_ON_SITE") => Outcome::FixedOnSite,
            _ => Outcome::Rectifying,
        },
        hazard: Some(view.record.id),
        incident: id("incident"),
        due: None,
        known: true,
    }
}

fn name_of(place: Option<&Record>) -> String {
    let text = |name: &str| place?.body.get(name).and_then(Value::as_str);
    // addresses of homes are personal: only places that show their name to the street are named
    text("name")
        .filter(|_| place.is_some_and(|p| p.kind.is("place") || p.kind.is("enterprise")))
        .unwrap_or("检查点")
        .to_owned()
}

fn day_of(body: &Body) -> Option<NaiveDate> {
    body.get("day").and_then(Value::as_str)?.parse().ok()
}
