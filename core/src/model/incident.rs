//! Incidents: the category tree, and a typed view of an incident's body.

use serde::{Deserialize, Serialize};

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
