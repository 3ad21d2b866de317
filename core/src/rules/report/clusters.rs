//! Where cases crowd: clusters by density, and places that come again (domain dictionary 7.3).

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::model::geo::Point;
use crate::model::time::UtcMillis;

/// Farthest neighbours of a cluster, in metres.
pub const EPS_M: f64 = 100.0;
/// Fewest cases within that distance, the case itself counted.
pub const MIN_POINTS: usize = 4;
/// A place comes again when it has so many cases within thirty days.
const REPEATS: usize = 3;
const REPEAT_MS: i64 = 30 * 24 * 3_600_000;
/// Side of a cell of the search grid in units of 1e-7 degrees of latitude: a little over a hundred metres.
const CELL_E7: i64 = 9_100;

/// A case as this part sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// Category.
    pub category: String,
    /// Where.
    pub point: Point,
    /// Place of the registry it is about.
    pub place: Option<String>,
    /// When it was reported.
    pub reported: UtcMillis,
}

/// A crowd of cases of one category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// Category.
    pub category: String,
    /// Cases.
    pub cases: usize,
    /// The middle.
    pub centre: Point,
}

/// Clusters by DBSCAN, category by category, the largest first.
#[must_use]
pub fn clusters(spots: &[Spot]) -> Vec<Cluster> {
    let mut by_category: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
    for spot in spots {
        by_category.entry(&spot.category).or_default().push(spot.point);
    }
    let mut found: Vec<Cluster> = by_category
        .into_iter()
        .flat_map(|(category, points)| {
            let groups = crowds(&points);
            groups.into_iter().map(move |group| Cluster {
                category: category.to_owned(),
                cases: group.len(),
                centre: centre(&group),
            })
        })
        .collect();
    found.sort_by(|a, b| b.cases.cmp(&a.cases).then_with(|| a.category.cmp(&b.category)));
    found
}

/// Places with three or more cases within thirty days, and how many at most.
#[must_use]
pub fn repeated_spots(spots: &[Spot]) -> Vec<(String, usize)> {
    let mut by_place: BTreeMap<&str, Vec<UtcMillis>> = BTreeMap::new();
    for spot in spots {
        if let Some(place) = &spot.place {
            by_place.entry(place).or_default().push(spot.reported);
        }
    }
    let mut found: Vec<(String, usize)> = by_place
        .into_iter()
        .map(|(place, mut times)| {
            times.sort_unstable();
            let within = |from: &UtcMillis| {
                times
                    .iter()
                    .filter(|at| (0..REPEAT_MS).contains(&at.since(*from)))
                    .count()
            };
            (place.to_owned(), times.iter().map(within).max().unwrap_or(0))
        })
        .filter(|(_, count)| *count >= REPEATS)
        .collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}

/// Points of one category in crowds: who has enough neighbours draws them in, and their neighbours after them.
fn crowds(points: &[Point]) -> Vec<Vec<Point>> {
    let cells = cells(points);
    let mut owner: Vec<Option<usize>> = vec![None; points.len()];
    let mut groups: Vec<Vec<Point>> = Vec::new();
    for start in 0..points.len() {
        if owner.get(start).is_some_and(Option::is_some) || neighbours(points, &cells, start).len() < MIN_POINTS {
            continue;
        }
        let group = groups.len();
        let mut members = Vec::new();
        let mut pending = vec![start];
        while let Some(index) = pending.pop() {
            let Some(slot) = owner.get_mut(index).filter(|slot| slot.is_none()) else {
                continue;
            };
            *slot = Some(group);
            members.extend(points.get(index));
            let near = neighbours(points, &cells, index);
            if near.len() >= MIN_POINTS {
                pending.extend(near);
            }
        }
        groups.push(members);
    }
    groups
}

type Cells = HashMap<(i64, i64), Vec<usize>>;

fn cell(point: &Point) -> (i64, i64) {
    (
        i64::from(point.lon_e7).div_euclid(CELL_E7),
        i64::from(point.lat_e7).div_euclid(CELL_E7),
    )
}

fn cells(points: &[Point]) -> Cells {
    let mut cells = Cells::new();
    for (index, point) in points.iter().enumerate() {
        cells.entry(cell(point)).or_default().push(index);
    }
    cells
}

/// Everybody within reach, oneself included. A degree of longitude is shorter than one of latitude, so two cells east and
/// west suffice up to 60 degrees north.
fn neighbours(points: &[Point], cells: &Cells, index: usize) -> Vec<usize> {
    let Some(point) = points.get(index) else {
        return Vec::new();
    };
    let (x, y) = cell(point);
    let around = (x - 2..=x + 2).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y)));
    let near = around.filter_map(|key| cells.get(&key)).flatten().copied();
    let mut found: Vec<usize> = near
        .filter(|other| points.get(*other).is_some_and(|other| point.distance_m(other) <= EPS_M))
        .collect();
    found.sort_unstable();
    found
}

fn centre(points: &[Point]) -> Point {
    let count = i64::try_from(points.len().max(1)).unwrap_or(1);
    let mean = |sum: i64| i32::try_from(sum / count).unwrap_or_default();
    Point {
        lon_e7: mean(points.iter().map(|point| i64::from(point.lon_e7)).sum()),
        lat_e7: mean(points.iter().map(|point| i64::from(point.lat_e7)).sum()),
    }
}
