//! Distance, area and containment of places, as form authors know them: a sphere, metres, square metres.

/// Latitude and longitude in degrees.
pub(super) type Point = (f64, f64);

const RADIUS_M: f64 = 6_378_100.0;

/// The points of an answer: `lat lon alt acc`, separated by semicolons.
pub(super) fn points(text: &str) -> Vec<Point> {
    let point = |part: &str| {
        let mut numbers = part.split_whitespace().map(str::parse::<f64>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    text.split(';').filter_map(point).collect()
}

/// The points of an answer, or nothing when some part of it is no place.
pub(super) fn strict_points(text: &str) -> Option<Vec<Point>> {
    // a position that is zero throughout is written as nothing
    let parts = text.trim_end_matches(';').split(';').map(str::trim);
    let point = |part: &str| {
        if part.is_empty() {
            return Some((0.0, 0.0));
        }
        let numbers: Option<Vec<f64>> = part.split_whitespace().map(|number| number.parse().ok()).collect();
        let numbers = numbers.filter(|numbers| numbers.len() <= 4)?;
        Some((*numbers.first()?, numbers.get(1).copied().unwrap_or(0.0)))
    };
    parts.map(point).collect()
}

/// Length of a line in metres.
pub(super) fn distance(points: &[Point]) -> f64 {
    points
        .windows(2)
        .map(|pair| if let [a, b] = pair { between(*a, *b) } else { 0.0 })
        .sum()
}

fn between(a: Point, b: Point) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let turn = (b.1 - a.1).to_radians();
    let cosine = lat_a.sin() * lat_b.sin() + lat_a.cos() * lat_b.cos() * turn.cos();
    cosine.clamp(-1.0, 1.0).acos() * RADIUS_M
}

/// Area of a shape in square metres, on a plane that touches at its first point.
pub(super) fn area(points: &[Point]) -> f64 {
    let [first, rest @ ..] = points else {
        return 0.0;
    };
    if points.len() < 3 {
        return 0.0;
    }
    let degree = 2.0 * std::f64::consts::PI * RADIUS_M / 360.0;
    let flat: Vec<(f64, f64)> = rest
        .iter()
        .map(|p| {
            (
                (p.1 - first.1) * degree * p.0.to_radians().cos(),
                (p.0 - first.0) * degree,
            )
        })
        .collect();
    let triangles = flat.windows(2).map(|pair| match pair {
        [a, b] => (a.1 * b.0 - a.0 * b.1) / 2.0,
        _ => 0.0,
    });
    triangles.sum::<f64>().abs()
}

/// Whether a point lies inside a shape.
pub(super) fn inside(point: &str, shape: &str) -> bool {
    let (Some((y, x)), corners) = (points(point).first().copied(), points(shape)) else {
        return false;
    };
    let mut inside = false;
    let mut before = corners.last().copied();
    for (cy, cx) in corners {
        if let Some((by, bx)) = before
            && (cy > y) != (by > y)
            && x < (bx - cx) * (y - cy) / (by - cy) + cx
        {
            inside = !inside;
        }
        before = Some((cy, cx));
    }
    inside
}

/// Whether two parts of a line that are not neighbours meet.
pub(super) fn crosses_itself(line: &str) -> bool {
    let points = points(line);
    let segments: Vec<(Point, Point)> = points
        .windows(2)
        .filter_map(|p| Some((*p.first()?, *p.get(1)?)))
        .collect();
    let closed = segments.len() > 1 && points.first() == points.last();
    segments.iter().enumerate().any(|(i, a)| {
        segments
            .iter()
            .enumerate()
            .skip(i + 2)
            .any(|(j, b)| !(closed && i == 0 && j + 1 == segments.len()) && meet(*a, *b))
    })
}

fn meet((a, b): (Point, Point), (c, d): (Point, Point)) -> bool {
    let side = |a: Point, b: Point, p: Point| (b.1 - a.1) * (p.0 - a.0) - (b.0 - a.0) * (p.1 - a.1);
    let within = |a: Point, b: Point, p: Point| {
        a.0.min(b.0) <= p.0 && p.0 <= a.0.max(b.0) && a.1.min(b.1) <= p.1 && p.1 <= a.1.max(b.1)
    };
    let (abc, abd, cda, cdb) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    abc * abd < 0.0 && cda * cdb < 0.0
        || abc == 0.0 && within(a, b, c)
        || abd == 0.0 && within(a, b, d)
        || cda == 0.0 && within(c, d, a)
        || cdb == 0.0 && within(c, d, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_is_about_111_kilometres() {
        let metres = distance(&points("37 121 0 0; 38 121 0 0"));
        assert!((111_000.0..111_500.0).contains(&metres), "{metres}");
    }

    #[test]
    fn a_point_is_inside_or_outside_a_shape() {
        let shape = "0 0; 0 2; 2 2; 2 0; 0 0";
        assert!(inside("1 1 0 0", shape));
        assert!(!inside("3 1 0 0", shape));
        assert!(!crosses_itself(shape));
        assert!(crosses_itself("0 0; 2 2; 2 0; 0 2"));
    }
}
