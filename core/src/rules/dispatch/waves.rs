//! Who of 1+1+X+N is called in which wave, from the posts of a day (domain dictionary 6.5).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::mobilise::Wave;
use crate::model::area::{AreaCode, AreaLevel, GridCode};
use crate::model::geo::Point;
use crate::model::ids::StaffId;
use crate::model::org::{AreaNode, Posting, RoleBook, Slot};

/// Grids closer than this are neighbours, in ten-millionths of a degree: about five metres, the tolerance of boundaries (I-G3).
const NEAR_E7: i32 = 500;

/// Where people are needed.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The grid.
    pub grid: &'a GridCode,
    /// Grids around it.
    pub neighbours: &'a [AreaCode],
    /// The service team of the grid.
    pub team: &'a [StaffId],
}

/// People in the order in which to call them, each once, in the first wave that they belong to.
#[must_use]
pub fn callable(around: Around<'_>, posts: &[Posting], book: &RoleBook, day: NaiveDate) -> Vec<(Wave, StaffId)> {
    let mut waves: Vec<(Wave, StaffId)> = posts
        .iter()
        .filter(|post| post.is_in_force(day))
        .filter_map(|post| Some((wave_of(post, around, book)?, post.staff.clone())))
        .chain(around.team.iter().map(|member| (Wave::W2, member.clone())))
        .collect();
    waves.sort_by(|a, b| (a.0, &a.1.0).cmp(&(b.0, &b.1.0)));
    let mut seen = BTreeSet::new();
    waves.retain(|(_, staff)| seen.insert(staff.0.clone()));
    waves
}

fn wave_of(post: &Posting, around: Around<'_>, book: &RoleBook) -> Option<Wave> {
    let grid = around.grid.area();
    let (slot, level) = (book.slot(&post.role), post.area.level());
    let here = post.area.contains(grid) && level >= AreaLevel::Community || grid.contains(&post.area);
    let above = post.area.contains(grid);
    match slot {
        Some(Slot::Staff | Slot::Leader) if here => Some(Wave::W0),
        Some(Slot::X) if here => Some(Wave::W1),
        Some(Slot::Staff) if around.neighbours.contains(&post.area) => Some(Wave::W2),
        None if post.role == "COMMUNITY_DESK" && here => Some(Wave::W2),
        Some(Slot::N) if above && level >= AreaLevel::Town => Some(Wave::W3),
        Some(Slot::N) if above => Some(Wave::W4),
        None if matches!(post.role.as_str(), "DEPT_HANDLER" | "DEPT_LEAD") && above => Some(Wave::W4),
        _ => None,
    }
}

/// Grids in force that touch a grid, and the others of its community.
#[must_use]
pub fn neighbours(grid: &GridCode, nodes: &[AreaNode], day: NaiveDate) -> Vec<AreaCode> {
    let own = nodes.iter().find(|node| node.code == *grid.area());
    let edges = own.and_then(|node| bounds(&node.ring));
    let community = grid.area().parent();
    let grids = nodes
        .iter()
        .filter(|n| n.code.level() == AreaLevel::Grid && n.is_in_force(day));
    let near = grids.filter(|node| {
        let touches = || edges.zip(bounds(&node.ring)).is_some_and(|(a, b)| touch(a, b));
        node.code != *grid.area() && (node.code.parent() == community || touches())
    });
    near.map(|node| node.code.clone()).collect()
}

/// West, south, east and north edge.
type Bounds = [i32; 4];

fn bounds(ring: &[Point]) -> Option<Bounds> {
    let lons = || ring.iter().map(|point| point.lon_e7);
    let lats = || ring.iter().map(|point| point.lat_e7);
    Some([lons().min()?, lats().min()?, lons().max()?, lats().max()?])
}

fn touch([west, south, east, north]: Bounds, [w, s, e, n]: Bounds) -> bool {
    let apart = |high: i32, low: i32| low.saturating_sub(high) > NEAR_E7;
    !(apart(east, w) || apart(e, west) || apart(north, s) || apart(n, south))
}
