//! Inspections: a checklist filled in item by item.

use fushan_grid_core::app::inspect::{self as app, Missing};
use fushan_grid_core::forms::score::Score;
use fushan_grid_core::store::forms::FormVersion;
use fushan_grid_core::store::sheets::{Placed, Sheet, SheetState};

use super::basics::{Fix, json};
use super::incident::PhotoRef;
use super::registry::ids;

/// A version of a checklist on this phone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ChecklistVersion {
    /// Id of the checklist.
    pub form: String,
    /// Its title.
    pub title: String,
    /// What its author calls the version.
    pub version: Option<String>,
    /// Digest of the version.
    pub digest: String,
    /// Whether new sheets use it.
    pub current: bool,
}

/// A sheet to begin.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SheetStart {
    /// Id of the checklist.
    pub form: String,
    /// The place, dwelling, household … that is inspected; without one the position tells the grid.
    #[uniffi(default = None)]
    pub place: Option<String>,
    /// How the worker arrived.
    pub arrival: ArrivalAt,
    /// The visit it belongs to, when one was begun with another checklist.
    #[uniffi(default = None)]
    pub visit: Option<String>,
    /// Name of the language to show; the form's default when absent.
    #[uniffi(default = None)]
    pub language: Option<String>,
}

/// How somebody arrives at a place.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct ArrivalAt {
    /// Where the worker stands; what the host's location source tells when absent.
    #[uniffi(default = None)]
    pub fix: Option<Fix>,
    /// The code scanned from the plate at the place.
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// Why neither fits.
    #[uniffi(default = None)]
    pub reason: Option<String>,
    /// Country rules: 150 m instead of 50 m.
    #[uniffi(default = false)]
    pub rural: bool,
}

/// What has become of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SheetOutcome {
    /// Being filled in.
    Draft,
    /// An inspection now.
    Finished,
    /// Given up by the worker.
    Dropped,
}

/// A sheet without its answers.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SheetSummary {
    /// Its id, and that of the inspection it becomes.
    pub id: String,
    /// The visit it belongs to.
    pub visit: String,
    /// Digest of the checklist's version.
    pub form_digest: String,
    /// What has become of it.
    pub state: SheetOutcome,
    /// When it was begun, in UTC milliseconds.
    pub started_ms: i64,
    /// When it was last changed.
    pub touched_ms: i64,
    /// Path of the last answer: where the work stopped.
    pub stopped_at: String,
}

/// A sheet as a screen shows it. Only what can be reached now is in it: skipped questions are not.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SheetScreen {
    /// The sheet.
    pub sheet: SheetSummary,
    /// The version it is filled in with.
    pub form: ChecklistVersion,
    /// The version that new sheets use, when this one is on an older one.
    pub newer: Option<ChecklistVersion>,
    /// Headings and questions in order.
    pub lines: Vec<SheetLine>,
    /// What it comes to so far.
    pub score: SheetScore,
    /// What stands in the way of finishing.
    pub missing: Vec<MissingAnswer>,
    /// Photos that were taken in and placed nowhere.
    pub loose: Vec<String>,
}

/// One line of a sheet.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct SheetLine {
    /// Path of the question: the name by which it is answered.
    pub path: String,
    /// `group`, `repeat`, `new_repeat`, or how it is answered: `input`, `secret`, `range`, `select_one`, `select_many`, `rank`,
    /// `upload`, `trigger`.
    pub kind: String,
    /// Heading or question, in the language of the sheet.
    pub label: String,
    /// The answer, as a submission holds it.
    pub answer: Option<String>,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// Whether an answer is required.
    pub required: bool,
    /// Whether it may only be read.
    pub readonly: bool,
    /// Whether the answer is a hazard.
    pub hazard: bool,
    /// Photos placed here.
    pub photos: Vec<PhotoRef>,
    /// What was put right on the spot.
    pub fixed: Option<String>,
}

/// One choice of a question.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Choice {
    /// What is answered.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// What a sheet comes to.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct SheetScore {
    /// Points reached.
    pub got: f64,
    /// Points possible.
    pub of: f64,
    /// Percent, when anything counted.
    pub percent: Option<f64>,
    /// Items that are hazards.
    pub hazards: u32,
    /// Paths of failed critical items; one of them fails the whole inspection.
    pub critical: Vec<String>,
    /// Whether the place is in order.
    pub passed: bool,
}

/// What stands in the way of finishing, as a jump list shows it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MissingAnswer {
    /// Path of the question.
    pub path: String,
    /// The question.
    pub label: String,
    /// Stable code: `missing_required`, `missing_constraint`, `missing_photos`, `missing_before_after`, or that of a registry rule.
    pub code: String,
    /// What the form's author says about it.
    pub message: Option<String>,
    /// Photos needed, when photos are missing.
    pub photos_needed: Option<u32>,
    /// Photos that are there, when photos are missing.
    pub photos_there: Option<u32>,
}

/// Beside an answer, for the audit log.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct AnswerStamp {
    /// When the question was shown, in UTC milliseconds.
    #[uniffi(default = None)]
    pub shown_ms: Option<i64>,
    /// Where the worker stood.
    #[uniffi(default = None)]
    pub fix: Option<Fix>,
}

/// What an answer has done.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AnswerTaken {
    /// Path of the question.
    pub path: String,
    /// The answer now.
    pub value: Option<String>,
    /// Whether it is a hazard.
    pub hazard: bool,
    /// Computations of the form that had no value; its author must mend them.
    pub failures: Vec<String>,
}

/// Why a visit ends without answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum NoAnswer {
    /// The inspection was refused.
    Refused,
    /// The place is not open.
    Closed,
    /// The place is not there.
    NotFound,
}

/// What finishing has made.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct FinishedInspection {
    /// The inspection.
    pub inspection: String,
    /// `PASS`, `HAZARD`, or why there were no answers.
    pub result: String,
    /// What it came to.
    pub score: SheetScore,
    /// Hazards that were written down.
    pub hazards: Vec<String>,
    /// Incidents that were opened.
    pub incidents: Vec<String>,
    /// Hazards of earlier inspections that are in order now.
    pub cleared: Vec<String>,
}

/// What the last inspection of the same place with the same checklist said.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct EarlierVisit {
    /// That inspection.
    pub inspection: String,
    /// Its day, `YYYY-MM-DD`.
    pub day: String,
    /// Its answers by path.
    pub answers: std::collections::HashMap<String, String>,
}

impl From<FormVersion> for ChecklistVersion {
    fn from(version: FormVersion) -> Self {
        Self {
            form: version.form,
            title: version.title,
            version: version.version,
            digest: version.digest,
            current: version.current,
        }
    }
}

impl From<Sheet> for SheetSummary {
    fn from(sheet: Sheet) -> Self {
        Self {
            id: sheet.id.to_string(),
            visit: sheet.visit.to_string(),
            form_digest: sheet.form,
            state: match sheet.state {
                SheetState::Draft => SheetOutcome::Draft,
                SheetState::Finished => SheetOutcome::Finished,
                SheetState::Dropped => SheetOutcome::Dropped,
            },
            started_ms: sheet.started_at.0,
            touched_ms: sheet.touched_at.0,
            stopped_at: sheet.stopped_at,
        }
    }
}

impl From<app::SheetView> for SheetScreen {
    fn from(view: app::SheetView) -> Self {
        Self {
            sheet: view.sheet.into(),
            form: view.form.into(),
            newer: view.newer.map(ChecklistVersion::from),
            lines: view.lines.into_iter().map(SheetLine::from).collect(),
            score: view.score.into(),
            missing: view.missing.into_iter().map(MissingAnswer::from).collect(),
            loose: view.loose.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<app::Line> for SheetLine {
    fn from(line: app::Line) -> Self {
        let choice = |(value, label)| Choice { value, label };
        Self {
            path: line.path,
            kind: line.kind,
            label: line.label,
            answer: line.answer,
            choices: line.choices.into_iter().map(choice).collect(),
            required: line.required,
            readonly: line.readonly,
            hazard: line.hazard,
            photos: line.photos.iter().map(PhotoRef::from).collect(),
            fixed: line.fixed,
        }
    }
}

impl From<&Placed> for PhotoRef {
    fn from(placed: &Placed) -> Self {
        Self {
            sha256: placed.sha256.to_string(),
            role: placed.role.clone(),
        }
    }
}

impl From<Score> for SheetScore {
    fn from(score: Score) -> Self {
        Self {
            got: score.total.got,
            of: score.total.of,
            percent: score.percent,
            hazards: score.hazards,
            critical: score.critical,
            passed: score.passed,
        }
    }
}

impl From<Missing> for MissingAnswer {
    fn from(missing: Missing) -> Self {
        Self {
            path: missing.path,
            label: missing.label,
            code: missing.code,
            message: missing.message,
            photos_needed: missing.photos.map(|(needed, _)| needed),
            photos_there: missing.photos.map(|(_, there)| there),
        }
    }
}

impl From<app::Answered> for AnswerTaken {
    fn from(answered: app::Answered) -> Self {
        Self {
            path: answered.path,
            value: answered.value,
            hazard: answered.hazard,
            failures: answered.failures,
        }
    }
}

impl From<NoAnswer> for app::NoAnswer {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::Refused => Self::Refused,
            NoAnswer::Closed => Self::Closed,
            NoAnswer::NotFound => Self::NotFound,
        }
    }
}

impl From<app::Finished> for FinishedInspection {
    fn from(finished: app::Finished) -> Self {
        Self {
            inspection: finished.inspection.to_string(),
            result: finished.result,
            score: finished.score.into(),
            hazards: ids(finished.hazards),
            incidents: ids(finished.incidents),
            cleared: ids(finished.cleared),
        }
    }
}

impl From<app::LastVisit> for EarlierVisit {
    fn from(last: app::LastVisit) -> Self {
        Self {
            inspection: last.inspection.to_string(),
            day: last.day,
            answers: last.answers.into_iter().collect(),
        }
    }
}

/// A finished inspection for reading.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct InspectionRead {
    /// The inspection.
    pub id: String,
    /// Questions and answers in the language it was filled in.
    pub lines: Vec<InspectionLine>,
    /// Its hazards as they stand now, as a JSON array.
    pub hazards_json: String,
    /// Its body, as it travels, as a JSON object.
    pub body_json: String,
}

/// One question and its answer.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct InspectionLine {
    /// Path.
    pub path: String,
    /// Heading or question.
    pub label: String,
    /// Whether it is a heading.
    pub heading: bool,
    /// The answer as people read it.
    pub answer: String,
}

impl From<app::InspectionReport> for InspectionRead {
    fn from(report: app::InspectionReport) -> Self {
        let line = |answer: app::Answer| InspectionLine {
            path: answer.path,
            label: answer.label,
            heading: answer.heading,
            answer: answer.answer,
        };
        Self {
            id: report.id.to_string(),
            hazards_json: json(&report.hazards),
            body_json: json(&report.body),
            lines: report.lines.into_iter().map(line).collect(),
        }
    }
}
