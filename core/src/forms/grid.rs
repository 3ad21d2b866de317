//! What makes a question an item of an inspection checklist: `grid:*` attributes of a bind.

use serde::{Deserialize, Serialize};

/// The namespace of the attributes in XForms and XLSForm workbooks (`bind::grid:…` with `namespaces` in settings).
pub const NAMESPACE: &str = "https://fushan-grid.example/xforms/checklist";

/// The checklist attributes of one item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemRules {
    /// Stable id of the item; the path of the node when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Expression over the answer (`.`) that makes it a hazard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_when: Option<String>,
    /// Expression over the answer that takes the item out of the count (not applicable).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub na_when: Option<String>,
    /// Points of an item that is in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Weight of the item in its section; 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// One failed critical item fails the whole inspection.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub critical: bool,
    /// Severity of the hazard, from 1 (light) to 4 (grave).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<u8>,
    /// Photos needed: always this many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photos: Option<u32>,
    /// Photos needed when the item is a hazard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photos_on_hazard: Option<u32>,
    /// Path of the upload that takes these photos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_ref: Option<String>,
    /// The worker may put it right on the spot.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_the_spot: bool,
    /// Code of the incident category that a hazard becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Days until the hazard must be put right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_days: Option<u32>,
    /// Registry field that fills the item in (`kind.field`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefill: Option<String>,
    /// Registry field that the answer is saved to (`kind.field`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_to: Option<String>,
    /// Sensitivity of the answer: `public`, `internal`, `personal`, `sensitive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pii: Option<String>,
}

impl ItemRules {
    /// Takes one attribute in. `false` when the name or the value is not known.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let text = || Some(value.to_owned());
        let yes = matches!(value, "true" | "true()" | "yes" | "1");
        match name {
            "item" => self.item = text(),
            "fail_when" => self.fail_when = text(),
            "na_when" => self.na_when = text(),
            "score" => return value.parse().map(|v| self.score = Some(v)).is_ok(),
            "weight" => return value.parse().map(|v| self.weight = Some(v)).is_ok(),
            "critical" => self.critical = yes,
            "severity" => return value.parse().map(|v| self.severity = Some(v)).is_ok(),
            "photos" => return value.parse().map(|v| self.photos = Some(v)).is_ok(),
            "photos_on_hazard" => return value.parse().map(|v| self.photos_on_hazard = Some(v)).is_ok(),
            "photo_ref" => self.photo_ref = text(),
            "on_the_spot" => self.on_the_spot = yes,
            "category" => self.category = text(),
            "due_days" => return value.parse().map(|v| self.due_days = Some(v)).is_ok(),
            "prefill" => self.prefill = text(),
            "save_to" => self.save_to = text(),
            "pii" => self.pii = text(),
            _ => return false,
        }
        true
    }
}
