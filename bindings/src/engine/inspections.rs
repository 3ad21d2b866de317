//! Inspections: a checklist filled in item by item. Every answer is on the disk before its call returns; there is no save button.

use fushan_grid_core::app::inspect::{Arrival, NewSheet, Stamp};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::patrol;
use fushan_grid_core::store::sheets::Placed;

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{
    AnswerStamp, AnswerTaken, ArrivalAt, ChecklistVersion, EarlierVisit, FinishedInspection, Fix, InspectionRead,
    NoAnswer, SheetScreen, SheetStart, SheetSummary, id, maybe_id, record_id,
};

#[uniffi::export]
impl Engine {
    /// All versions of all checklists on this phone.
    pub fn checklists(&self) -> Result<Vec<ChecklistVersion>, GridError> {
        Ok(self.core()?.forms()?.into_iter().map(ChecklistVersion::from).collect())
    }

    /// Installs a checklist given as GF/1; new sheets use it, drafts stay with the version they were begun on.
    pub fn checklist_install(&self, document: String) -> Result<ChecklistVersion, GridError> {
        Ok(self.core()?.form_install(&document)?.version.into())
    }

    /// Begins a sheet. Fields that the registry knows are filled in. Fails with the code `check_in_reason` when the worker is too
    /// far from the place and gives no reason.
    pub fn inspect_start(&self, start: SheetStart) -> Result<String, GridError> {
        let new = NewSheet {
            form: start.form,
            place: maybe_id(start.place)?,
            arrival: self.arrival(start.arrival)?,
            visit: maybe_id(start.visit)?,
            language: start.language,
        };
        Ok(self.core()?.inspect_start(&new)?.to_string())
    }

    /// Begins the second look at a hazard: the same checklist at the same place.
    pub fn inspect_recheck(&self, hazard: String, arrival: ArrivalAt) -> Result<String, GridError> {
        let arrival = self.arrival(arrival)?;
        Ok(self.core()?.inspect_recheck(record_id(&hazard)?, arrival)?.to_string())
    }

    /// Begins a correction of a finished inspection: a draft with its answers, photos and notes.
    pub fn inspect_correct(&self, inspection: String, reason: String) -> Result<String, GridError> {
        Ok(self
            .core()?
            .inspect_correct(record_id(&inspection)?, &reason)?
            .to_string())
    }

    /// Drafts, the one touched last first.
    pub fn inspect_drafts(&self) -> Result<Vec<SheetSummary>, GridError> {
        Ok(self
            .core()?
            .inspect_drafts()?
            .into_iter()
            .map(SheetSummary::from)
            .collect())
    }

    /// A draft as a screen shows it.
    pub fn inspect_show(&self, sheet: String) -> Result<SheetScreen, GridError> {
        Ok(self.core()?.inspect_show(record_id(&sheet)?)?.into())
    }

    /// Answers a question with the text that a submission would hold; the empty text clears the answer. A refused answer is an
    /// error with the author's message, and the answer before stays.
    #[uniffi::method(default(stamp = None))]
    pub fn inspect_answer(
        &self,
        sheet: String,
        path: String,
        value: String,
        stamp: Option<AnswerStamp>,
    ) -> Result<AnswerTaken, GridError> {
        let stamp = self.stamp(stamp)?;
        Ok(self
            .core()?
            .inspect_answer(record_id(&sheet)?, &path, &value, stamp)?
            .into())
    }

    /// Adds an instance at the end of a repeat; the path names the repeat without its last position.
    pub fn inspect_add_repeat(&self, sheet: String, path: String) -> Result<(), GridError> {
        Ok(self.core()?.inspect_add_repeat(record_id(&sheet)?, &path)?)
    }

    /// Removes an instance of a repeat. Its photos stay with the inspection.
    pub fn inspect_remove_repeat(&self, sheet: String, path: String) -> Result<(), GridError> {
        Ok(self.core()?.inspect_remove_repeat(record_id(&sheet)?, &path)?)
    }

    /// Takes a photo from its item. It stays with the inspection as evidence that was taken.
    pub fn inspect_unplace(&self, sheet: String, path: String, sha256: String, role: String) -> Result<(), GridError> {
        let sha256 = id::<BlobHash>(&sha256)?;
        Ok(self
            .core()?
            .inspect_unplace(record_id(&sheet)?, &Placed { path, sha256, role })?)
    }

    /// Notes that a hazard was put right before the worker's eyes; finishing asks for a photo before and one after. An empty note
    /// takes it back.
    pub fn inspect_fixed(&self, sheet: String, path: String, note: String) -> Result<(), GridError> {
        Ok(self.core()?.inspect_fixed(record_id(&sheet)?, &path, &note)?)
    }

    /// What the last inspection of the same place with the same checklist said; nothing when there was none.
    pub fn inspect_last(&self, sheet: String) -> Result<Option<EarlierVisit>, GridError> {
        Ok(self.core()?.inspect_last(record_id(&sheet)?)?.map(EarlierVisit::from))
    }

    /// Confirms that answers are as they were: takes them over from the last inspection, those named or, with no name, all that
    /// are open. Photos are never taken over. Gives the paths taken over.
    pub fn inspect_confirm(&self, sheet: String, paths: Vec<String>) -> Result<Vec<String>, GridError> {
        Ok(self.core()?.inspect_confirm(record_id(&sheet)?, &paths)?)
    }

    /// Moves a draft to the version that new sheets use; `inspect_migrate_undo` takes it back. Gives the paths of answers that have
    /// no place in it.
    pub fn inspect_migrate(&self, sheet: String) -> Result<Vec<String>, GridError> {
        let moved = self.core()?.inspect_migrate(record_id(&sheet)?)?;
        Ok(moved.lost.into_iter().map(|lost| lost.path).collect())
    }

    /// Takes the last move to another version back.
    pub fn inspect_migrate_undo(&self, sheet: String) -> Result<(), GridError> {
        self.core()?.inspect_migrate_undo(record_id(&sheet)?)?;
        Ok(())
    }

    /// Finishes a draft: inspection, hazards, incidents and registry changes in one group. What is missing comes as problems of
    /// the error `Invalid`, and the draft stays as it is.
    pub fn inspect_finish(&self, sheet: String) -> Result<FinishedInspection, GridError> {
        Ok(self.core()?.inspect_finish(record_id(&sheet)?)?.into())
    }

    /// Ends a visit at which nothing could be answered. It does not count as done.
    pub fn inspect_no_answer(
        &self,
        sheet: String,
        why: NoAnswer,
        note: String,
    ) -> Result<FinishedInspection, GridError> {
        Ok(self
            .core()?
            .inspect_no_answer(record_id(&sheet)?, why.into(), &note)?
            .into())
    }

    /// Gives a draft up. Its answers stay on this phone and nothing is sent.
    pub fn inspect_drop(&self, sheet: String) -> Result<(), GridError> {
        Ok(self.core()?.inspect_drop(record_id(&sheet)?)?)
    }

    /// A finished inspection for reading.
    pub fn inspection(&self, id: String) -> Result<InspectionRead, GridError> {
        Ok(self.core()?.inspection_report(record_id(&id)?)?.into())
    }
}

impl Engine {
    fn arrival(&self, arrival: ArrivalAt) -> Result<Arrival, GridError> {
        let fix = arrival.fix.or_else(|| self.senses.fix());
        Ok(Arrival {
            fix: fix.map(|fix| self.stood(&fix)).transpose()?,
            code: arrival.code,
            reason: arrival.reason,
            rural: arrival.rural,
        })
    }

    fn stamp(&self, stamp: Option<AnswerStamp>) -> Result<Stamp, GridError> {
        let Some(stamp) = stamp else {
            return Ok(Stamp::default());
        };
        Ok(Stamp {
            shown_at: stamp.shown_ms.map(UtcMillis),
            fix: stamp.fix.map(|fix| self.stood(&fix)).transpose()?,
        })
    }

    fn stood(&self, fix: &Fix) -> Result<patrol::Fix, GridError> {
        fix.on_patrol(self.env.clock.monotonic_ms(), self.env.clock.wall())
    }
}
