use super::*;
use crate::model::geo::Crs;
use crate::model::time::UtcMillis;
use crate::rules::likeness::{Hash256, Pictured};

const NOW: UtcMillis = UtcMillis(1_785_550_923_120);

fn fine() -> Looks {
    Looks {
        mean: 12_000,
        deviation: 5_000,
        sharpness: 14_320,
        pattern: 120,
        hashes: Pictured::default(),
    }
}

fn fix() -> Fix {
    Fix {
        lat: "37.4983120".into(),
        lon: "121.2671450".into(),
        crs: Crs::Wgs84,
        acc_m: Some("6.5".into()),
        alt_m: None,
        speed_mps: None,
        bearing_deg: None,
        provider: "gnss".into(),
        fix_age_ms: 900,
        mock: false,
        sats_used: Some(11),
    }
}

fn clocks() -> Clocks<'static> {
    Clocks {
        wall: NOW,
        mono_ms: 1_000_000,
        boot_id: "b",
        gnss: Some(NOW.plus(-500)),
        server_offset_ms: Some(812),
    }
}

fn facts<'a>(looks: &'a Looks, fix: &'a Fix) -> Facts<'a> {
    Facts {
        size: Some((4_000, 3_000)),
        looks: Some(looks),
        source: Source::AppCamera,
        gallery_allowed: false,
        reuse: Reuse::default(),
        clocks: clocks(),
        exif_taken_at: Some("2026-08-01T10:22:03"),
        exif_position: fix.point(),
        maker_note: true,
        fix: Some(fix),
        in_grid: Some(true),
        subject: fix.point(),
        before: None,
        recent: &[],
        case: "case-1",
    }
}

fn recent(seconds_ago: i64, case: &str) -> Recent<'_> {
    Recent {
        at: NOW.plus(-seconds_ago * 1000),
        mono_ms: 1_000_000 - u64::try_from(seconds_ago * 1000).unwrap().min(1_000_000),
        boot_id: "b",
        place: None,
        case,
    }
}

fn verdict(facts: &Facts<'_>, id: &str) -> (Verdict, String) {
    let found: Vec<_> = check(facts).into_iter().filter(|c| c.id == id).collect();
    assert_eq!(found.len(), 1, "{id}");
    (found[0].verdict, found[0].reason.clone())
}

/// Changes good facts in one point; that check, and its reason, must follow.
fn assert_told(id: &str, reason: &str, verdict_wanted: Verdict, change: impl FnOnce(&mut Facts<'_>)) {
    let (looks, fix) = (fine(), fix());
    let mut facts = facts(&looks, &fix);
    assert_ne!(verdict(&facts, id).1, reason, "{id} must be silent before");
    change(&mut facts);
    assert_eq!(verdict(&facts, id), (verdict_wanted, reason.to_owned()), "{id}");
}

#[test]
fn a_good_photo_has_nothing_against_it() {
    let (looks, fix) = (fine(), fix());
    let checks = check(&facts(&looks, &fix));
    let told: Vec<_> = checks.iter().filter(|c| c.verdict > Verdict::Absent).collect();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(worst(&checks), Verdict::Ok);
    assert!(checks.iter().all(|c| c.rule == RULE));
}

#[test]
fn the_picture_itself_is_judged() {
    assert_told("decodes", "not_decoded", Verdict::Warn, |f| f.looks = None);
    assert_told("size", "too_small", Verdict::Flag, |f| f.size = Some((1_279, 960)));
    assert_told("size", "too_small", Verdict::Flag, |f| f.size = Some((959, 1_280)));
    assert_told("size", "size_unknown", Verdict::Absent, |f| f.size = None);
    let dark = Looks { mean: 1_500, ..fine() };
    let bright = Looks { mean: 24_100, ..fine() };
    let flat = Looks {
        deviation: 700,
        ..fine()
    };
    let soft = Looks {
        sharpness: 5_999,
        ..fine()
    };
    let screen = Looks { pattern: 500, ..fine() };
    assert_told("exposure", "too_dark", Verdict::Flag, |f| {
        f.looks = Some(Box::leak(Box::new(dark)))
    });
    assert_told("exposure", "too_bright", Verdict::Flag, |f| {
        f.looks = Some(Box::leak(Box::new(bright)))
    });
    assert_told("exposure", "covered_or_flat", Verdict::Flag, |f| {
        f.looks = Some(Box::leak(Box::new(flat)))
    });
    assert_told("blur", "blurred", Verdict::Flag, |f| {
        f.looks = Some(Box::leak(Box::new(soft)))
    });
    assert_told("rephotograph", "pattern_of_a_screen", Verdict::Warn, |f| {
        f.looks = Some(Box::leak(Box::new(screen)));
    });
}

#[test]
fn a_photo_from_elsewhere_is_flagged_unless_the_item_allows_it() {
    assert_told("source", "not_from_camera", Verdict::Flag, |f| {
        f.source = Source::Gallery
    });
    assert_told("source", "not_from_camera", Verdict::Flag, |f| {
        f.source = Source::Import
    });
    let (looks, fix) = (fine(), fix());
    let mut allowed = facts(&looks, &fix);
    (allowed.source, allowed.gallery_allowed) = (Source::Gallery, true);
    assert_eq!(verdict(&allowed, "source").0, Verdict::Ok);
}

#[test]
fn reuse_is_flagged_by_bytes_and_by_likeness() {
    assert_told("reuse_exact", "same_photo_other_case", Verdict::Flag, |f| {
        f.reuse.exact_elsewhere = 1
    });
    assert_told("reuse_exact", "same_photo_same_case", Verdict::Warn, |f| {
        f.reuse.exact_here = 1
    });
    assert_told("reuse_near", "same_picture", Verdict::Flag, |f| {
        f.reuse.nearest = Some(24)
    });
    assert_told("reuse_similar", "similar_pictures", Verdict::Warn, |f| {
        f.reuse.similar = 2
    });
    let (looks, fix) = (fine(), fix());
    let mut away = facts(&looks, &fix);
    away.reuse.nearest = Some(25);
    assert_eq!(verdict(&away, "reuse_near").0, Verdict::Ok);
}

#[test]
fn four_clocks_are_compared_and_a_turned_clock_is_told() {
    assert_told("time_gnss", "wall_differs_from_gnss", Verdict::Warn, |f| {
        f.clocks.gnss = Some(NOW.plus(120_001))
    });
    assert_told("time_gnss", "wall_differs_from_gnss", Verdict::Flag, |f| {
        f.clocks.gnss = Some(NOW.plus(-600_001))
    });
    assert_told("time_server", "wall_differs_from_server", Verdict::Flag, |f| {
        f.clocks.server_offset_ms = Some(-600_001);
    });
    assert_told("time_server", "no_other_clock", Verdict::Absent, |f| {
        f.clocks.server_offset_ms = None
    });
    assert_told("time_exif", "wall_differs_from_camera", Verdict::Flag, |f| {
        f.exif_taken_at = Some("2026-08-01T02:22:03");
    });
    let (looks, fix) = (fine(), fix());
    for good in [
        "2026-08-01T10:22:03",
        "2026-08-01T10:22:03+08:00",
        "2026-08-01T04:22:03+02:00",
    ] {
        let mut facts = facts(&looks, &fix);
        facts.exif_taken_at = Some(good);
        assert_eq!(verdict(&facts, "time_exif").0, Verdict::Ok, "{good}");
    }
    let set = [Recent {
        at: NOW.plus(-3_600_000),
        ..recent(10, "x")
    }];
    let back = [Recent {
        mono_ms: 1_000_001,
        ..recent(10, "x")
    }];
    let rebooted = [Recent {
        boot_id: "other",
        mono_ms: 9_000_000,
        ..recent(10, "x")
    }];
    let mut facts = facts(&looks, &fix);
    for (last, told) in [
        (&set, (Verdict::Flag, "wall_clock_was_set")),
        (&back, (Verdict::Flag, "monotonic_clock_went_back")),
        (&rebooted, (Verdict::Absent, "no_capture_since_boot")),
        (&[recent(10, "x")], (Verdict::Ok, "")),
    ] {
        facts.recent = last;
        assert_eq!(verdict(&facts, "time_order"), (told.0, told.1.to_owned()));
    }
}

#[test]
fn the_place_is_held_against_accuracy_grid_subject_camera_and_the_way() {
    let (looks, good) = (fine(), fix());
    let point = good.point().unwrap();
    let east = |metres: i32| Point {
        lon_e7: point.lon_e7 + metres * 113,
        ..point
    };
    let with = |fix: &Fix, id: &str| verdict(&facts(&looks, fix), id);
    let coarse = Fix {
        acc_m: Some("50.1".into()),
        ..fix()
    };
    assert_eq!(with(&coarse, "place_accuracy"), (Verdict::Warn, "fix_is_coarse".into()));
    let mocked = Fix { mock: true, ..fix() };
    assert_eq!(with(&mocked, "place_mock"), (Verdict::Flag, "mock_location".into()));
    let old = Fix {
        fix_age_ms: 60_001,
        ..fix()
    };
    assert_eq!(with(&old, "place_age"), (Verdict::Warn, "fix_is_old".into()));
    assert_told("place_grid", "outside_grid", Verdict::Flag, |f| f.in_grid = Some(false));
    assert_told("place_subject", "far_from_subject", Verdict::Flag, |f| {
        f.subject = Some(east(320))
    });
    assert_told("place_exif", "camera_was_elsewhere", Verdict::Warn, |f| {
        f.exif_position = Some(east(320))
    });
    assert_told("place_mock", "no_fix", Verdict::Absent, |f| f.fix = None);
    let far = [Recent {
        place: Some(east(10_000)),
        ..recent(60, "x")
    }];
    let walked = [Recent {
        place: Some(east(70)),
        ..recent(60, "x")
    }];
    let mut moved = facts(&looks, &good);
    moved.recent = &far;
    assert_eq!(
        verdict(&moved, "place_speed"),
        (Verdict::Flag, "impossible_speed".into())
    );
    moved.recent = &walked;
    assert_eq!(verdict(&moved, "place_speed").0, Verdict::Ok);
}

#[test]
fn an_after_photo_must_differ_and_be_taken_at_the_same_place() {
    assert_told("pair_differs", "after_is_before", Verdict::Flag, |f| {
        f.before = Some(Before {
            bits: Some(3),
            metres: None,
        });
    });
    assert_told("pair_place", "after_is_elsewhere", Verdict::Flag, |f| {
        f.before = Some(Before {
            bits: None,
            metres: Some(30.1),
        });
    });
    let (looks, fix) = (fine(), fix());
    let mut pair = facts(&looks, &fix);
    pair.before = Some(Before {
        bits: Some(60),
        metres: Some(12.0),
    });
    assert_eq!(verdict(&pair, "pair_differs").0, Verdict::Ok);
    assert_eq!(verdict(&pair, "pair_place").0, Verdict::Ok);
}

#[test]
fn made_up_series_are_flagged_and_busy_days_are_not() {
    let many = ["a", "b", "c", "d", "e"].map(|case| recent(30, case));
    assert_told("burst", "many_subjects_at_once", Verdict::Flag, |f| {
        f.recent = Box::leak(Box::new(many))
    });
    let even = [60, 120, 180, 240, 300].map(|s| recent(s, "case-1"));
    assert_told("burst", "even_intervals", Verdict::Flag, |f| {
        f.recent = Box::leak(Box::new(even))
    });
    let (looks, fix) = (fine(), fix());
    let natural = [61, 115, 190, 260, 290].map(|s| recent(s, "case-1"));
    let shots = [1, 2, 3, 4, 5].map(|s| recent(s, "case-1"));
    let mut facts = facts(&looks, &fix);
    for quiet in [&natural, &shots] {
        facts.recent = quiet;
        assert_eq!(verdict(&facts, "burst").0, Verdict::Ok);
    }
}

#[test]
fn stripes_repeat_and_noise_does_not() {
    use crate::rules::likeness::Luma;
    let make = |f: &dyn Fn(u32, u32) -> u8| {
        let pixels = (0..256)
            .flat_map(|y| (0..256).map(move |x| (x, y)))
            .map(|(x, y)| f(x, y))
            .collect();
        look(&Luma::new(256, 256, pixels).unwrap())
    };
    let stripes = make(&|x, _| if x % 6 < 3 { 90 } else { 160 });
    let noise = make(&|x, y| {
        (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(0x9E37_79B9))
            .wrapping_mul(0x85EB_CA6B)
            .to_be_bytes()[0]
    });
    assert!(stripes.pattern > 900, "{}", stripes.pattern);
    assert!(noise.pattern < 200, "{}", noise.pattern);
    assert_ne!(stripes.hashes.whole, Hash256::default());
}
