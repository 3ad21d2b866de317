//! Inspection plans: which places are due for which checklists, and today's list of visits.
//!
//! Pure: "today" is an argument. The use cases take it from the platform's clock where the phone has heard it (decision of
//! the design: device clocks never decide), and all days are those of Asia/Shanghai.

mod check;
mod due;
mod period;
mod today;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use check::check;
pub use due::{Due, due};
pub use period::Period;
pub use today::{Bundled, Candidate, Urgency, Visit, today};

use crate::model::ids::{RecordId, StaffId};

/// A standing plan or a campaign of one department.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Stable id, such as `fire9-2026`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The department that asks for it.
    #[serde(default)]
    pub department: String,
    /// Ids of the checklists, in the order they are gone through.
    pub forms: Vec<String>,
    /// Who walks it; empty for everybody in whose grid a target lies.
    #[serde(default)]
    pub who: Vec<StaffId>,
    /// What is visited.
    pub targets: Targets,
    /// How often.
    pub frequency: Frequency,
    /// Other frequencies for targets with a certain value in a field; the tightest that applies counts.
    #[serde(default)]
    pub tighter: Vec<Tighter>,
    /// Only in this part of each year.
    #[serde(default)]
    pub season: Option<Season>,
    /// Hours of the day, shown to the worker and never enforced.
    #[serde(default)]
    pub window: Option<Window>,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open when absent.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Whether it is in force.
    #[serde(default = "enabled")]
    pub enabled: bool,
}

fn enabled() -> bool {
    true
}

/// What a plan visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// All registry records of a kind, those only whose fields have one of the named values.
    Kind {
        /// Kind of record, such as `place`.
        kind: String,
        /// Allowed values by field; a target must satisfy every field.
        #[serde(default)]
        any_of: BTreeMap<String, Vec<String>>,
    },
    /// A campaign's own list.
    Set {
        /// The records.
        records: Vec<RecordId>,
    },
}

/// So many visits in each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frequency {
    /// Visits per period.
    pub times: u32,
    /// The period.
    pub per: Period,
}

/// A frequency for targets with a certain value, such as red places monthly (domain dictionary 5.2.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tighter {
    /// Field of the target.
    pub field: String,
    /// Its value.
    pub equals: String,
    /// How often then.
    pub frequency: Frequency,
}

/// A part of each year, such as the flood season from 06-01 to 09-30; may pass over New Year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    /// First day, month and day of month.
    pub from: (u32, u32),
    /// Last day, month and day of month.
    pub to: (u32, u32),
}

impl Season {
    /// Whether a day lies in it.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        use chrono::Datelike;
        let at = (day.month(), day.day());
        if self.from <= self.to {
            (self.from..=self.to).contains(&at)
        } else {
            at >= self.from || at <= self.to
        }
    }
}

/// Hours of the day in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First minute.
    pub from: u16,
    /// Minute after the last.
    pub to: u16,
}

/// What a plan needs to know of a registry record.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: String,
    /// Its plain fields as text.
    pub fields: BTreeMap<String, String>,
}

impl Plan {
    /// Whether the plan visits a record.
    #[must_use]
    pub fn visits(&self, target: &Target) -> bool {
        match &self.targets {
            Targets::Set { records } => records.contains(&target.record),
            Targets::Kind { kind, any_of } => {
                *kind == target.kind
                    && any_of
                        .iter()
                        .all(|(field, values)| target.fields.get(field).is_some_and(|v| values.contains(v)))
            }
        }
    }

    /// Whether a worker walks it.
    #[must_use]
    pub fn concerns(&self, staff: &StaffId) -> bool {
        self.who.is_empty() || self.who.contains(staff)
    }

    /// How often a target is visited: the tightest frequency that applies to it.
    #[must_use]
    pub fn frequency_of(&self, target: &Target) -> Frequency {
        let applies = |t: &&Tighter| target.fields.get(&t.field) == Some(&t.equals);
        self.tighter
            .iter()
            .filter(applies)
            .map(|t| t.frequency)
            .fold(self.frequency, |tightest, other| {
                if other.is_tighter(tightest) { other } else { tightest }
            })
    }
}

impl Frequency {
    /// Whether it asks for more visits a year than another.
    #[must_use]
    pub fn is_tighter(self, other: Self) -> bool {
        u64::from(self.times) * u64::from(other.per.days()) > u64::from(other.times) * u64::from(self.per.days())
    }
}
