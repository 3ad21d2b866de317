//! What follows from a finished sheet: hazards new and old, and what changes at the place.

use chrono::Days;
use serde_json::{Value, json};

use super::bundle::Bundle;
use super::finish::Finished;
use super::hazards::{Found, HazardLine, body, cited, photos_of};
use super::live::Live;
use super::ready::Ready;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::app::pen::Pen;
use crate::forms::score::Outcome;
use crate::model::ids::RecordId;
use crate::model::op::{Action, Lane};
use crate::model::record::Body;
use crate::store::records::View;

/// Days until a place with a suspected major hazard is looked at again (domain dictionary 5.1).
const MAJOR_DAYS: u64 = 30;

impl Engine {
    /// Every item that is a hazard now.
    pub(super) fn found(&self, live: &mut Live, ready: &Ready, pen: &Pen<'_, '_>) -> Vec<Found> {
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
    pub(super) fn hazard_ops(
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
    pub(super) fn registry_ops(
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

/// Whether a second look can still change what is said of a hazard; a correction may also take one back that was put right.
pub(super) fn is_open(view: &View, correction: bool) -> bool {
    match view.record.body.get("state").and_then(Value::as_str) {
        Some("RECTIFYING" | "RECHECK") => true,
        Some("FIXED_ON_SITE") => correction,
        _ => false,
    }
}

pub(super) fn is_about(view: &View, item: &str, path: &str) -> bool {
    let text = |name: &str| view.record.body.get(name).and_then(Value::as_str);
    text("item") == Some(item) && (text("path") == Some(path) || !path.contains('['))
}

/// Open hazards whose item is answered and in order now.
pub(super) fn gone<'r>(ready: &'r Ready, found: &[Found], live: &Live) -> Vec<&'r View> {
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

pub(super) fn cleared(ready: &Ready, found: &[Found], live: &Live) -> Vec<RecordId> {
    gone(ready, found, live)
        .into_iter()
        .map(|view| view.record.id)
        .collect()
}

pub(super) fn known_line(view: &View, found: &Found) -> HazardLine {
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
