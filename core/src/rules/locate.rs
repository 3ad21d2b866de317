//! Which grid a point belongs to. The same answer on every phone and on the platform.

use serde::{Deserialize, Serialize};

use super::polygon::{Side, distance_m, side};
use crate::model::area::GridCode;
use crate::model::geo::Point;
use crate::model::org::AreaPolygon;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Located {
    /// In a grid.
    Inside {
        /// The grid.
        grid: GridCode,
        /// Why somebody should look at the boundaries here, if so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notice: Option<Notice>,
    },
    /// In none: code `outside_district`.
    Outside {
        /// The nearest of the grids that were looked at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nearest: Option<Nearest>,
    },
}

/// What is odd about the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is.
    pub what: Oddity,
    /// The other grids that have a claim, by code.
    pub also: Vec<GridCode>,
}

/// Kinds of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// The point lies on a border: the smallest code has it.
    OnBorder,
    /// The point lies inside several grids: a dedicated one goes first, then the smallest code.
    Overlap,
}

impl Oddity {
    /// Stable code of the report.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OnBorder => "on_border",
            Self::Overlap => "overlap",
        }
    }
}

/// The nearest grid of a point outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nearest {
    /// The grid.
    pub grid: GridCode,
    /// Metres to its boundary.
    pub metres: u64,
}

impl Located {
    /// The grid, when there is one.
    #[must_use]
    pub fn grid(&self) -> Option<&GridCode> {
        match self {
            Self::Inside { grid, .. } => Some(grid),
            Self::Outside { .. } => None,
        }
    }
}

/// Finds the grid of a point among candidates: at least all grids whose bounding box holds the point.
#[must_use]
pub fn locate(point: &Point, candidates: &[AreaPolygon]) -> Located {
    let on_side = |wanted: Side| -> Vec<&AreaPolygon> {
        candidates
            .iter()
            .filter(|area| side(&area.ring, point) == wanted)
            .collect()
    };
    let mut inside = on_side(Side::Inside);
    inside.sort_by_key(|area| (!area.dedicated, &area.grid));
    if let Some(found) = answer(&inside, Oddity::Overlap) {
        return found;
    }
    let mut border = on_side(Side::Border);
    border.sort_by_key(|area| &area.grid);
    answer(&border, Oddity::OnBorder).unwrap_or_else(|| outside(point, candidates))
}

/// The first has the point. One grid alone is odd only on its border.
fn answer(claims: &[&AreaPolygon], what: Oddity) -> Option<Located> {
    let (first, others) = claims.split_first()?;
    let mut also: Vec<GridCode> = others.iter().map(|a| a.grid.clone()).collect();
    also.sort();
    let odd = what == Oddity::OnBorder || !also.is_empty();
    Some(Located::Inside {
        grid: first.grid.clone(),
        notice: odd.then_some(Notice { what, also }),
    })
}

fn outside(point: &Point, candidates: &[AreaPolygon]) -> Located {
    let distances = candidates.iter().map(|area| Nearest {
        grid: area.grid.clone(),
        metres: distance_m(&area.ring, point),
    });
    Located::Outside {
        nearest: distances.min_by(|a, b| (a.metres, &a.grid).cmp(&(b.metres, &b.grid))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(code: &str, dedicated: bool, x: i32, y: i32) -> AreaPolygon {
        let corner = |dx, dy| Point {
            lon_e7: 1_212_600_000 + (x + dx) * 10_000,
            lat_e7: 375_000_000 + (y + dy) * 10_000,
        };
        AreaPolygon {
            grid: code.parse().unwrap(),
            dedicated,
            ring: vec![corner(0, 0), corner(10, 0), corner(10, 10), corner(0, 10), corner(0, 0)],
        }
    }

    fn at(x: i32, y: i32) -> Point {
        Point {
            lon_e7: 1_212_600_000 + x * 10_000,
            lat_e7: 375_000_000 + y * 10_000,
        }
    }

    const A: &str = "370611001901001";
    const B: &str = "370611001901002";
    const SCHOOL: &str = "370611001901501";

    /// A and B side by side, a school across both.
    fn district() -> Vec<AreaPolygon> {
        vec![
            square(SCHOOL, true, 5, 5),
            square(B, false, 10, 0),
            square(A, false, 0, 0),
        ]
    }

    fn found(x: i32, y: i32) -> (String, Option<(Oddity, Vec<String>)>) {
        match locate(&at(x, y), &district()) {
            Located::Inside { grid, notice } => {
                let codes = |n: Notice| (n.what, n.also.iter().map(ToString::to_string).collect());
                (grid.to_string(), notice.map(codes))
            }
            Located::Outside { nearest } => panic!("outside, near {nearest:?}"),
        }
    }

    #[test]
    fn a_point_inside_one_grid_is_in_that_grid() {
        assert_eq!(found(2, 2), (A.to_owned(), None));
        assert_eq!(found(18, 2), (B.to_owned(), None));
    }

    #[test]
    fn on_a_border_the_smallest_code_has_the_point_and_it_is_reported() {
        assert_eq!(
            found(10, 2),
            (A.to_owned(), Some((Oddity::OnBorder, vec![B.to_owned()])))
        );
        assert_eq!(
            found(0, 5),
            (A.to_owned(), Some((Oddity::OnBorder, vec![]))),
            "the edge of the district"
        );
    }

    #[test]
    fn in_two_grids_the_dedicated_one_has_the_point_and_it_is_reported() {
        assert_eq!(
            found(7, 7),
            (SCHOOL.to_owned(), Some((Oddity::Overlap, vec![A.to_owned()])))
        );
        let twice = [square(B, false, 0, 0), square(A, false, 0, 0)];
        assert_eq!(
            locate(&at(5, 5), &twice).grid().unwrap().as_str(),
            A,
            "then the smallest code"
        );
    }

    #[test]
    fn inside_one_grid_goes_before_the_border_of_another() {
        assert_eq!(found(5, 8), (A.to_owned(), None), "the school's fence stands inside A");
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter() {
        let mut turned = district();
        for _ in 0..turned.len() {
            turned.rotate_left(1);
            for (x, y) in [(10, 2), (7, 7), (10, 7), (50, 50)] {
                assert_eq!(locate(&at(x, y), &turned), locate(&at(x, y), &district()));
            }
        }
    }

    #[test]
    fn a_point_in_no_grid_is_outside_and_tells_the_nearest() {
        let Located::Outside { nearest: Some(nearest) } = locate(&at(-1, 5), &district()) else {
            panic!()
        };
        assert_eq!(nearest.grid.as_str(), A);
        assert!((80..=95).contains(&nearest.metres), "{} m", nearest.metres);
        assert_eq!(locate(&at(0, 0), &[]), Located::Outside { nearest: None });
    }
}
