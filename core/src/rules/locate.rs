//! Which grid a point lies in: whole-number arithmetic on the stored polygons, with a defined answer for every point.

use serde::Serialize;

use super::polygon::{Side, side};
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
    let on_side = |wanted: Side| candidates.iter().filter(move |grid| side(&grid.ring, &point) == wanted);
    let code = |grid: &GridArea| grid.code.clone();
    let inside = on_side(Side::Inside)
        .min_by_key(|grid| (!grid.dedicated, &grid.code))
        .map(code);
    let border = on_side(Side::Border).map(code).min();
    let remark = match (&inside, &border) {
        (Some(_), _) if on_side(Side::Inside).count() > 1 => Some(Remark::Overlap),
        (Some(_), _) => None,
        (None, Some(_)) => Some(Remark::OnBorder),
        (None, None) => Some(Remark::Nowhere),
    };
    Located {
        grid: inside.or(border),
        remark,
    }
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
    fn on_the_border_of_a_dedicated_grid_the_lowest_code_counts_too() {
        let beside = [
            grid(SCHOOL, true, &[(10, 0), (20, 0), (20, 10)]),
            grid(WEST, false, &[(0, 0), (10, 0), (10, 10)]),
        ];
        assert_eq!(at(10, 0, &beside), (Some(WEST.into()), Some(Remark::OnBorder)));
    }

    #[test]
    fn inside_one_grid_goes_before_the_border_of_another() {
        assert_eq!(
            at(4, 3, &map()),
            (Some(WEST.into()), None),
            "the school's fence stands inside"
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
