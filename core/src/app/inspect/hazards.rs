//! Hazards of an inspection: what becomes of each, and the incident that it opens.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::bundle::Bundle;
use super::error::InspectError;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::ItemRules;
use crate::forms::score::{Judged, Outcome, due, incident_severity, outcome, weekday};
use crate::merge::{Hand, overlay};
use crate::model::area::GridCode;
use crate::model::blob::BlobRef;
use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::op::{Action, Lane};
use crate::model::record::{Body, Kind};
use crate::rules::workflow::effects;
use crate::store::records::View;
use crate::store::sheets::Placed;

/// Titles and descriptions of incidents are bounded (domain dictionary 4.3).
const TITLE_CHARS: usize = 50;
const DESCRIPTION_CHARS: usize = 500;

/// What is the same for all hazards of an inspection.
pub(super) struct Scene {
    pub(super) inspection: RecordId,
    pub(super) place: Option<RecordId>,
    pub(super) place_name: String,
    pub(super) grid: GridCode,
    pub(super) point: Option<Point>,
    pub(super) form: String,
    pub(super) form_title: String,
    pub(super) day: NaiveDate,
    pub(super) now: i64,
    pub(super) staff: String,
}

/// A hazard as it was found.
pub(super) struct Found {
    pub(super) judged: Judged,
    pub(super) label: String,
    pub(super) answer: String,
    /// Items of the attachments list, with the role each has at this hazard.
    pub(super) photos: Vec<Value>,
    pub(super) cited: Vec<BlobRef>,
    pub(super) fixed: Option<String>,
}

/// One line about a hazard in the inspection's body.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(super) struct HazardLine {
    pub(super) item: String,
    pub(super) path: String,
    pub(super) label: String,
    pub(super) severity: u8,
    pub(super) outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hazard: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) incident: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<NaiveDate>,
    /// It was open before this inspection.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) known: bool,
}

impl Engine {
    /// Writes a new hazard and, where its severity asks for it, the incident it becomes, linked both ways.
    pub(super) fn open_hazard(
        &self,
        bundle: &mut Bundle<'_, '_>,
        scene: &Scene,
        found: &Found,
        ids: (RecordId, RecordId),
    ) -> Result<HazardLine, AppError> {
        let severity = found.judged.severity();
        let becomes = outcome(severity, found.fixed.is_some());
        let mut line = HazardLine {
            item: found.judged.item.clone(),
            path: found.judged.path.clone(),
            label: found.label.clone(),
            severity,
            outcome: becomes,
            hazard: None,
            incident: None,
            due: None,
            known: false,
        };
        if becomes == Outcome::Noted {
            return Ok(line);
        }
        let (hazard, incident) = ids;
        line.hazard = Some(hazard);
        line.due = (becomes == Outcome::Rectifying).then(|| self.due_day(scene.day, &found.judged.rules));
        bundle.next_unit();
        let category = found.judged.rules.category.as_deref();
        let known = category.filter(|code| self.dictionaries().taxonomy.category(code).is_some());
        if becomes == Outcome::Rectifying && known.is_some() {
            line.incident = Some(incident);
        }
        let body = hazard_body(scene, found, &line);
        let grid = scene.grid.clone();
        let create = Action::Create { grid, body };
        bundle.add(&Kind::of(Kind::HAZARD), hazard, create, Lane::P1, found.cited.clone())?;
        if let (Some(_), Some(code)) = (line.incident, known) {
            self.open_incident(bundle, scene, found, (hazard, incident), code)?;
        }
        Ok(line)
    }

    /// The last day to put a hazard right, by the working calendar in force; in a year it does not know, Monday to Friday.
    fn due_day(&self, found: NaiveDate, rules: &ItemRules) -> NaiveDate {
        let calendar = &self.dictionaries().calendar;
        due(found, rules, |day| {
            calendar.is_work_day(day).unwrap_or_else(|_| weekday(day))
        })
    }

    fn open_incident(
        &self,
        bundle: &mut Bundle<'_, '_>,
        scene: &Scene,
        found: &Found,
        (hazard, incident): (RecordId, RecordId),
        code: &str,
    ) -> Result<(), AppError> {
        let point = scene.point.ok_or(InspectError::NoPosition)?;
        let dictionaries = self.dictionaries();
        let category = dictionaries.taxonomy.category(code).ok_or(AppError::UnknownCategory)?;
        let (severity, least) = incident_severity(found.judged.severity());
        let urgency = least
            .filter(|_| category.urgency != "CRITICAL")
            .unwrap_or(&category.urgency);
        let body = body(json!({
            "category": code, "filed_under": dictionaries.taxonomy.snapshot(code),
            "title": cut(&format!("{}:{}", scene.place_name, found.label), TITLE_CHARS),
            "description": cut(&description(scene, found), DESCRIPTION_CHARS),
            "point": point, "severity": severity, "urgency": urgency, "channel": "INSPECTION",
            "reporter": scene.staff, "found_at": scene.now, "place": scene.place,
            "inspection_ref": scene.inspection, "hazard": hazard, "attachments": found.photos
        }));
        let kind = Kind::of(Kind::INCIDENT);
        let lane = if found.judged.severity() >= 3 {
            Lane::P0
        } else {
            Lane::P1
        };
        let grid = scene.grid.clone();
        let create = bundle.add(
            &kind,
            incident,
            Action::Create { grid, body },
            lane,
            found.cited.clone(),
        )?;
        let me = self.actor()?.staff;
        let hand = Hand {
            actor: &me,
            effects: &effects,
        };
        let drafted = overlay(None, &[&create], &hand).ok_or(AppError::NotFound)?;
        let submit = self.judged(&drafted, "T02_SUBMIT", Body::new(), Body::new())?;
        bundle.add(&kind, incident, submit, lane, Vec::new())?;
        Ok(())
    }

    /// Looks at a hazard that was open before: cleared when its item is in order now, otherwise seen again, without a second
    /// hazard or incident.
    pub(super) fn revisit(
        &self,
        bundle: &mut Bundle<'_, '_>,
        scene: &Scene,
        open: &View,
        still: Option<&Found>,
        correction: bool,
    ) -> Result<(), AppError> {
        let before = &open.record.body;
        let times = before.get("rechecks").and_then(Value::as_u64).unwrap_or(0) + 1;
        let cleared =
            still.is_none_or(|found| outcome(found.judged.severity(), found.fixed.is_some()) != Outcome::Rectifying);
        let set = match (cleared, still) {
            (true, _) => json!({
                "state": if correction { "WITHDRAWN" } else { "CLEARED" }, "cleared_by": scene.inspection,
                "cleared_at": scene.now, "on_site": still.and_then(|found| found.fixed.clone())
            }),
            (false, Some(found)) => json!({
                "state": "RECHECK", "rechecks": times, "seen_by": scene.inspection,
                "due": self.due_day(scene.day, &found.judged.rules)
            }),
            (false, None) => return Ok(()),
        };
        bundle.next_unit();
        let (base, set) = crate::app::registry::difference(before, body(set));
        let cited = still.map(|found| found.cited.clone()).unwrap_or_default();
        bundle.add(
            &open.record.kind,
            open.record.id,
            Action::Patch { base, set },
            Lane::P1,
            cited,
        )?;
        self.tell_incident(bundle, scene, before, cleared, correction)
    }

    /// A note at the hazard's incident, when this phone has it.
    fn tell_incident(
        &self,
        bundle: &mut Bundle<'_, '_>,
        scene: &Scene,
        hazard: &Body,
        cleared: bool,
        correction: bool,
    ) -> Result<(), AppError> {
        let named = hazard
            .get("incident")
            .and_then(Value::as_str)
            .and_then(|id| id.parse().ok());
        let Some(view) = named.map(|id: RecordId| self.record(id)).transpose().or_else(absent)? else {
            return Ok(());
        };
        let text = match (correction, cleared) {
            (true, _) => "检查结果已更正,该隐患不成立。",
            (false, true) => "复查:隐患已消除。",
            (false, false) => "复查:隐患仍未消除。",
        };
        let id = bundle.note_id();
        let item = json!({"id": id, "text": text, "at": scene.now, "inspection": scene.inspection});
        let append = Action::Append {
            list: "notes".into(),
            item,
        };
        bundle.add(&view.record.kind, view.record.id, append, Lane::P1, Vec::new())?;
        Ok(())
    }
}

/// An incident that this phone does not hold is no failure.
fn absent(error: AppError) -> Result<Option<View>, AppError> {
    match error {
        AppError::NotFound => Ok(None),
        other => Err(other),
    }
}

fn hazard_body(scene: &Scene, found: &Found, line: &HazardLine) -> Body {
    let photos: Vec<&Value> = found.photos.iter().filter_map(|photo| photo.get("sha256")).collect();
    body(json!({
        "inspection": scene.inspection, "place": scene.place, "place_name": scene.place_name, "form": scene.form,
        "item": line.item, "path": line.path, "title": line.label, "answer": found.answer,
        "severity": line.severity, "critical": found.judged.rules.critical, "state": line.outcome,
        "found_at": scene.now, "found_on": scene.day, "due": line.due, "incident": line.incident,
        "on_site": found.fixed, "photos": photos, "point": scene.point, "attachments": found.photos
    }))
}

fn description(scene: &Scene, found: &Found) -> String {
    let fixed = found
        .fixed
        .as_ref()
        .map(|note| format!(";已当场处置:{note}"))
        .unwrap_or_default();
    format!(
        "{}发现隐患:{};现场情况:{}{fixed}",
        scene.form_title, found.label, found.answer
    )
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// A body without the fields that are not known.
pub(super) fn body(value: Value) -> Body {
    match value {
        Value::Object(map) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Body::new(),
    }
}

/// Items of an attachments list for the photos of one hazard: each keeps what intake wrote, with the role it has here.
pub(super) fn photos_of(attachments: &[Value], placed: &[&Placed], fresh: impl Fn() -> RecordId) -> Vec<Value> {
    let item = |photo: &&Placed| {
        let hash = photo.sha256.to_string();
        let mut item = attachments
            .iter()
            .find(|a| a.get("sha256").and_then(Value::as_str) == Some(&hash))?
            .clone();
        let map = item.as_object_mut()?;
        map.insert("id".into(), json!(fresh()));
        map.insert("role".into(), json!(photo.role));
        Some(item)
    };
    placed.iter().filter_map(item).collect()
}

/// The files that such items cite.
pub(super) fn cited(photos: &[Value]) -> Vec<BlobRef> {
    photos
        .iter()
        .filter_map(|photo| serde_json::from_value(photo.clone()).ok())
        .collect()
}
