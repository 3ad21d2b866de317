//! Incidents as they are written down, listed and followed.

use fushan_grid_core::app::deadline::TimerView;
use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::model::incident;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::Decision;
use fushan_grid_core::store::records::{Page, View};
use serde_json::Value;

use super::basics::{Fix, GeoPoint, json};
use super::registry::Mark;
use crate::error::GridError;

/// What a worker writes down on the spot.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct IncidentReport {
    /// Category code, such as `A01.03`.
    pub category: String,
    /// Title, at most 50 characters.
    pub title: String,
    /// What was seen, at most 500 characters.
    pub description: String,
    /// Suspected severity: `NONE`, `GENERAL`, `MAJOR`, `SERIOUS`, `EXTREME`.
    #[uniffi(default = "NONE")]
    pub severity: String,
    /// Where. Absent: where the phone is, as the host's location source tells.
    #[uniffi(default = None)]
    pub point: Option<GeoPoint>,
    /// Accuracy of the point in metres, when known.
    #[uniffi(default = None)]
    pub accuracy_m: Option<u32>,
    /// When it was found, in UTC milliseconds; now when absent.
    #[uniffi(default = None)]
    pub found_ms: Option<i64>,
}

/// An incident as a screen shows it.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct IncidentView {
    /// Its id.
    pub id: String,
    /// Code of its grid.
    pub grid: Option<String>,
    /// State of the automaton, such as `REPORTED`; `DRAFT` before it was submitted.
    pub state: String,
    /// Title.
    pub title: String,
    /// What was seen.
    pub description: String,
    /// Category code.
    pub category: String,
    /// Chinese name of the category it was filed under.
    pub category_zh: String,
    /// Its English name.
    pub category_en: String,
    /// Urgency, a code.
    pub urgency: String,
    /// Severity, a code.
    pub severity: String,
    /// Where.
    pub point: Option<GeoPoint>,
    /// When it was found, in UTC milliseconds.
    pub found_ms: Option<i64>,
    /// Pseudonymous id of the reporter.
    pub reporter: Option<String>,
    /// Photos and files.
    pub photos: Vec<PhotoRef>,
    /// Notes, in the order they came.
    pub notes: Vec<IncidentNote>,
    /// Steps taken so far.
    pub history: Vec<IncidentStep>,
    /// Own operations that wait.
    pub pending: u32,
    /// What a list shows beside it.
    pub mark: Mark,
    /// The whole body as a JSON object.
    pub body_json: String,
}

/// A photo that a record cites.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PhotoRef {
    /// Digest of the original, `sha256:` and 64 digits: its only name.
    pub sha256: String,
    /// What it shows: `near`, `far`, `before`, `after`, …
    pub role: String,
}

/// A note of an incident.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct IncidentNote {
    /// Text.
    pub text: String,
    /// When, in UTC milliseconds, by the clock of who wrote it.
    pub at_ms: i64,
}

/// A step of an incident.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct IncidentStep {
    /// Code of the transition, such as `T02_SUBMIT`.
    pub event: String,
    /// State before.
    pub from: String,
    /// State after.
    pub to: String,
    /// Role in which it was taken.
    pub role: String,
    /// When, in UTC milliseconds.
    pub at_ms: i64,
    /// Reason, result and other arguments as a JSON object.
    pub args_json: String,
}

/// A page of incidents; ask again with `next` as `after` until it is absent.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct IncidentPage {
    /// The incidents.
    pub items: Vec<IncidentView>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// A limit of an incident and how it stands. The platform's own is in force; this one is shown.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Deadline {
    /// Which: `accept`, `verify`, `resubmit`, `dispatch`, `sign`, `dispose`, `check`.
    pub stage: String,
    /// When it started, in UTC milliseconds.
    pub started_ms: i64,
    /// The deadline, in UTC milliseconds.
    pub due_ms: i64,
    /// `RUNNING`, `PAUSED`, `OVERDUE`, `MET`, `LATE`.
    pub standing: String,
    /// The card that is due: `YELLOW`, `RED`; none before.
    pub card: Option<String>,
}

/// The likely handler of an incident. Only the platform dispatches.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LikelyHandler {
    /// Why, in Chinese.
    pub explanation_zh: String,
    /// Why, in English.
    pub explanation_en: String,
    /// Confidence in percent.
    pub confidence: u8,
    /// A life is at risk: show the emergency numbers.
    pub life_at_risk: bool,
    /// The grid may close it on the spot.
    pub offer_self_close: bool,
    /// The whole decision as a JSON object.
    pub decision_json: String,
}

impl IncidentReport {
    /// As the engine takes it; `here` is asked when there is no point.
    pub(crate) fn read(self, here: impl FnOnce() -> Option<Fix>) -> Result<NewIncident, GridError> {
        let (point, accuracy_m) = match self.point {
            Some(point) => (point, self.accuracy_m),
            None => {
                let fix = here().ok_or_else(|| GridError::of("location_missing"))?;
                (fix.point, Some(u32::from(fix.whole_metres())))
            }
        };
        Ok(NewIncident {
            category: self.category,
            title: self.title,
            description: self.description,
            point: point.read()?,
            accuracy_m,
            severity: self.severity,
            found_at: self.found_ms.map(UtcMillis),
        })
    }
}

impl From<View> for IncidentView {
    /// A body that does not read as an incident still shows its id, its state and the body itself.
    fn from(view: View) -> Self {
        let record = view.record;
        let read = incident::Incident::from_body(&record.body).unwrap_or_default();
        let filed = read.filed_under.as_ref();
        Self {
            id: record.id.to_string(),
            grid: record.grid.map(|grid| grid.to_string()),
            state: record.state,
            category_zh: filed.map(|c| c.zh.clone()).unwrap_or_default(),
            category_en: filed.map(|c| c.en.clone()).unwrap_or_default(),
            title: read.title.unwrap_or_default(),
            description: read.description.unwrap_or_default(),
            category: read.category.unwrap_or_default(),
            urgency: read.urgency.unwrap_or_default(),
            severity: read.severity.unwrap_or_default(),
            point: read.point.map(GeoPoint::from),
            found_ms: read.found_at.map(|at| at.0),
            reporter: read.reporter.map(|staff| staff.0),
            photos: read.attachments.iter().map(PhotoRef::from).collect(),
            notes: notes(&record.body),
            history: read.history.iter().map(IncidentStep::from).collect(),
            pending: view.pending,
            mark: view.mark.into(),
            body_json: json(&record.body),
        }
    }
}

fn notes(body: &Body) -> Vec<IncidentNote> {
    let items = body.get("notes").and_then(Value::as_array);
    let note = |item: &Value| {
        Some(IncidentNote {
            text: item.get("text")?.as_str()?.to_owned(),
            at_ms: item.get("at").and_then(Value::as_i64).unwrap_or_default(),
        })
    };
    items.into_iter().flatten().filter_map(note).collect()
}

impl From<&incident::Attachment> for PhotoRef {
    fn from(attachment: &incident::Attachment) -> Self {
        Self {
            sha256: attachment.blob.sha256.to_string(),
            role: attachment.blob.role.clone(),
        }
    }
}

impl From<&incident::HistoryEntry> for IncidentStep {
    fn from(line: &incident::HistoryEntry) -> Self {
        Self {
            event: line.event.clone(),
            from: line.from.clone(),
            to: line.to.clone(),
            role: line.role.clone(),
            at_ms: line.at.0,
            args_json: json(&line.args),
        }
    }
}

impl From<Page<View>> for IncidentPage {
    fn from(page: Page<View>) -> Self {
        Self {
            items: page.items.into_iter().map(IncidentView::from).collect(),
            next: page.next.map(|next| next.to_string()),
        }
    }
}

impl From<TimerView> for Deadline {
    fn from(timer: TimerView) -> Self {
        Self {
            stage: word(&timer.stage),
            started_ms: timer.started.0,
            due_ms: timer.standing.deadline.0,
            standing: word(&timer.standing.verdict),
            card: timer.standing.card.as_ref().map(word),
        }
    }
}

impl From<Decision> for LikelyHandler {
    fn from(decision: Decision) -> Self {
        Self {
            decision_json: json(&decision),
            explanation_zh: decision.explanation_zh,
            explanation_en: decision.explanation_en,
            confidence: decision.confidence,
            life_at_risk: decision.life_at_risk,
            offer_self_close: decision.offer_self_close,
        }
    }
}

/// The word that an enumeration of the engine's is written as.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}
