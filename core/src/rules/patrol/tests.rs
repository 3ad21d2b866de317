use std::collections::BTreeSet;

use proptest::prelude::*;

use super::simplify::{offset_m, to_segment};
use super::*;
use crate::model::area::GridArea;
use crate::model::geo::Crs;

fn at(lon: f64, lat: f64, ms: u64) -> Fix {
    Fix {
        point: Point::from_degrees(lon, lat, Crs::Wgs84).unwrap(),
        accuracy_m: 8,
        boot: 0,
        mono_ms: ms,
        wall: UtcMillis(1_790_000_000_000 + i64::try_from(ms).unwrap()),
        mock: false,
    }
}

/// A square of about 1,000 m with its south-west corner at 121.26, 37.50.
fn grid() -> GridArea {
    let (west, south, east, north) = (1_212_600_000, 375_000_000, 1_212_713_000, 375_090_000);
    let corners = [
        (west, south),
        (east, south),
        (east, north),
        (west, north),
        (west, south),
    ];
    GridArea {
        code: "370611001901001".parse().unwrap(),
        name: "海棠".into(),
        dedicated: false,
        ring: corners.map(|(lon_e7, lat_e7)| Point { lon_e7, lat_e7 }).to_vec(),
    }
}

fn planned(id: &str, lon: f64, lat: f64, dwell_s: u32) -> PlannedPoint {
    PlannedPoint {
        id: id.into(),
        name: id.into(),
        point: Point::from_degrees(lon, lat, Crs::Wgs84).unwrap(),
        place: None,
        qr: None,
        dwell_s,
    }
}

#[test]
fn a_coarse_a_late_and_a_jittering_reading_are_left_out_and_counted() {
    let mut coarse = at(121.265, 37.505, 20_000);
    coarse.accuracy_m = 51;
    let fixes = [
        at(121.264, 37.502, 0),
        at(121.26401, 37.50201, 10_000),
        coarse,
        at(121.2645, 37.502, 9_000),
        at(121.265, 37.502, 30_000),
        at(121.265, 37.502, 95_000),
    ];
    let cleaned = clean(&fixes);
    assert_eq!(
        cleaned.kept.iter().map(|f| f.mono_ms).collect::<Vec<_>>(),
        [0, 9_000, 30_000, 95_000]
    );
    assert_eq!((cleaned.coarse, cleaned.disordered, cleaned.still), (1, 0, 1));
    let back = [at(121.264, 37.502, 9_000), at(121.265, 37.502, 9_000)];
    assert_eq!(clean(&back).disordered, 1);
}

#[test]
fn check_in_is_near_or_by_code_or_with_a_reason() {
    let place = Point::from_degrees(121.264, 37.502, Crs::Wgs84).unwrap();
    let near = at(121.2643, 37.502, 0);
    let far = at(121.2652, 37.502, 0);
    let judge = |fix: Option<&Fix>, around, code, reason| check_in(fix, Some(place), around, code, reason);
    assert_eq!(
        judge(Some(&near), Surroundings::Urban, false, None).unwrap().method,
        Method::Gps
    );
    assert_eq!(judge(Some(&far), Surroundings::Urban, false, None), None);
    assert_eq!(
        judge(Some(&far), Surroundings::Rural, false, None).unwrap().method,
        Method::Gps
    );
    assert_eq!(judge(None, Surroundings::Urban, true, None).unwrap().method, Method::Qr);
    assert_eq!(judge(Some(&far), Surroundings::Urban, false, Some("  ")), None);
    let excused = judge(Some(&far), Surroundings::Urban, false, Some("道路施工")).unwrap();
    assert_eq!((excused.method, excused.distance_m), (Method::Reason, Some(106)));
    let coarse = Fix {
        accuracy_m: 200,
        ..near
    };
    assert_eq!(
        judge(Some(&coarse), Surroundings::Urban, false, None),
        None,
        "a coarse reading proves nothing"
    );
}

#[test]
fn dwell_counts_monotonic_time_and_neither_a_reboot_nor_a_silence() {
    let point = Point::from_degrees(121.264, 37.502, Crs::Wgs84).unwrap();
    let mut fixes: Vec<Fix> = (0..5).map(|n| at(121.264, 37.502, n * 15_000)).collect();
    assert_eq!(dwell(&fixes, point, 50.0).ms, 60_000);
    // the wall clock jumps a day: nothing changes
    fixes
        .iter_mut()
        .skip(2)
        .for_each(|fix| fix.wall = fix.wall.plus(86_400_000));
    assert_eq!(dwell(&fixes, point, 50.0).ms, 60_000);
    fixes.iter_mut().skip(3).for_each(|fix| fix.boot = 1);
    assert_eq!(dwell(&fixes, point, 50.0).ms, 45_000);
    let silent = [at(121.264, 37.502, 0), at(121.264, 37.502, 180_001)];
    assert_eq!(dwell(&silent, point, 50.0).ms, 0);
}

#[test]
fn the_signs_of_a_faked_position_are_told_and_an_honest_walk_has_none() {
    let honest: Vec<Fix> = (0..100_u32)
        .map(|n| at(121.264 + f64::from(n) * 0.0001, 37.502, u64::from(n) * 12_000))
        .collect();
    assert_eq!(signs(&honest), []);
    let mut fixes: Vec<Fix> = (0..21).map(|n| at(121.264, 37.502, n * 10_000)).collect();
    fixes.push(Fix {
        mock: true,
        ..at(121.364, 37.502, 220_000)
    });
    fixes.push(Fix {
        wall: UtcMillis(0),
        ..at(121.364, 37.5021, 230_000)
    });
    fixes.push(Fix {
        boot: 1,
        ..at(121.364, 37.5022, 5)
    });
    let found = signs(&fixes);
    assert!(
        found.contains(&Sign::Mock { readings: 1 }) && found.contains(&Sign::Frozen { readings: 21 }),
        "{found:?}"
    );
    assert!(
        found.contains(&Sign::Clock { times: 1 }) && found.contains(&Sign::Reboot { times: 1 }),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|s| matches!(s, Sign::Speed { kmh, times: 1 } if *kmh > 1000)),
        "{found:?}"
    );
}

#[test]
fn a_grid_is_covered_by_points_passed_and_by_ground_seen() {
    let route = Route {
        id: "r".into(),
        name: "r".into(),
        rural: false,
        ordered: false,
        points: vec![
            planned("a", 121.262, 37.5005, 0),
            planned("b", 121.268, 37.5005, 60),
            planned("c", 121.27, 37.508, 0),
            planned("out", 121.3, 37.6, 0),
        ],
    };
    let walk: Vec<Fix> = (0..110_u32)
        .map(|n| at(121.2601 + f64::from(n) * 0.0001, 37.5005, u64::from(n) * 10_000))
        .collect();
    let covered = coverage(&walk, &route, &BTreeSet::new(), &[grid()]);
    assert_eq!(
        (covered[0].points, covered[0].passed),
        (3, 2),
        "passing b takes more than a minute"
    );
    assert!((380..=440).contains(&covered[0].cells), "{covered:?}");
    assert!((30..=60).contains(&covered[0].seen), "two of twenty rows: {covered:?}");
    let by_code = coverage(&walk, &route, &BTreeSet::from(["c".to_owned()]), &[grid()]);
    assert_eq!(by_code[0].passed, 3);
    assert_eq!(coverage(&[], &route, &BTreeSet::new(), &[grid()])[0].seen, 0);
}

#[test]
fn attendance_counts_own_grids_outside_silence_and_reboots_apart() {
    let mut fixes = vec![
        at(121.262, 37.502, 0),
        at(121.263, 37.502, 60_000),
        at(121.3, 37.502, 120_000),
    ];
    fixes.push(at(121.3, 37.502, 420_000));
    fixes.push(Fix {
        boot: 1,
        ..at(121.262, 37.502, 1_000)
    });
    fixes.push(Fix {
        boot: 1,
        ..at(121.262, 37.503, 61_000)
    });
    let sum = attendance(&fixes, &[grid()]);
    assert_eq!(
        sum,
        Attendance {
            inside_ms: 120_000,
            outside_ms: 60_000,
            silent_ms: 300_000,
            reboots: 1
        }
    );
}

#[test]
fn a_whole_district_as_one_grid_is_measured_in_bounded_time() {
    let mut area = grid();
    for p in &mut area.ring {
        p.lon_e7 += (p.lon_e7 - 1_212_600_000) * 100;
        p.lat_e7 += (p.lat_e7 - 375_000_000) * 20;
    }
    let route = Route {
        id: "r".into(),
        name: "r".into(),
        rural: true,
        ordered: false,
        points: Vec::new(),
    };
    let covered = coverage(&[at(121.3, 37.55, 0)], &route, &BTreeSet::new(), &[area]);
    assert!(covered[0].cells <= 21_000 && covered[0].seen >= 1, "{covered:?}");
}

fn walks() -> impl Strategy<Value = Vec<Fix>> {
    let step = (
        -0.0004f64..0.0004,
        -0.0004f64..0.0004,
        1u64..20_000,
        0u16..80,
        prop::bool::weighted(0.02),
        prop::bool::weighted(0.02),
    );
    prop::collection::vec(step, 0..300).prop_map(|steps| {
        let (mut lon, mut lat, mut ms, mut boot) = (121.264, 37.502, 0, 0);
        steps
            .into_iter()
            .map(|(east, north, wait, accuracy_m, reboot, mock)| {
                lon += east;
                lat += north;
                boot += u16::from(reboot);
                ms = if reboot { wait } else { ms + wait };
                Fix {
                    accuracy_m,
                    boot,
                    mock,
                    ..at(lon, lat, ms)
                }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn what_simplifying_leaves_out_lies_within_the_tolerance(walk in walks(), tolerance in 0.5f64..50.0) {
        let kept = simplify(&walk, tolerance);
        prop_assert_eq!(kept.first(), walk.first());
        prop_assert_eq!(kept.last(), walk.last());
        let same_boot = |fix: &&Fix, boot: u16| fix.boot == boot;
        for fix in &walk {
            let line: Vec<&Fix> = kept.iter().filter(|k| same_boot(k, fix.boot)).collect();
            let (a, b) = line.iter().zip(line.iter().skip(1))
                .find(|(a, b)| (a.mono_ms..=b.mono_ms).contains(&fix.mono_ms))
                .map_or((line[0], line[0]), |(a, b)| (*a, *b));
            let origin = a.point;
            let far = to_segment(offset_m(origin, fix.point), (0.0, 0.0), offset_m(origin, b.point));
            prop_assert!(far <= tolerance + 0.01, "{} m of {}", far, tolerance);
        }
        prop_assert_eq!(simplify(&kept, tolerance).len() <= kept.len(), true);
    }

    #[test]
    fn a_track_comes_out_of_its_bytes_as_it_went_in(walk in walks()) {
        prop_assert_eq!(decode(&encode(&walk)).unwrap(), walk);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
    }

    #[test]
    fn cleaning_keeps_the_order_and_loses_no_count(walk in walks()) {
        let cleaned = clean(&walk);
        let all = cleaned.kept.len() + (cleaned.coarse + cleaned.disordered + cleaned.still) as usize;
        prop_assert_eq!(all, walk.len());
        prop_assert!(cleaned.kept.windows(2).all(|p| (p[0].boot, p[0].mono_ms) < (p[1].boot, p[1].mono_ms)));
    }

    #[test]
    fn no_track_adds_up_to_more_time_than_its_clock_ran(walk in walks()) {
        let sum = attendance(&walk, &[grid()]);
        let ran: u64 = walk.windows(2).filter_map(|p| p[1].since(&p[0])).sum();
        prop_assert_eq!(sum.inside_ms + sum.outside_ms + sum.silent_ms, ran);
    }
}
