//! Which grid a point lies in: whole-number arithmetic on the stored polygons, with a defined answer for every point.

use serde::Serialize;

use crate::model::area::{GridArea, GridCode};
use crate::model::geo::Point;

/// The answer for a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Located {
    /// The grid, or none: outside the district, or in a gap.
    pub grid: Option<GridCode>,
    /// What should be reported to the keepers of the grid map.
    pub remark: Option<Remark>,
}

/// What is odd about a place (invariants I-G1 and I-G4 of the domain dictionary).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// On the border of a grid, or of several: the lowest code counts.
    OnBorder,
    /// Inside more than one grid: a dedicated grid before a basic one, then the lowest code.
    Overlap,
    /// In no grid.
    Nowhere,
}

/// Decides among grids, given those whose bounding boxes hold the point.
#[must_use]
pub fn locate(point: Point, candidates: &[GridArea]) -> Located {
    let mut inside: Vec<&GridArea> = Vec::new();
    let mut border: Vec<&GridArea> = Vec::new();
    for grid in candidates {
        match side(point, &grid.ring) {
            Side::Inside => inside.push(grid),
            Side::Border => border.push(grid),
            Side::Outside => {}
        }
    }
    let remark = match (inside.len(), border.len()) {
        (1, _) => None,
        (0, 0) => Some(Remark::Nowhere),
        (0, _) => Some(Remark::OnBorder),
        _ => Some(Remark::Overlap),
    };
    let among = if inside.is_empty() { border } else { inside };
    let chosen = among
        .into_iter()
        .min_by_key(|grid| (!grid.dedicated, grid.code.clone()));
    Located {
        grid: chosen.map(|grid| grid.code.clone()),
        remark,
    }
}

enum Side {
    Inside,
    Border,
    Outside,
}

/// Even-odd rule over the edges of a closed ring.
fn side(point: Point, ring: &[Point]) -> Side {
    let mut inside = false;
    for (a, b) in ring.iter().zip(ring.iter().skip(1)) {
        let turn = turn(*a, *b, point);
        if turn == 0 && within(a.lon_e7, b.lon_e7, point.lon_e7) && within(a.lat_e7, b.lat_e7, point.lat_e7) {
            return Side::Border;
        }
        let crosses = (a.lat_e7 > point.lat_e7) != (b.lat_e7 > point.lat_e7);
        // going up, the point must lie left of the edge; going down, right of it
        if crosses && (turn > 0) == (b.lat_e7 > a.lat_e7) {
            inside = !inside;
        }
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// Twice the signed area of the triangle: positive when `p` lies left of the way from `a` to `b`.
fn turn(a: Point, b: Point, p: Point) -> i128 {
    let d = |x: i32, y: i32| i128::from(x) - i128::from(y);
    d(b.lon_e7, a.lon_e7) * d(p.lat_e7, a.lat_e7) - d(b.lat_e7, a.lat_e7) * d(p.lon_e7, a.lon_e7)
}

fn within(a: i32, b: i32, x: i32) -> bool {
    (a.min(b)..=a.max(b)).contains(&x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(code: &str, dedicated: bool, corners: &[(i32, i32)]) -> GridArea {
        let mut ring: Vec<Point> = corners
            .iter()
            .map(|(lon_e7, lat_e7)| Point {
                lon_e7: *lon_e7,
                lat_e7: *lat_e7,
            })
            .collect();
        ring.push(ring[0]);
        GridArea {
            code: code.parse().unwrap(),
            name: String::new(),
            dedicated,
            ring,
        }
    }

    fn at(lon_e7: i32, lat_e7: i32, grids: &[GridArea]) -> (Option<String>, Option<Remark>) {
        let found = locate(Point { lon_e7, lat_e7 }, grids);
        (found.grid.map(|g| g.to_string()), found.remark)
    }

    const WEST: &str = "370611001901001";
    const EAST: &str = "370611001901002";
    const SCHOOL: &str = "370611001901501";

    fn map() -> Vec<GridArea> {
        vec![
            grid(EAST, false, &[(10, 0), (20, 0), (20, 10), (10, 10)]),
            grid(WEST, false, &[(0, 0), (10, 0), (10, 10), (0, 10)]),
            grid(SCHOOL, true, &[(2, 2), (4, 2), (4, 4), (2, 4)]),
        ]
    }

    #[test]
    fn a_point_inside_one_grid_is_in_it() {
        assert_eq!(at(7, 7, &map()), (Some(WEST.into()), None));
        assert_eq!(at(15, 1, &map()), (Some(EAST.into()), None));
    }

    #[test]
    fn a_point_on_a_common_border_goes_to_the_lowest_code_and_is_reported() {
        assert_eq!(at(10, 5, &map()), (Some(WEST.into()), Some(Remark::OnBorder)));
        assert_eq!(
            at(10, 10, &map()),
            (Some(WEST.into()), Some(Remark::OnBorder)),
            "a corner"
        );
    }

    #[test]
    fn a_point_in_two_grids_goes_to_the_dedicated_one_and_is_reported() {
        assert_eq!(at(3, 3, &map()), (Some(SCHOOL.into()), Some(Remark::Overlap)));
    }

    #[test]
    fn a_point_in_no_grid_is_told_as_such() {
        assert_eq!(at(30, 5, &map()), (None, Some(Remark::Nowhere)));
        assert_eq!(at(0, 0, &[]), (None, Some(Remark::Nowhere)));
    }

    #[test]
    fn a_notch_in_a_border_is_outside() {
        let notched = [grid(WEST, false, &[(0, 0), (10, 0), (10, 10), (5, 5), (0, 10)])];
        assert_eq!(at(5, 8, &notched).0, None);
        assert_eq!(at(5, 3, &notched).0, Some(WEST.into()));
        assert_eq!(at(5, 5, &notched).1, Some(Remark::OnBorder));
    }
}
