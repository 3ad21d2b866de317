//! How much of a grid was walked: planned points passed, and cells of the grid's ground near the track.

use std::collections::BTreeSet;

use serde::Serialize;

use super::check_in::{Surroundings, dwell};
use super::simplify::offset_m;
use super::{Fix, Route};
use crate::model::area::{GridArea, GridCode};
use crate::model::geo::Point;
use crate::rules::polygon::{Side, side};

/// Edge of a cell in metres.
const CELL_M: f64 = 50.0;
/// How far a walker sees, in metres.
const SIGHT_M: f64 = 40.0;
/// Most cells of one grid; a larger one is measured in larger cells.
const CELLS: f64 = 20_000.0;

/// What a patrol covered of one grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The grid.
    pub grid: GridCode,
    /// Planned points in it.
    pub points: u32,
    /// Those that were passed, as long as they ask for.
    pub passed: u32,
    /// Cells of its ground.
    pub cells: u32,
    /// Cells that came into sight.
    pub seen: u32,
}

/// Coverage of each grid. `checked_in` names planned points that count as passed whatever the track says.
#[must_use]
pub fn coverage(track: &[Fix], route: &Route, checked_in: &BTreeSet<String>, grids: &[GridArea]) -> Vec<Coverage> {
    let around = if route.rural {
        Surroundings::Rural
    } else {
        Surroundings::Urban
    };
    let passed = |point: &super::PlannedPoint| {
        let stayed = dwell(track, point.point, around.radius_m());
        let near = stayed
            .nearest_m
            .is_some_and(|metres| f64::from(metres) <= around.radius_m());
        checked_in.contains(&point.id) || (near && stayed.ms >= u64::from(point.dwell_s) * 1000)
    };
    let in_grid = |grid: &GridArea| {
        let inside: Vec<_> = route
            .points
            .iter()
            .filter(|p| side(&grid.ring, &p.point) != Side::Outside)
            .collect();
        let (cells, seen) = cells(&grid.ring, track);
        Coverage {
            grid: grid.code.clone(),
            points: count(inside.len()),
            passed: count(inside.iter().filter(|p| passed(p)).count()),
            cells,
            seen,
        }
    };
    grids.iter().map(in_grid).collect()
}

/// Cells whose middle lies in the ring, and those of them within sight of the track.
fn cells(ring: &[Point], track: &[Fix]) -> (u32, u32) {
    let Some((low, high)) = corners(ring) else {
        return (0, 0);
    };
    let (width, height) = offset_m(low, high);
    let edge = CELL_M.max((width * height / CELLS).sqrt());
    let sight = SIGHT_M.max(edge * 0.8);
    let seen = in_sight(track, low, edge, sight);
    let (columns, rows) = (whole(width / edge) + 1, whole(height / edge) + 1);
    let (mut all, mut hit) = (0, 0);
    for row in 0..rows {
        for column in 0..columns {
            if side(ring, &middle(low, high, (column, columns), (row, rows))) == Side::Outside {
                continue;
            }
            all += 1;
            hit += u32::from(seen.contains(&(column, row)));
        }
    }
    (all, hit)
}

/// Cells whose middle is within sight of one of the readings or of the way between two.
fn in_sight(track: &[Fix], low: Point, edge: f64, sight: f64) -> BTreeSet<(i64, i64)> {
    let mut seen = BTreeSet::new();
    let reach = whole(sight / edge) + 1;
    let mut look = |(x, y): (f64, f64)| {
        let (column, row) = (whole(x / edge), whole(y / edge));
        for c in column - reach..=column + reach {
            for r in row - reach..=row + reach {
                #[allow(clippy::cast_precision_loss)] // cell numbers are small
                let (mx, my) = ((c as f64 + 0.5) * edge, (r as f64 + 0.5) * edge);
                if (mx - x).hypot(my - y) <= sight {
                    seen.insert((c, r));
                }
            }
        }
    };
    let places: Vec<_> = track.iter().map(|fix| (fix, offset_m(low, fix.point))).collect();
    places.iter().for_each(|(_, place)| look(*place));
    for ((a, from), (b, to)) in places.iter().zip(places.iter().skip(1)) {
        let metres = (to.0 - from.0).hypot(to.1 - from.1);
        // the way is known only when the readings follow each other closely
        let close = b.since(a).is_some_and(|ms| ms <= super::check_in::SILENCE_MS) && metres <= 500.0;
        let steps = if close { whole(metres / edge) } else { 0 };
        for step in 1..=steps {
            #[allow(clippy::cast_precision_loss)] // at most some tens of steps
            let t = step as f64 / (steps + 1) as f64;
            look((from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t));
        }
    }
    seen
}

fn corners(ring: &[Point]) -> Option<(Point, Point)> {
    let lon = |pick: fn(i32, i32) -> i32| ring.iter().map(|p| p.lon_e7).reduce(pick);
    let lat = |pick: fn(i32, i32) -> i32| ring.iter().map(|p| p.lat_e7).reduce(pick);
    let low = Point {
        lon_e7: lon(i32::min)?,
        lat_e7: lat(i32::min)?,
    };
    let high = Point {
        lon_e7: lon(i32::max)?,
        lat_e7: lat(i32::max)?,
    };
    Some((low, high))
}

/// The middle of a cell, by its share of the way from corner to corner.
fn middle(low: Point, high: Point, (column, columns): (i64, i64), (row, rows): (i64, i64)) -> Point {
    let at = |from: i32, to: i32, n: i64, of: i64| {
        let span = i64::from(to) - i64::from(from);
        i32::try_from(i64::from(from) + span * (2 * n + 1) / (2 * of).max(1)).unwrap_or(from)
    };
    Point {
        lon_e7: at(low.lon_e7, high.lon_e7, column, columns),
        lat_e7: at(low.lat_e7, high.lat_e7, row, rows),
    }
}

#[allow(clippy::cast_possible_truncation)] // `as` saturates, and nothing here is larger than the globe in metres
fn whole(value: f64) -> i64 {
    value.floor() as i64
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
