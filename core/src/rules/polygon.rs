//! Plane geometry on ten-millionths of a degree, in integers only, so that every phone gives the same answer.

use crate::model::geo::Point;

/// Where a point lies with respect to a polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Strictly inside.
    Inside,
    /// On the boundary.
    Border,
    /// Strictly outside.
    Outside,
}

/// What is wrong with a boundary (domain dictionary 2.3, I-G2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RingError {
    /// Fewer than four points.
    #[error("fewer than four points")]
    TooFewPoints,
    /// The last point is not the first.
    #[error("the ring is not closed")]
    Open,
    /// It encloses nothing.
    #[error("the ring has no area")]
    NoArea,
    /// It touches or crosses itself.
    #[error("the ring crosses itself")]
    Crossing,
}

impl RingError {
    /// Stable code of the finding.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooFewPoints => "polygon_too_few_points",
            Self::Open => "polygon_open",
            Self::NoArea => "polygon_no_area",
            Self::Crossing => "polygon_crossing",
        }
    }
}

/// A corner or an offset; wide enough that no product of two differences overflows.
type Xy = (i128, i128);

fn xy(p: &Point) -> Xy {
    (i128::from(p.lon_e7), i128::from(p.lat_e7))
}

/// Twice the signed area of the triangle; positive when `c` lies left of the way from `a` to `b`.
fn turn(a: Xy, b: Xy, c: Xy) -> i128 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

fn is_between(a: Xy, b: Xy, p: Xy) -> bool {
    let within = |a: i128, b: i128, p: i128| a.min(b) <= p && p <= a.max(b);
    within(a.0, b.0, p.0) && within(a.1, b.1, p.1)
}

fn edges(ring: &[Point]) -> impl Iterator<Item = (Xy, Xy)> + Clone {
    ring.iter().zip(ring.iter().skip(1)).map(|(a, b)| (xy(a), xy(b)))
}

/// Where the point lies, by counting the edges that a ray to the east crosses; exact, also on edges and corners.
#[must_use]
pub fn side(ring: &[Point], point: &Point) -> Side {
    let p = xy(point);
    let mut inside = false;
    for (a, b) in edges(ring) {
        let turned = turn(a, b, p);
        if turned == 0 && is_between(a, b, p) {
            return Side::Border;
        }
        let upward = a.1 <= p.1 && p.1 < b.1 && turned > 0;
        let downward = b.1 <= p.1 && p.1 < a.1 && turned < 0;
        inside ^= upward || downward;
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// Checks that a ring is closed, simple and encloses something.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_ring(ring: &[Point]) -> Result<(), RingError> {
    if ring.len() < 4 {
        return Err(RingError::TooFewPoints);
    }
    if ring.first() != ring.last() {
        return Err(RingError::Open);
    }
    let doubled: i128 = edges(ring).map(|(a, b)| a.0 * b.1 - a.1 * b.0).sum();
    if doubled == 0 {
        return Err(RingError::NoArea);
    }
    let last = ring.len().saturating_sub(2);
    for (i, first) in edges(ring).enumerate() {
        for (j, second) in edges(ring).enumerate().skip(i.saturating_add(1)) {
            let neighbours = j == i.saturating_add(1) || (i == 0 && j == last);
            let bad = if neighbours {
                folds_back(first, second)
            } else {
                meet(first, second)
            };
            if bad {
                return Err(RingError::Crossing);
            }
        }
    }
    Ok(())
}

/// Whether two edges that share a corner lie on each other.
fn folds_back(first: (Xy, Xy), second: (Xy, Xy)) -> bool {
    let (a, corner, b) = if first.1 == second.0 {
        (first.0, first.1, second.1)
    } else {
        (first.1, first.0, second.0)
    };
    let ahead = (corner.0 - a.0) * (b.0 - corner.0) + (corner.1 - a.1) * (b.1 - corner.1);
    turn(a, corner, b) == 0 && ahead <= 0
}

fn meet((a, b): (Xy, Xy), (c, d): (Xy, Xy)) -> bool {
    let opposite = |s: i128, t: i128| s.cmp(&0) as i8 * (t.cmp(&0) as i8) < 0;
    let (c_side, d_side, a_side, b_side) = (turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b));
    (opposite(c_side, d_side) && opposite(a_side, b_side))
        || (c_side == 0 && is_between(a, b, c))
        || (d_side == 0 && is_between(a, b, d))
        || (a_side == 0 && is_between(c, d, a))
        || (b_side == 0 && is_between(c, d, b))
}

#[cfg(test)]
#[path = "polygon_tests.rs"]
mod tests;
