//! What follows from posts on a day: roles, grids, organisations; and what somebody may do of it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use fushan_grid_core::model::area::{AreaCode, AreaLevel, GridCode};
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::org::{Posting, RoleBook};
use fushan_grid_core::rules::organisation::{Training, roles_on, untrained};
use fushan_grid_core::wire::enrol::Staff;
use serde::Serialize;

use crate::store::PostRow;

/// Roles whose phone holds the grids of its post. The others see what is laid before them, and no register: helpers in need and
/// departments, whoever looks at figures, and the district's desk, which works at the platform (domain dictionary 2.5).
const IN_GRIDS: [&str; 7] = [
    "GRID_LEADER",
    "GRID_STAFF",
    "GRID_ASSIST",
    "CHECKER",
    "COMMUNITY_DESK",
    "TOWN_ACCEPTOR",
    "TOWN_DISPATCHER",
];

/// What somebody may do on a day, and what they lack for more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Able {
    /// Who.
    pub(crate) staff: StaffId,
    /// Roles they may act in.
    pub(crate) may: BTreeSet<String>,
    /// Roles of their posts that a course is missing for, with the course.
    pub(crate) lacks: Vec<(String, String)>,
}

/// What somebody may do on a day by posts and trainings.
pub(crate) fn able(staff: &StaffId, posts: &[Posting], training: &[Training], book: &RoleBook, day: NaiveDate) -> Able {
    let held = posts
        .iter()
        .filter(|post| post.staff == *staff && post.is_in_force(day));
    let roles: BTreeSet<&str> = held.map(|post| post.role.as_str()).collect();
    let lacking = |role: &&str| {
        Some((
            (*role).to_owned(),
            untrained(staff, role, day, training, book)?.to_owned(),
        ))
    };
    Able {
        staff: staff.clone(),
        may: roles_on(staff, day, posts, training, book),
        lacks: roles.iter().filter_map(lacking).collect(),
    }
}

/// Where somebody is on a day, as their phones and desks take it. A course that is missing takes a permission at the moment of the
/// act and not the place: who cannot write may still read what is theirs.
pub(super) fn place(staff: &StaffId, posts: &[PostRow], grids: &[AreaCode], day: NaiveDate) -> Staff {
    let held: Vec<&PostRow> = posts.iter().filter(|row| row.post.is_in_force(day)).collect();
    let in_grids = held.iter().filter(|row| IN_GRIDS.contains(&row.post.role.as_str()));
    let codes = in_grids.flat_map(|row| below(&row.post.area, grids));
    let codes: BTreeSet<GridCode> = codes.collect();
    let text = |of: fn(&PostRow) -> &String| -> Vec<String> {
        let texts: BTreeSet<&String> = held.iter().map(|row| of(row)).filter(|text| !text.is_empty()).collect();
        texts.into_iter().cloned().collect()
    };
    Staff {
        id: staff.clone(),
        roles: text(|row| &row.post.role),
        grids: codes.into_iter().collect(),
        orgs: text(|row| &row.org),
    }
}

/// Grids of an area; a post at the district names none, for no phone holds a district.
fn below(area: &AreaCode, grids: &[AreaCode]) -> Vec<GridCode> {
    let of = |code: &AreaCode| GridCode::try_from(code.clone()).ok();
    match area.level() {
        AreaLevel::District => Vec::new(),
        AreaLevel::MicroGrid => area.parent().as_ref().and_then(of).into_iter().collect(),
        _ => grids.iter().filter(|grid| area.contains(grid)).filter_map(of).collect(),
    }
}
