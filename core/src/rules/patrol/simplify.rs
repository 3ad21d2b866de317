//! Douglas-Peucker: the fewest points of a track that stay within a tolerance of it, in metres.

use super::Fix;
use crate::model::geo::{Crs, Point};

/// Metres of one degree of latitude on the mean sphere.
const METRES_PER_DEGREE: f64 = 111_195.08;

/// Points that matter: every point left out lies within `tolerance_m` of the line through its kept neighbours. First and last
/// stay, and both sides of a reboot do.
#[must_use]
pub fn simplify(fixes: &[Fix], tolerance_m: f64) -> Vec<Fix> {
    fixes
        .chunk_by(|a, b| a.boot == b.boot)
        .flat_map(|walk| simplify_walk(walk, tolerance_m))
        .collect()
}

fn simplify_walk(fixes: &[Fix], tolerance_m: f64) -> Vec<Fix> {
    let plane = plane(fixes);
    let mut keep = vec![false; fixes.len()];
    let mut open = vec![(0, fixes.len().saturating_sub(1))];
    for end in [0, fixes.len().saturating_sub(1)] {
        if let Some(kept) = keep.get_mut(end) {
            *kept = true;
        }
    }
    // a stack instead of recursion: a day's track must not be able to exhaust the thread's own
    while let Some((from, to)) = open.pop() {
        let Some((farthest, distance)) = farthest(&plane, from, to) else {
            continue;
        };
        if distance > tolerance_m {
            if let Some(kept) = keep.get_mut(farthest) {
                *kept = true;
            }
            open.push((from, farthest));
            open.push((farthest, to));
        }
    }
    fixes
        .iter()
        .zip(keep)
        .filter(|(_, keep)| *keep)
        .map(|(fix, _)| *fix)
        .collect()
}

/// The points as metres east and north of the first one; a walk is small enough for a plane.
fn plane(fixes: &[Fix]) -> Vec<(f64, f64)> {
    let Some(origin) = fixes.first().map(|fix| fix.point) else {
        return Vec::new();
    };
    fixes.iter().map(|fix| offset_m(origin, fix.point)).collect()
}

/// Metres east and north of an origin.
pub(super) fn offset_m(origin: Point, point: Point) -> (f64, f64) {
    let (lon, lat) = point.degrees(Crs::Cgcs2000);
    let (lon_0, lat_0) = origin.degrees(Crs::Cgcs2000);
    (
        (lon - lon_0) * METRES_PER_DEGREE * lat_0.to_radians().cos(),
        (lat - lat_0) * METRES_PER_DEGREE,
    )
}

/// The point between two others that is farthest from the line between them.
fn farthest(plane: &[(f64, f64)], from: usize, to: usize) -> Option<(usize, f64)> {
    let (a, b) = (*plane.get(from)?, *plane.get(to)?);
    let between = plane.get(from + 1..to)?;
    let distances = between
        .iter()
        .enumerate()
        .map(|(i, p)| (from + 1 + i, to_segment(*p, a, b)));
    distances.max_by(|x, y| x.1.total_cmp(&y.1))
}

/// Distance from a point to a segment.
pub(super) fn to_segment(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    let t = if square > 0.0 {
        (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p.0 - a.0 - t * dx).hypot(p.1 - a.1 - t * dy)
}
