//! Incidents: the category tree, and a typed view of an incident's body.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::blob::BlobRef;
use super::geo::Point;
use super::ids::StaffId;
use super::record::{Body, Kind};
use super::registry::ViewError;
use super::time::UtcMillis;

/// States in which nothing is left to do on an incident: closed, and the terminal ones (domain dictionary 4.4).
pub const OVER: [&str; 5] = ["CLOSED", "EVALUATED", "REJECTED", "MERGED", "VOIDED"];

/// Whether nothing is left to do on an incident in this state.
#[must_use]
pub fn is_over(state: &str) -> bool {
    OVER.contains(&state)
}

/// The category tree; the data pack `taxonomy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxonomy {
    /// Version of the pack.
    pub version: String,
    /// All categories, classes first within their letter.
    pub categories: Vec<Category>,
}

/// One category with its defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Code, such as `A01.03`; a class has no dot.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Default urgency.
    pub urgency: String,
    /// Default limit, in `unit`.
    pub limit: u32,
    /// Unit of the limit: `MINUTE`, `CLOCK_HOUR`, `WORK_HOUR`, `WORK_DAY`, `NATURAL_DAY`.
    pub unit: String,
    /// Whether grid staff may close it on the spot.
    pub self_close: bool,
    /// Whether a check must have passed before it closes.
    pub check_required: bool,
    /// Who leads by default.
    pub lead: String,
}

impl Taxonomy {
    /// The category of a code.
    #[must_use]
    pub fn category(&self, code: &str) -> Option<&Category> {
        self.categories.iter().find(|c| c.code == code)
    }

    /// The category of a code, or its class when the list does not have the code itself.
    #[must_use]
    pub fn nearest(&self, code: &str) -> Option<&Category> {
        let class = || code.split('.').next().and_then(|class| self.category(class));
        self.category(code).or_else(class)
    }

    /// What an incident keeps of its category, so that a later edition does not rewrite history.
    #[must_use]
    pub fn snapshot(&self, code: &str) -> Option<CategorySnapshot> {
        let category = self.category(code)?;
        Some(CategorySnapshot {
            code: category.code.clone(),
            zh: category.zh.clone(),
            en: category.en.clone(),
            version: self.version.clone(),
        })
    }
}

/// A category as it was when an incident was filed under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategorySnapshot {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Version of the taxonomy.
    pub version: String,
}

/// One line of an incident's history.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Place in the history, from 1.
    pub seq: u32,
    /// Id of the transition.
    pub event: String,
    /// State before; `NONE` when there was no incident.
    pub from: String,
    /// State after.
    pub to: String,
    /// Role in which the step was taken.
    pub role: String,
    /// Who took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<StaffId>,
    /// When, by the clock of who took it.
    pub at: UtcMillis,
    /// Reason, result and other arguments of the step.
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub args: Body,
    /// What a newer platform adds.
    #[serde(flatten)]
    pub rest: Body,
}

/// A photo or file of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id within the list.
    pub id: String,
    /// The file.
    #[serde(flatten)]
    pub blob: BlobRef,
    /// What a newer platform adds.
    #[serde(flatten)]
    pub rest: Body,
}

/// A typed view on an incident's body (domain dictionary 4.3). The state is the record's, not the body's.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Incident {
    /// At most 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// At most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Code of the category in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The category as it was when the incident was filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_under: Option<CategorySnapshot>,
    /// Where it came from, a code of the list `channel`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// A code of the list `urgency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<String>,
    /// Suspected severity, a code of the list `severity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Where, in CGCS2000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Accuracy of the fix in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<u32>,
    /// Who reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporter: Option<StaffId>,
    /// When it was found, by the reporter's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_at: Option<UtcMillis>,
    /// Steps taken so far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryEntry>,
    /// Photos and files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Everything else, untouched.
    #[serde(flatten)]
    pub rest: Body,
}

impl Incident {
    /// Reads a body.
    ///
    /// # Errors
    /// When a known field has another type.
    pub fn from_body(body: &Body) -> Result<Self, ViewError> {
        let kind = Kind::INCIDENT;
        Self::deserialize(Value::Object(body.clone())).map_err(|_| ViewError { kind })
    }

    /// Whether a photo of this role is attached.
    #[must_use]
    pub fn has_photo(&self, role: &str) -> bool {
        self.attachments.iter().any(|a| a.blob.role == role)
    }
}

impl std::fmt::Debug for Incident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incident").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for HistoryEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("HistoryEntry");
        shown
            .field("seq", &self.seq)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn taxonomy() -> Taxonomy {
        serde_json::from_str(include_str!("../../packs/taxonomy.json")).unwrap()
    }

    #[test]
    fn an_incident_keeps_the_category_it_was_filed_under() {
        let mut taxonomy = taxonomy();
        let kept = taxonomy.snapshot("A01.03").unwrap();
        taxonomy.version = "next".to_owned();
        taxonomy.categories.iter_mut().for_each(|c| c.zh = "改名".to_owned());
        assert_eq!((kept.zh.as_str(), kept.version.as_str()), ("楼道堆物", "2026.11.1"));
        assert_eq!(taxonomy.snapshot("Q77"), None);
    }

    #[test]
    fn an_incident_comes_out_of_its_view_untouched() {
        let hash = format!("sha256:{}", "ab".repeat(32));
        let given = json!({
            "title": "楼道堆物", "category": "A01.03", "severity": "GENERAL",
            "filed_under": {"code": "A01.03", "zh": "楼道堆物", "en": "clutter", "version": "1"},
            "point": {"lon_e7": 1_212_648_010, "lat_e7": 375_029_030}, "reporter": "s_0001",
            "history": [{"seq": 1, "event": "T01_SAVE_DRAFT", "from": "NONE", "to": "DRAFT", "role": "GRID_STAFF",
                         "at": 5, "args": {"note": "x"}, "signed": "new"}],
            "attachments": [{"id": "p1", "sha256": hash, "bytes": 9, "media_type": "image/jpeg", "role": "near",
                             "taken": "new"}],
            "involved_count": 3, "from_a_newer_platform": {"a": [null]}
        });
        let view = Incident::from_body(given.as_object().unwrap()).unwrap();
        assert!(view.has_photo("near") && !view.has_photo("after"));
        assert_eq!(view.history[0].rest["signed"], "new");
        assert_eq!(serde_json::to_value(&view).unwrap(), given);
        assert!(!format!("{view:?}").contains("楼道"));
    }
}
