//! Correcting an inspection after it was finished: a new version with a reason, which also corrects registry, hazards and
//! incidents. The version before stays as it was sent and names its successor.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Purpose;
use super::error::InspectError;
use super::last::answers_of;
use super::migrate::carry;
use super::rows;
use super::start::Carried;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::Session;
use crate::model::ids::RecordId;
use crate::model::record::{Body, Kind, Record};
use crate::model::time::UtcMillis;
use crate::store::sheets::{self, Visit};

impl Engine {
    /// Begins a correction: a draft with the answers, photos and notes of the inspection. Finish it like any other; with an
    /// answer changed, the registry is changed with it, and hazards that were none are taken back.
    ///
    /// # Errors
    /// [`InspectError::CorrectionReason`], [`InspectError::Corrected`] when a later version is there,
    /// [`InspectError::UnknownForm`] when this phone does not have the version it was filled in with, [`AppError::NotFound`].
    pub fn inspect_correct(&self, inspection: RecordId, reason: &str) -> Result<RecordId, AppError> {
        if reason.trim().is_empty() {
            return Err(InspectError::CorrectionReason.into());
        }
        let record = self.living(inspection)?.record;
        let finished = record.kind.is(Kind::INSPECTION) && record.body.contains_key("result");
        if !finished {
            return Err(AppError::NotFound);
        }
        if record.body.contains_key("corrected_by") {
            return Err(InspectError::Corrected.into());
        }
        let version = record.body.get("version").and_then(Value::as_u64).unwrap_or(1);
        let purpose = Purpose::Correction {
            of: inspection,
            version: u32::try_from(version).unwrap_or(1).saturating_add(1),
            reason: reason.trim().to_owned(),
        };
        let digest = text(&record.body, "form_digest");
        if self
            .store
            .read(|r| crate::store::forms::by_digest(r, &digest))?
            .is_none()
        {
            let form = text(&record.body, "form");
            return Err(InspectError::UnknownForm { form }.into());
        }
        let known = self.known_form(&digest)?;
        let session = self.session_of(&record, Arc::clone(&known.form))?;
        let carried = Carried {
            photos: list(&record.body, "placed"),
            fixes: list(&record.body, "fixed"),
            attachments: list(&record.body, "attachments"),
            ..Carried::default()
        };
        let visit = self.visit_of(&record)?;
        self.write_down(known, session, visit, purpose, carried)
    }

    /// The session of a finished inspection: as this phone left it, or grown anew from its answers.
    pub(super) fn session_of(&self, record: &Record, form: Arc<crate::forms::Form>) -> Result<Session, AppError> {
        let language = text(&record.body, "language");
        let setting = self.setting(Some(&language))?;
        let rows = self.store.read(|r| sheets::nodes(r, record.id))?;
        if let Ok(draft) = rows::gather(&rows)
            && draft.form == form.digest
        {
            return Ok(Session::resume(form, setting, &draft).map_err(InspectError::from)?);
        }
        let mut session = Session::open(form, setting);
        let answers: Vec<(String, String)> = answers_of(&record.body).into_iter().collect();
        carry(&mut session, &answers);
        Ok(session)
    }

    /// The visit of a finished inspection; one of another phone is written down here.
    fn visit_of(&self, record: &Record) -> Result<(Visit, bool), AppError> {
        let id: RecordId = text(&record.body, "visit").parse()?;
        match self.store.read(|r| sheets::visit(r, id)) {
            Ok(visit) => Ok((visit, true)),
            Err(crate::store::StoreError::NotFound) => {
                let started = record.body.get("started_at").and_then(Value::as_i64).unwrap_or(0);
                let visit = Visit {
                    id,
                    place: text(&record.body, "place").parse().ok(),
                    grid: record.grid.clone().ok_or(AppError::OutsideDistrict)?,
                    started_at: UtcMillis(started),
                    ended_at: None,
                    doc: json!({"check_in": record.body.get("check_in")}),
                };
                Ok((visit, false))
            }
            Err(other) => Err(other.into()),
        }
    }
}

pub(super) fn text(body: &Body, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<T: serde::de::DeserializeOwned + Default>(body: &Body, name: &str) -> T {
    body.get(name)
        .and_then(|value| serde_json::from_value(value.clone()).ok())
        .unwrap_or_default()
}
