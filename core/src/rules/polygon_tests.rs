use super::*;

fn ring(corners: &[(i32, i32)]) -> Vec<Point> {
    corners.iter().map(|&(x, y)| at(x, y)).collect()
}

/// A point some hundred metres a unit, near the district.
fn at(x: i32, y: i32) -> Point {
    Point {
        lon_e7: 1_212_000_000 + x * 10_000,
        lat_e7: 375_000_000 + y * 10_000,
    }
}

fn concave() -> Vec<Point> {
    ring(&[(0, 0), (10, 0), (10, 10), (5, 4), (0, 10), (0, 0)])
}

#[test]
fn inside_border_and_outside_are_told_apart_exactly() {
    for (x, y, side_of) in [
        (5, 1, Side::Inside),
        (1, 7, Side::Inside),
        (5, 5, Side::Outside),
        (5, 4, Side::Border),
        (0, 0, Side::Border),
        (10, 5, Side::Border),
        (11, 5, Side::Outside),
        (-1, 0, Side::Outside),
        (20, 0, Side::Outside),
    ] {
        assert_eq!(side(&concave(), &at(x, y)), side_of, "({x}, {y})");
        let reversed: Vec<Point> = concave().into_iter().rev().collect();
        assert_eq!(side(&reversed, &at(x, y)), side_of, "({x}, {y}) the other way round");
    }
}

#[test]
fn one_centimetre_off_the_border_is_not_on_it() {
    let square = ring(&[(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]);
    let border = at(10, 5);
    let inside = Point {
        lon_e7: border.lon_e7 - 1,
        ..border
    };
    let outside = Point {
        lon_e7: border.lon_e7 + 1,
        ..border
    };
    let sides = [inside, border, outside].map(|p| side(&square, &p));
    assert_eq!(sides, [Side::Inside, Side::Border, Side::Outside]);
}

#[test]
fn the_ends_of_the_globe_do_not_overflow() {
    let p = |lon_e7, lat_e7| Point { lon_e7, lat_e7 };
    let all = vec![
        p(i32::MIN, i32::MIN),
        p(i32::MAX, i32::MIN),
        p(i32::MAX, i32::MAX),
        p(i32::MIN, i32::MAX),
        p(i32::MIN, i32::MIN),
    ];
    assert_eq!(side(&all, &p(0, 0)), Side::Inside);
    assert!(check_ring(&all).is_ok());
}

#[test]
fn a_ring_is_closed_simple_and_encloses_something() {
    assert_eq!(check_ring(&concave()), Ok(()));
    for (corners, error) in [
        (vec![(0, 0), (1, 0), (0, 0)], RingError::TooFewPoints),
        (vec![(0, 0), (1, 0), (1, 1), (0, 1)], RingError::Open),
        (vec![(0, 0), (1, 0), (2, 0), (0, 0)], RingError::NoArea),
        (vec![(0, 0), (4, 4), (4, 0), (0, 6), (0, 0)], RingError::Crossing),
        (vec![(0, 0), (6, 0), (3, 0), (3, 5), (0, 0)], RingError::Crossing),
        (
            vec![(0, 0), (4, 0), (2, 2), (4, 4), (0, 4), (2, 2), (0, 0)],
            RingError::Crossing,
        ),
    ] {
        assert_eq!(check_ring(&ring(&corners)), Err(error), "{corners:?}");
    }
}
