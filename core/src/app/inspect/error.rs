//! Why a checklist, a plan or a patrol does not go on. Nothing that was answered is lost by any of them.

use serde::Serialize;

use crate::forms::session::DraftError;
use crate::forms::{Outcome, Refused};
use crate::model::fault::{Coded, Fault};
use crate::rules::finding::Finding;
use crate::rules::patrol::TrackError;

/// What stands in the way of finishing, as a jump list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Path of the question.
    pub path: String,
    /// The question in the language of the sheet.
    pub label: String,
    /// Stable code: `missing_required`, `missing_constraint`, `missing_photos`, `missing_before_after`, or that of a registry
    /// rule the answer breaks.
    pub code: String,
    /// What the form's author says about it, in the language of the sheet.
    pub message: Option<String>,
    /// Photos needed and there, when photos are missing.
    pub photos: Option<(u32, u32)>,
}

/// Why it does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// No checklist of that id or digest.
    #[error("no such checklist")]
    UnknownForm {
        /// The id asked for.
        form: String,
    },
    /// A checklist that cannot be used.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A document that is no GF/1.
    #[error("the document is no checklist")]
    NotAForm,
    /// A document that is not the one its digest names.
    #[error("the document is not the one its digest names")]
    WrongDigest,
    /// The sheet is finished or given up.
    #[error("the sheet is no draft any more")]
    NotADraft,
    /// A stored sheet that cannot go on as it is.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Too far from the place, no code of its plate, and no reason given.
    #[error("the check-in needs a reason")]
    ReasonNeeded {
        /// Metres from the place, when known.
        distance_m: Option<u32>,
    },
    /// An answer that was not taken; the one before stays.
    #[error("the answer was not taken: {}", outcome.word())]
    Answer {
        /// Path of the question.
        path: String,
        /// Why.
        outcome: Outcome,
        /// What the form's author says about it, in the language of the sheet.
        message: Option<String>,
    },
    /// The sheet cannot be finished yet.
    #[error("{} questions stand in the way", missing.len())]
    Incomplete {
        /// All of them, in the order of the form.
        missing: Vec<Missing>,
    },
    /// Only a hazard whose item allows it can be put right on the spot.
    #[error("this cannot be put right on the spot")]
    NotFixable,
    /// The sheet is on the current version already.
    #[error("the sheet is on the current version")]
    SameVersion,
    /// The sheet never moved to another version.
    #[error("there is nothing to take back")]
    NothingToUndo,
    /// No position is known for what has to be reported.
    #[error("no position is known")]
    NoPosition,
    /// The inspection was corrected already; correct its last version.
    #[error("the inspection was corrected already")]
    Corrected,
    /// A correction needs a reason.
    #[error("a correction needs a reason")]
    CorrectionReason,
    /// The inspection is larger than a record may be.
    #[error("the inspection is too large to be sent")]
    TooLarge,
    /// A plan or route that contradicts itself.
    #[error("{} rules of the plan contradict each other", findings.len())]
    Plan {
        /// What is wrong with which field.
        findings: Vec<Finding>,
    },
    /// A plan or route that does not read as one.
    #[error("the document is no plan")]
    NotAPlan,
    /// The patrol has ended.
    #[error("the patrol has ended")]
    PatrolEnded,
    /// The route has no such point.
    #[error("the route has no such point")]
    NoSuchPoint,
    /// A stored track that cannot be read.
    #[error(transparent)]
    Track(#[from] TrackError),
}

impl Coded for InspectError {
    fn fault(&self) -> Fault {
        match self {
            Self::UnknownForm { form } => Fault::of("form_unknown").with("form", form),
            Self::Refused(refused) => refused.fault(),
            Self::NotAForm => Fault::of("form_not_gf1"),
            Self::WrongDigest => Fault::of("form_wrong_digest"),
            Self::NotADraft => Fault::of("sheet_not_a_draft"),
            Self::Draft(error) => error.fault(),
            Self::ReasonNeeded { distance_m } => {
                Fault::of("check_in_reason").with("metres", distance_m.map_or_else(|| "?".into(), |m| m.to_string()))
            }
            Self::Answer { path, outcome, .. } => answer_fault(*outcome).with("path", path),
            Self::Incomplete { missing } => Fault::of("sheet_incomplete").with("count", missing.len()),
            Self::NotFixable => Fault::of("not_fixable"),
            Self::SameVersion => Fault::of("sheet_same_version"),
            Self::NothingToUndo => Fault::of("sheet_nothing_to_undo"),
            Self::NoPosition => Fault::of("inspection_without_position"),
            Self::Corrected => Fault::of("inspection_corrected"),
            Self::CorrectionReason => Fault::of("correction_reason"),
            Self::TooLarge => Fault::of("inspection_too_large"),
            Self::Plan { findings } => Fault::of("plan_refused").with("count", findings.len()),
            Self::NotAPlan => Fault::of("plan_unreadable"),
            Self::PatrolEnded => Fault::of("patrol_ended"),
            Self::NoSuchPoint => Fault::of("patrol_no_such_point"),
            Self::Track(error) => error.fault(),
        }
    }
}

impl InspectError {
    /// More than the message: the author's words, every question that is missing, every rule of a plan.
    #[must_use]
    pub(in crate::app) fn detail(&self, text: &dyn Fn(&str) -> String) -> Option<String> {
        match self {
            Self::Answer { message, .. } => message.clone(),
            Self::Incomplete { missing } => {
                let why = |lack: &Missing| lack.message.clone().unwrap_or_else(|| text(&lack.code));
                let lines = missing
                    .iter()
                    .map(|lack| format!("{} {}: {} [{}]", lack.path, lack.label, why(lack), lack.code));
                Some(lines.collect::<Vec<_>>().join("; "))
            }
            Self::Plan { findings } => {
                let lines = findings
                    .iter()
                    .map(|f| format!("{}: {} [{}]", f.field, text(&f.code), f.code));
                Some(lines.collect::<Vec<_>>().join("; "))
            }
            Self::Refused(refused) => Some(refused.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
            _ => None,
        }
    }
}

impl InspectError {
    /// What is wrong at which path, by code.
    pub(in crate::app) fn codes(&self) -> Vec<(String, String)> {
        match self {
            Self::Answer { path, outcome, .. } => vec![(path.clone(), answer_fault(*outcome).code.to_owned())],
            Self::Incomplete { missing } => missing.iter().map(|m| (m.path.clone(), m.code.clone())).collect(),
            Self::Plan { findings } => findings.iter().map(|f| (f.field.clone(), f.code.clone())).collect(),
            _ => Vec::new(),
        }
    }
}

fn answer_fault(outcome: Outcome) -> Fault {
    match outcome {
        Outcome::Required => Fault::of("answer_required"),
        Outcome::Constraint => Fault::of("answer_constraint"),
        Outcome::NotAChoice => Fault::of("answer_not_a_choice"),
        Outcome::BadType => Fault::of("answer_bad_type"),
        Outcome::ReadOnly => Fault::of("answer_read_only"),
        Outcome::NotRelevant => Fault::of("answer_not_relevant"),
        Outcome::NotAllowed => Fault::of("repeat_not_allowed"),
        Outcome::NoSuchQuestion => Fault::of("answer_no_question"),
        Outcome::Accepted | Outcome::Failed => Fault::of("answer_failed"),
    }
}
