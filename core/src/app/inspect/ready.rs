//! Everything that finishing reads before its transaction, and what an inspection says whatever was answered.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::error::Missing;
use super::finish::Finished;
use super::hazards::{HazardLine, Scene, body};
use super::live::Live;
use super::start::point_of;
use super::{Purpose, registry};
use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::ids::RecordId;
use crate::model::record::{Body, Record};
use crate::rules::validate::china_day;
use crate::store::inspections;
use crate::store::records::View;
use crate::store::sheets::{self, Placed, Visit};

/// Everything that is read before the transaction.
pub(super) struct Ready {
    pub(super) visit: Visit,
    pub(super) place: Option<Record>,
    pub(super) photos: Vec<Placed>,
    pub(super) fixes: BTreeMap<String, String>,
    pub(super) attachments: Vec<Value>,
    pub(super) open: Vec<View>,
    pub(super) scene: Scene,
    pub(super) purpose: Purpose,
    /// The version that is corrected.
    pub(super) corrected: Option<View>,
}

impl Engine {
    pub(super) fn ready(&self, id: RecordId) -> Result<Ready, AppError> {
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
        let fixed_at = visit.doc.get("check_in").and_then(Value::as_object).and_then(point_of);
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
    pub(super) fn hazards_named(&self, inspection: &Body) -> Result<Vec<View>, AppError> {
        let lines = inspection
            .get("hazards")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let ids = lines.filter_map(|line| line.get("hazard")?.as_str()?.parse().ok());
        ids.map(|id| self.record(id)).collect()
    }

    /// What the answers want to change in the registry.
    pub(super) fn wanted(&self, live: &Live, ready: &Ready) -> Vec<(String, String, Option<Value>)> {
        let Some(place) = &ready.place else { return Vec::new() };
        registry::saved(
            &self.dictionaries().schema,
            &live.known.definition,
            place,
            &live.session,
        )
    }

    /// Answers that the registry would refuse. What was wrong there before and is not touched does not stand in the way.
    pub(super) fn unfit(
        &self,
        live: &mut Live,
        ready: &Ready,
        wanted: &[(String, String, Option<Value>)],
    ) -> Vec<Missing> {
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
}

impl Ready {
    /// What an inspection says whatever was answered.
    pub(super) fn head(&self, live: &Live) -> Body {
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
    pub(super) fn fill(&self, body: &mut Body, live: &Live, finished: &Finished, lines: &[HazardLine]) {
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
