//! Finishing: the sheet becomes an inspection; its hazards, their incidents and the registry follow in the same transaction.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Purpose;
use super::bundle::Bundle;
use super::error::{InspectError, Missing};
use super::live::Live;
use super::outcome::cleared;
use super::ready::Ready;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::app::pen::Pen;
use crate::forms::score::{Score, score};
use crate::model::ids::RecordId;
use crate::model::op::{Action, Operation};
use crate::model::record::Body;
use crate::store::sheets::{self, Entry, SheetState};
use crate::store::{StoreError, Writer, ops};
use crate::wire::limits;

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
                self.seal(&mut body)?;
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
        self.seal(&mut body)?;
        if serde_json::to_vec(&body).map_err(StoreError::from)?.len() > limits::BODY_BYTES {
            return Err(InspectError::TooLarge.into());
        }
        bundle.store(w, filled_draft(w, live.sheet.id, body)?)?;
        live.commit(w)?;
        self.close(w, live, ready, "form finalize")?;
        Ok(finished)
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

/// The operation that makes the inspection, with its final body.
fn filled_draft(w: &Writer<'_>, id: RecordId, fresh: Body) -> Result<Operation, AppError> {
    let mut draft = ops::draft_of(w, id)?.ok_or(AppError::NotFound)?;
    if let Action::Create { body, .. } = &mut draft.action {
        *body = fresh;
    }
    Ok(draft)
}
