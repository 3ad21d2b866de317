//! The last visit of a place: its answers and photos to look at, and to take over where nothing has changed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::photos::beside;
use super::start::accepted;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::Definition;
use crate::model::ids::RecordId;
use crate::model::record::Body;
use crate::store::inspections;
use crate::store::sheets::{self, Entry, Placed};

/// What the last finished inspection of the same place with the same checklist said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastVisit {
    /// That inspection.
    pub inspection: RecordId,
    /// Its day.
    pub day: String,
    /// Its answers, by the paths that the draft's version has for their items.
    pub answers: BTreeMap<String, String>,
    /// Its photos.
    pub photos: Vec<Placed>,
}

impl Engine {
    /// The last visit of a draft's place with the same checklist, also one made by somebody else.
    ///
    /// # Errors
    /// Those of the store.
    pub fn inspect_last(&self, sheet: RecordId) -> Result<Option<LastVisit>, AppError> {
        let sheet = self.sheet(sheet)?;
        let found = self.store.read(|r| {
            let Some(place) = sheets::visit(r, sheet.visit)?.place else {
                return Ok(None);
            };
            let Some(form) = crate::store::forms::by_digest(r, &sheet.form)? else {
                return Ok(None);
            };
            inspections::last_of(r, place, &form.form)
        })?;
        let known = self.known_form(&sheet.form)?;
        Ok(found.map(|view| {
            let body = &view.record.body;
            let now = |path: &str| path_now(&known.definition, body, path);
            let mut photos: Vec<Placed> = body
                .get("placed")
                .and_then(|p| serde_json::from_value(p.clone()).ok())
                .unwrap_or_default();
            photos.iter_mut().for_each(|photo| photo.path = now(&photo.path));
            LastVisit {
                inspection: view.record.id,
                day: body.get("day").and_then(Value::as_str).unwrap_or_default().to_owned(),
                answers: answers_of(body)
                    .into_iter()
                    .map(|(path, value)| (now(&path), value))
                    .collect(),
                photos,
            }
        }))
    }

    /// Confirms that answers are as they were: takes them over from the last visit, all that are open or those named. Photos
    /// are never taken over; evidence is of today. Gives the paths that were taken over.
    ///
    /// # Errors
    /// [`super::InspectError::NotADraft`], [`AppError::NotFound`] when there was no earlier visit.
    pub fn inspect_confirm(&self, sheet: RecordId, paths: &[String]) -> Result<Vec<String>, AppError> {
        let last = self.inspect_last(sheet)?.ok_or(AppError::NotFound)?;
        let user = self.user()?;
        let now = self.moment()?;
        self.with_live(sheet, |live| {
            let uploads: Vec<String> = last
                .photos
                .iter()
                .filter_map(|photo| live.upload_of(&photo.path))
                .collect();
            let mut taken = Vec::new();
            // an answer may make later questions relevant: go round until nothing more is taken
            loop {
                let before = taken.len();
                for (path, value) in last.answers.iter().filter(|(path, _)| !uploads.contains(path)) {
                    let wanted = if paths.is_empty() {
                        live.session.value(path).is_none()
                    } else {
                        paths.contains(path)
                    };
                    if wanted && !taken.contains(path) && accepted(live.session.answer(path, value)) {
                        taken.push(path.clone());
                    }
                }
                if taken.len() == before {
                    break;
                }
            }
            self.store.write(|w| {
                live.commit(w)?;
                for path in &taken {
                    let entry = Entry {
                        event: "confirmed unchanged".into(),
                        node: path.clone(),
                        start: now.0,
                        new_value: live.session.value(path),
                        user: user.clone(),
                        ..Entry::default()
                    };
                    sheets::log(w, sheet, &entry)?;
                }
                Ok::<_, AppError>(())
            })?;
            Ok(taken)
        })
    }
}

/// The path that another version of the form has for what an inspection answered at a path, by the stable id of its item.
fn path_now(definition: &Definition, inspection: &Body, path: &str) -> String {
    let answers = inspection.get("answers").and_then(Value::as_array);
    let there = answers
        .into_iter()
        .flatten()
        .find(|answer| answer.get("path").and_then(Value::as_str) == Some(path));
    let item = there.and_then(|answer| answer.get("item")).and_then(Value::as_str);
    let mut binds = definition.binds.iter();
    let bind = binds.find(|bind| item.is_some() && bind.grid.as_ref().and_then(|grid| grid.item.as_deref()) == item);
    bind.map_or_else(|| path.to_owned(), |bind| beside(path, &bind.nodeset))
}

/// Answers of an inspection's body by path.
pub(super) fn answers_of(body: &Body) -> BTreeMap<String, String> {
    let answers = body.get("answers").and_then(Value::as_array);
    let pair = |answer: &Value| {
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((text("path")?, text("value")?))
    };
    answers.into_iter().flatten().filter_map(pair).collect()
}
