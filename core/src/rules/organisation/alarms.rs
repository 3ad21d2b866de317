//! Alarms of the organisation: a grid without leader or worker at any time (I-G5), a team that is too small (R13), each with the day
//! since when, as far as the posts tell.

use chrono::NaiveDate;
use serde::Serialize;

use crate::model::area::AreaCode;
use crate::model::org::{AreaNode, Posting, RoleBook, ServiceTeam, Slot};
use crate::rules::finding::Severity;
use crate::rules::org_check::{check_staffing, check_teams};

/// Something about an area that somebody has to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Alarm {
    /// The area.
    pub area: AreaCode,
    /// Stable code: `grid_without_leader`, `grid_without_staff`, `team_too_small`, `team_without_basic_grid`.
    pub code: &'static str,
    /// First day of a vacancy; none when there never was anybody, and for teams.
    pub since: Option<NaiveDate>,
}

/// All alarms of a day, by area.
#[must_use]
pub fn alarms(
    nodes: &[AreaNode],
    posts: &[Posting],
    teams: &[ServiceTeam],
    book: &RoleBook,
    day: NaiveDate,
) -> Vec<Alarm> {
    let found = check_staffing(nodes, posts, book, day).into_iter();
    let found = found.chain(check_teams(nodes, teams, book, day));
    let mut alarms: Vec<Alarm> = found
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| Alarm {
            since: vacant_since(&finding.area, finding.code, posts, book, day),
            area: finding.area,
            code: finding.code,
        })
        .collect();
    alarms.sort();
    alarms
}

fn vacant_since(area: &AreaCode, code: &str, posts: &[Posting], book: &RoleBook, day: NaiveDate) -> Option<NaiveDate> {
    let slot = match code {
        "grid_without_leader" => Slot::Leader,
        "grid_without_staff" => Slot::Staff,
        _ => return None,
    };
    let community = area.parent();
    let covers = |post: &&Posting| post.area == *area || Some(&post.area) == community.as_ref();
    let held = posts
        .iter()
        .filter(covers)
        .filter(|post| book.slot(&post.role) == Some(slot));
    let ended = held.filter_map(|post| post.until).filter(|until| *until < day);
    ended.max().and_then(|until| until.succ_opt())
}
