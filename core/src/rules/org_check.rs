//! Checks the organisation: grids and their staffing, service teams, the Party line (domain dictionary 2.3 to 2.5).

use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

use super::finding::Severity;
use super::polygon::check_ring;
use crate::model::area::{AreaCode, AreaLevel};
use crate::model::org::{AreaNode, PartyLevel, PartyOrg, Posting, RoleBook, ServiceTeam, Slot};

/// One finding about one area.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrgFinding {
    /// The area.
    pub area: AreaCode,
    /// Stable code.
    pub code: &'static str,
    /// How bad it is: an error is an alarm.
    pub severity: Severity,
}

fn alarm(area: &AreaCode, code: &'static str) -> OrgFinding {
    let (area, severity) = (area.clone(), Severity::Error);
    OrgFinding { area, code, severity }
}

fn remark(area: &AreaCode, code: &'static str) -> OrgFinding {
    let (area, severity) = (area.clone(), Severity::Warning);
    OrgFinding { area, code, severity }
}

/// Checks the areas in force on a day: codes, parents, kinds, boundaries.
#[must_use]
pub fn check_areas(nodes: &[AreaNode], day: NaiveDate) -> Vec<OrgFinding> {
    let current: Vec<&AreaNode> = nodes.iter().filter(|n| n.is_in_force(day)).collect();
    let mut known = HashSet::new();
    let mut findings = Vec::new();
    for node in &current {
        if !known.insert(&node.code) {
            findings.push(alarm(&node.code, "area_twice"));
        }
    }
    for node in &current {
        if node.code.parent().is_some_and(|parent| !known.contains(&parent)) {
            findings.push(alarm(&node.code, "area_parent_missing"));
        }
        if let Err(error) = check_ring(&node.ring)
            && !node.ring.is_empty()
        {
            findings.push(alarm(&node.code, error.code()));
        }
        findings.extend(check_kind(node));
    }
    findings.sort();
    findings
}

/// Whether a grid's kind agrees with its sequence, its households and its purpose.
fn check_kind(node: &AreaNode) -> Vec<OrgFinding> {
    let Some(sequence) = node.code.as_str().get(12..15).and_then(|s| s.parse::<u16>().ok()) else {
        return Vec::new();
    };
    if node.code.level() != AreaLevel::Grid {
        return Vec::new();
    }
    let (range, odd) = match node.kind.as_str() {
        AreaNode::BASIC => {
            let odd = node.households.is_some_and(|n| !(300..=500).contains(&n));
            (1..=499, odd.then(|| remark(&node.code, "basic_grid_size")))
        }
        AreaNode::DEDICATED => {
            let odd = node.households.unwrap_or(0) > 0 || node.dedicated.is_none();
            (501..=699, odd.then(|| remark(&node.code, "dedicated_grid_form")))
        }
        _ => return vec![alarm(&node.code, "grid_kind_unknown")],
    };
    let misplaced = !range.contains(&sequence);
    odd.into_iter()
        .chain(misplaced.then(|| remark(&node.code, "grid_sequence")))
        .collect()
}

/// Checks that every grid in force has one leader and at least one worker on a day. A post at the community covers its
/// grids.
#[must_use]
pub fn check_staffing(nodes: &[AreaNode], postings: &[Posting], roles: &RoleBook, day: NaiveDate) -> Vec<OrgFinding> {
    let mut findings = Vec::new();
    let mut by_area: HashMap<&AreaCode, Vec<&Posting>> = HashMap::new();
    for post in postings.iter().filter(|p| p.is_in_force(day)) {
        by_area.entry(&post.area).or_default().push(post);
    }
    let grids = nodes
        .iter()
        .filter(|n| n.code.level() == AreaLevel::Grid && n.is_in_force(day));
    for grid in grids {
        let community = grid.code.parent();
        let near = [Some(&grid.code), community.as_ref()].into_iter().flatten();
        let here: Vec<&Posting> = near.filter_map(|area| by_area.get(area)).flatten().copied().collect();
        let held = |slot: Slot, acting: bool| {
            let of_slot = here.iter().filter(|p| roles.slot(&p.role) == Some(slot));
            let counted = of_slot.filter(|p| acting || p.acting_for.is_none());
            counted.map(|p| &p.staff).collect::<HashSet<_>>().len()
        };
        // whoever fills in keeps the grid from being without a leader, and is not a second one
        if held(Slot::Leader, true) == 0 {
            findings.push(alarm(&grid.code, "grid_without_leader"));
        } else if held(Slot::Leader, false) > 1 {
            findings.push(remark(&grid.code, "grid_with_several_leaders"));
        }
        if held(Slot::Staff, true) == 0 {
            findings.push(alarm(&grid.code, "grid_without_staff"));
        }
    }
    findings.sort();
    findings
}

/// Checks service teams: at least the minimum of different members, on basic grids in force, one for each of them.
#[must_use]
pub fn check_teams(nodes: &[AreaNode], teams: &[ServiceTeam], roles: &RoleBook, day: NaiveDate) -> Vec<OrgFinding> {
    let is_basic = |n: &&AreaNode| n.kind == AreaNode::BASIC && n.is_in_force(day);
    let basic: HashSet<&AreaCode> = nodes.iter().filter(is_basic).map(|n| &n.code).collect();
    let served: HashSet<&AreaCode> = teams.iter().map(|t| t.grid.area()).collect();
    let mut findings = Vec::new();
    for team in teams {
        let members = team.members.iter().collect::<HashSet<_>>().len();
        if u32::try_from(members).unwrap_or(u32::MAX) < roles.team_minimum {
            findings.push(alarm(team.grid.area(), "team_too_small"));
        }
        if !basic.contains(team.grid.area()) {
            findings.push(alarm(team.grid.area(), "team_without_basic_grid"));
        }
    }
    findings.extend(
        basic
            .difference(&served)
            .map(|code| remark(code, "basic_grid_without_team")),
    );
    findings.sort();
    findings
}

/// Checks the Party line: committee of a community, branch on a grid, group of a micro-grid, key household, each below
/// the one before and inside its area.
#[must_use]
pub fn check_party(orgs: &[PartyOrg]) -> Vec<OrgFinding> {
    let by_id: HashMap<&str, &PartyOrg> = orgs.iter().map(|o| (o.id.as_str(), o)).collect();
    let mut findings = Vec::new();
    for org in orgs {
        let (area_level, above) = place_of(org.level);
        if org.area.level() != area_level {
            findings.push(alarm(&org.area, "party_area"));
        }
        let parent = org.parent.as_deref().and_then(|id| by_id.get(id));
        let fits = match (above, parent) {
            (None, _) => org.parent.is_none(),
            (Some(above), Some(parent)) => parent.level == above && parent.area.contains(&org.area),
            (Some(_), None) => false,
        };
        if !fits {
            findings.push(alarm(&org.area, "party_parent"));
        }
    }
    findings.sort();
    findings
}

/// The level of area of an organisation, and the level of organisation above it.
fn place_of(level: PartyLevel) -> (AreaLevel, Option<PartyLevel>) {
    match level {
        PartyLevel::Committee => (AreaLevel::Community, None),
        PartyLevel::Branch => (AreaLevel::Grid, Some(PartyLevel::Committee)),
        PartyLevel::Group => (AreaLevel::MicroGrid, Some(PartyLevel::Branch)),
        PartyLevel::KeyHousehold => (AreaLevel::MicroGrid, Some(PartyLevel::Group)),
    }
}

#[cfg(test)]
#[path = "org_check_tests.rs"]
mod tests;
