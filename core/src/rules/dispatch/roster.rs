//! Who is on duty, and how loaded.

use serde::{Deserialize, Serialize};

use crate::model::area::GridCode;
use crate::model::ids::StaffId;

/// A task that a handler has open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTask {
    /// Urgency of its incident.
    pub urgency: String,
    /// Whether it is overdue.
    #[serde(default)]
    pub overdue: bool,
}

/// A person who may be given tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handler {
    /// Pseudonymous id.
    pub staff: StaffId,
    /// Organisation.
    pub org: String,
    /// On duty now; somebody off duty or on leave is never given a task by the engine.
    pub on_duty: bool,
    /// Grids they work in; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grids: Vec<GridCode>,
    /// Categories they know best, by their start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// What they have open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenTask>,
}

/// Everybody who may be given tasks, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Roster {
    /// The handlers.
    pub handlers: Vec<Handler>,
}

/// The load index: the sum over open tasks of the weight of the urgency, doubled when overdue (domain dictionary 6.4).
#[must_use]
pub fn load(open: &[OpenTask]) -> u32 {
    let weight = |task: &OpenTask| match task.urgency.as_str() {
        "CRITICAL" => 4,
        "URGENT" => 3,
        "PROMPT" => 2,
        _ => 1,
    };
    open.iter()
        .map(|task| weight(task) * (1 + u32::from(task.overdue)))
        .sum()
}

impl Roster {
    /// The person of an organisation who is on duty, works in the grid and has the least load; between equal ones who knows
    /// the category, then by id. Nobody above the cap, unless nobody else can; never who reported it when the result is to be
    /// checked by someone else.
    #[must_use]
    pub fn person(
        &self,
        org: &str,
        category: &str,
        grid: Option<&GridCode>,
        not: Option<&StaffId>,
        cap: u32,
    ) -> Option<StaffId> {
        let in_area = |handler: &Handler| handler.grids.is_empty() || grid.is_some_and(|g| handler.grids.contains(g));
        let able: Vec<&Handler> = self
            .handlers
            .iter()
            .filter(|handler| handler.org == org && handler.on_duty && in_area(handler) && Some(&handler.staff) != not)
            .collect();
        let sole = able.len() == 1;
        let skilled = |handler: &Handler| handler.skills.iter().any(|skill| category.starts_with(skill.as_str()));
        able.into_iter()
            .map(|handler| (load(&handler.open), !skilled(handler), &handler.staff))
            .filter(|(load, ..)| sole || *load <= cap)
            .min()
            .map(|(.., staff)| staff.clone())
    }
}
