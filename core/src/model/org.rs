//! The organisation: the tree of areas, roles of 1+1+X+N, service teams, the Party line (domain dictionary 2).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::area::{AreaCode, GridArea, GridCode};
use super::geo::Point;
use super::ids::StaffId;

/// One node of the area tree as it was in force for a time. A split or merge closes a code and opens new ones; a code
/// is never used again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaNode {
    /// Code; its length tells the level.
    pub code: AreaCode,
    /// Chinese name.
    pub name: String,
    /// Kind within its level, a code of the pack: `STREET`, `TOWN`, `PARK`, `URBAN`, `RURAL`, `BASIC`, `DEDICATED`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What a dedicated grid is for, a code of the list `dedicated_kind`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedicated: Option<String>,
    /// Households of a basic grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub households: Option<u32>,
    /// First day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last day in force; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Version of its boundary.
    #[serde(default = "first_version")]
    pub version: u32,
    /// Codes that took its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub succeeded_by: Vec<AreaCode>,
    /// Boundary of a grid in CGCS2000: a closed ring, first point equal to the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ring: Vec<Point>,
}

fn first_version() -> u32 {
    1
}

impl AreaNode {
    /// Kind of the ordinary grid of 300 to 500 households.
    pub const BASIC: &'static str = "BASIC";
    /// Kind of the grid of a school, hospital, market, firm or park; it has no households.
    pub const DEDICATED: &'static str = "DEDICATED";

    /// Whether the node is in force on a day.
    #[must_use]
    pub fn is_in_force(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The boundary of a grid that has one.
    #[must_use]
    pub fn grid_area(&self) -> Option<GridArea> {
        let code = GridCode::try_from(self.code.clone()).ok()?;
        (!self.ring.is_empty()).then(|| GridArea {
            code,
            name: self.name.clone(),
            dedicated: self.kind == Self::DEDICATED,
            ring: self.ring.clone(),
        })
    }
}

/// The roles a person may hold; the data pack `roles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleBook {
    /// Version of the pack.
    pub version: String,
    /// Fewest members of a service team.
    pub team_minimum: u32,
    /// Courses without which a role gives no permission, by role.
    #[serde(default)]
    pub courses: BTreeMap<String, Vec<String>>,
    /// Steps that ask for a course besides, by category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// All roles.
    pub roles: Vec<Role>,
}

impl RoleBook {
    /// Whether the book has a course, for a role or at a gate.
    #[must_use]
    pub fn knows_course(&self, course: &str) -> bool {
        let named = self.courses.values().flatten();
        named
            .chain(self.gates.iter().map(|gate| &gate.course))
            .any(|known| known == course)
    }

    /// The place of a role in 1+1+X+N; `None` for an unknown role or an office above the grid.
    #[must_use]
    pub fn slot(&self, role: &str) -> Option<Slot> {
        self.roles.iter().find(|r| r.code == role)?.slot
    }
}

/// Steps in categories that only who has passed a course may take, such as closing gas incidents (R28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Ids of the steps.
    pub steps: Vec<String>,
    /// Categories, by how their codes begin.
    pub categories: Vec<String>,
    /// The course.
    pub course: String,
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Code, such as `GRID_STAFF`.
    pub code: String,
    /// Place in a grid's 1+1+X+N; `None` for offices above the grid.
    #[serde(default)]
    pub slot: Option<Slot>,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
}

/// Place in a grid's staffing model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// The first 1: the community secretary.
    #[serde(rename = "LEADER")]
    Leader,
    /// The second 1: the full-time worker.
    #[serde(rename = "STAFF")]
    Staff,
    /// X: building heads, Party members, property staff, law enforcers.
    X,
    /// N: cadres and volunteers in reserve.
    N,
}

/// Who holds which role where, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The person.
    pub staff: StaffId,
    /// Role code.
    pub role: String,
    /// The area worked in.
    pub area: AreaCode,
    /// First day.
    pub from: NaiveDate,
    /// Last day; none while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Whose post it is, when somebody fills in for a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<StaffId>,
}

impl Posting {
    /// Whether it holds on a day.
    #[must_use]
    pub fn is_in_force(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// The livelihood service team of a basic grid ("福润万家").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTeam {
    /// The basic grid it serves.
    pub grid: GridCode,
    /// Its members; each counts once.
    pub members: Vec<StaffId>,
}

/// Level of a Party organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PartyLevel {
    /// Comprehensive committee of a community.
    Committee,
    /// Branch on a grid.
    Branch,
    /// Group of a building or micro-grid.
    Group,
    /// Key household of a Party member.
    KeyHousehold,
}

/// One Party organisation. Who belongs to it is personal data and not on the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyOrg {
    /// Its id within the tree.
    pub id: String,
    /// The organisation above; a committee has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Level.
    pub level: PartyLevel,
    /// Name.
    pub name: String,
    /// The community, grid or micro-grid; a key household names its micro-grid.
    pub area: AreaCode,
}
