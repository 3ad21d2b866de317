//! Answering: tried against the form's rules, then committed with its line of the audit log.

use serde::Serialize;

use super::error::InspectError;
use super::live::Live;
use super::start::accepted;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::Outcome;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;
use crate::rules::patrol::Fix;
use crate::store::Writer;
use crate::store::sheets::{self, Entry};

/// Beside an answer, for the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// When the question was shown.
    pub shown_at: Option<UtcMillis>,
    /// Where the worker stood.
    pub fix: Option<Fix>,
}

/// What an answer has done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answered {
    /// Path of the question.
    pub path: String,
    /// The answer now, as a submission holds it.
    pub value: Option<String>,
    /// Whether it is a hazard.
    pub hazard: bool,
    /// Computations of the form that had no value; its author must mend them.
    pub failures: Vec<String>,
}

impl Engine {
    /// Answers a question with the text that a submission would hold; the empty text clears the answer. On return the answer
    /// is on the disk.
    ///
    /// # Errors
    /// [`InspectError::Answer`] with the reason and the author's message; the answer before stays.
    /// [`InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_answer(&self, sheet: RecordId, path: &str, value: &str, stamp: Stamp) -> Result<Answered, AppError> {
        let user = self.user()?;
        let now = self.moment()?;
        self.with_live(sheet, |live| {
            let old = live.session.value(path);
            let outcome = live.session.answer(path, value);
            let entry = entry(outcome, path, (old, live.session.value(path)), &user, now, stamp);
            self.store.write(|w| {
                live.commit(w)?;
                sheets::touch(w, sheet, path, now)?;
                Ok::<_, AppError>(sheets::log(w, sheet, &entry)?)
            })?;
            if !accepted(outcome) {
                return Ok(Err(refused(live, path, outcome)));
            }
            Ok(Ok(answered(live, path)))
        })?
        .map_err(AppError::from)
    }

    /// Adds an instance at the end of a repeat; the path names the repeat without its last position.
    ///
    /// # Errors
    /// [`InspectError::Answer`] when the form does not allow it.
    pub fn inspect_add_repeat(&self, sheet: RecordId, path: &str) -> Result<(), AppError> {
        self.repeat_step(
            sheet,
            path,
            "add repeat",
            |live| live.session.add_repeat(path),
            |_| Ok(()),
        )
    }

    /// Changes a repeat; `along` writes what moves with it, in the same transaction.
    pub(super) fn repeat_step(
        &self,
        sheet: RecordId,
        path: &str,
        event: &str,
        change: impl FnOnce(&mut Live) -> Outcome,
        along: impl FnOnce(&Writer<'_>) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        let user = self.user()?;
        let now = self.moment()?;
        self.with_live(sheet, |live| {
            let outcome = change(live);
            if !accepted(outcome) {
                return Ok(Err(refused(live, path, outcome)));
            }
            let entry = Entry {
                event: event.into(),
                ..entry(outcome, path, (None, None), &user, now, Stamp::default())
            };
            self.store.write(|w| {
                live.commit(w)?;
                along(w)?;
                sheets::touch(w, sheet, path, now)?;
                Ok::<_, AppError>(sheets::log(w, sheet, &entry)?)
            })?;
            Ok(Ok(()))
        })?
        .map_err(AppError::from)
    }
}

fn refused(live: &Live, path: &str, outcome: Outcome) -> InspectError {
    InspectError::Answer {
        path: path.to_owned(),
        outcome,
        message: live.message(path, outcome),
    }
}

fn answered(live: &mut Live, path: &str) -> Answered {
    let hazard = live
        .session
        .items()
        .iter()
        .any(|item| item.path == path && item.failed && !item.not_applicable);
    let failures = live.session.take_failures();
    Answered {
        path: path.to_owned(),
        value: live.session.value(path),
        hazard,
        failures: failures
            .into_iter()
            .map(|failure| format!("{}: {}", failure.path, failure.error))
            .collect(),
    }
}

/// The line of the audit log; a refused answer leaves one too, without its text.
fn entry(
    outcome: Outcome,
    path: &str,
    (old, new): (Option<String>, Option<String>),
    user: &str,
    now: UtcMillis,
    stamp: Stamp,
) -> Entry {
    let place = stamp.fix.map(|fix| fix.point.degrees(crate::model::geo::Crs::Cgcs2000));
    Entry {
        event: if accepted(outcome) {
            "question".into()
        } else {
            format!("{} error", outcome.word())
        },
        node: path.to_owned(),
        start: stamp.shown_at.unwrap_or(now).0,
        end: Some(now.0),
        latitude: place.map(|(_, lat)| lat),
        longitude: place.map(|(lon, _)| lon),
        accuracy: stamp.fix.map(|fix| fix.accuracy_m.into()),
        old_value: old,
        new_value: new.filter(|_| accepted(outcome)),
        user: user.to_owned(),
        change_reason: None,
    }
}

impl Live {
    /// What the form's author says when an answer is refused, in the language of the sheet.
    fn message(&self, path: &str, outcome: Outcome) -> Option<String> {
        let nodeset = super::photos::without_positions(path);
        let bind = self
            .known
            .definition
            .binds
            .iter()
            .find(|bind| bind.nodeset == nodeset)?;
        let message = match outcome {
            Outcome::Constraint => bind.constraint_message.as_deref(),
            Outcome::Required => bind.required_message.as_deref(),
            _ => None,
        }?;
        if message.starts_with("jr:itext(") {
            return self.session.evaluate(message, path).ok().map(|value| value.text);
        }
        Some(message.to_owned())
    }
}
