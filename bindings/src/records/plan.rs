//! Today's visits.

use fushan_grid_core::rules::plan;

/// A visit of today's list: one a place, the most urgent and nearest first.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct PlannedVisit {
    /// The place.
    pub record: String,
    /// What the list shows.
    pub name: String,
    /// Last day of the most pressing part, `YYYY-MM-DD`.
    pub due: String,
    /// How pressing it is.
    pub urgency: VisitUrgency,
    /// Checklists, by the ids of their forms.
    pub forms: Vec<String>,
    /// Whole metres from the worker, when both places are known.
    pub distance_m: Option<u32>,
    /// Risk colour of the place, such as `RED`.
    pub risk: String,
}

/// How pressing a visit is, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum VisitUrgency {
    /// A hazard waits for its recheck, today or since earlier.
    Recheck,
    /// The last day has passed.
    Overdue,
    /// Today is the last day.
    Today,
    /// Due within a week.
    Soon,
    /// May be done now.
    Open,
}

/// A plan of visits.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PlanSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is in force.
    pub enabled: bool,
    /// Checklists, by the ids of their forms.
    pub forms: Vec<String>,
    /// The whole plan as a JSON object.
    pub plan_json: String,
}

impl From<plan::Visit> for PlannedVisit {
    fn from(visit: plan::Visit) -> Self {
        Self {
            record: visit.record.to_string(),
            name: visit.name,
            due: visit.due.to_string(),
            urgency: visit.urgency.into(),
            forms: visit.forms.into_iter().map(|bundled| bundled.form).collect(),
            distance_m: visit.distance_m,
            risk: visit.risk,
        }
    }
}

impl From<plan::Urgency> for VisitUrgency {
    fn from(urgency: plan::Urgency) -> Self {
        match urgency {
            plan::Urgency::Recheck => Self::Recheck,
            plan::Urgency::Overdue => Self::Overdue,
            plan::Urgency::Today => Self::Today,
            plan::Urgency::Soon => Self::Soon,
            plan::Urgency::Open => Self::Open,
        }
    }
}

impl From<plan::Plan> for PlanSummary {
    fn from(plan: plan::Plan) -> Self {
        Self {
            plan_json: super::basics::json(&plan),
            id: plan.id,
            name: plan.name,
            enabled: plan.enabled,
            forms: plan.forms,
        }
    }
}
