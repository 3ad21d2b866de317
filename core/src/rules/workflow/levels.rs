//! The three circulations: community, town or street or park, district. Which desk acts at which level, and whose a case is there.

use crate::model::record::Record;

/// The highest level.
pub(super) const TOP: u64 = 3;

/// The level a desk works at; none for roles that work at every level.
pub(super) fn desk_level(role: &str) -> Option<u64> {
    match role {
        "COMMUNITY_DESK" => Some(1),
        "TOWN_ACCEPTOR" | "TOWN_DISPATCHER" => Some(2),
        "DISTRICT_ACCEPTOR" | "DISTRICT_DISPATCHER" => Some(TOP),
        _ => None,
    }
}

/// Code of the area whose desk owns a case at a level: the community's, the town's or the district's.
pub(super) fn owner_at(record: &Record, level: u64) -> Option<&str> {
    let digits = match level {
        1 => 12,
        2 => 9,
        _ => 6,
    };
    record.grid.as_ref()?.as_str().get(..digits)
}

/// The level a case starts at when a channel brings it to a desk; what the system takes in is the district's.
pub(super) fn intake_level(role: &str) -> u64 {
    desk_level(role).unwrap_or(TOP)
}
