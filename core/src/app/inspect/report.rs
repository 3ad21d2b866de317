//! A finished inspection for reading: what was asked and answered, what was found, and what has become of it.

use serde::Serialize;
use serde_json::Value;

use super::correct::text;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::session::{Screen, View};
use crate::model::ids::RecordId;
use crate::model::record::{Body, Kind};
use crate::store::inspections;

/// A finished inspection for reading.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InspectionReport {
    /// The inspection.
    pub id: RecordId,
    /// Its body, as it travels.
    pub body: Body,
    /// Questions and answers in the language it was filled in, in the order of the form; empty when this phone does not have
    /// the version of the form.
    pub lines: Vec<Answer>,
    /// Its hazards as they stand now.
    pub hazards: Vec<Value>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Path.
    pub path: String,
    /// Heading or question.
    pub label: String,
    /// Heading of a group or an instance of a repeat.
    pub heading: bool,
    /// The answer as people read it.
    pub answer: String,
}

impl Engine {
    /// A finished inspection for reading.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn inspection_report(&self, id: RecordId) -> Result<InspectionReport, AppError> {
        let record = self.record(id)?.record;
        if !record.kind.is(Kind::INSPECTION) || !record.body.contains_key("result") {
            return Err(AppError::NotFound);
        }
        let digest = text(&record.body, "form_digest");
        let here = self
            .store
            .read(|r| crate::store::forms::by_digest(r, &digest))?
            .is_some();
        let lines = if here {
            let mut session = self.session_of(&record, self.known_form(&digest)?.form.clone())?;
            session.views().into_iter().filter_map(answer).collect()
        } else {
            Vec::new()
        };
        let hazards = self.store.read(|r| inspections::hazards_of(r, id))?;
        Ok(InspectionReport {
            id,
            lines,
            hazards: hazards
                .into_iter()
                .map(|view| Value::Object(view.record.body))
                .collect(),
            body: record.body,
        })
    }
}

pub(super) fn answer(view: View) -> Option<Answer> {
    let label = view.label.unwrap_or_default();
    let (heading, answer) = match view.screen {
        Screen::NewRepeat => return None,
        Screen::Group | Screen::Repeat { .. } => (true, String::new()),
        Screen::Question(question) => {
            let value = question.answer.unwrap_or_default();
            let offers = question.choices.unwrap_or_default();
            let said = |value: &str| {
                offers
                    .iter()
                    .find(|o| o.value == value)
                    .map_or(value, |o| o.label.as_str())
                    .to_owned()
            };
            let spoken: Vec<String> = if offers.is_empty() {
                vec![value]
            } else {
                value.split_whitespace().map(said).collect()
            };
            (false, spoken.join("、"))
        }
    };
    Some(Answer {
        path: view.path,
        label,
        heading,
        answer,
    })
}
