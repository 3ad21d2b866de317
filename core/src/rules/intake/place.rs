//! Checks of the place: how good the fix is, and whether it fits grid, subject, camera's note and the way since the last.

use super::{Facts, absent, told};
use crate::model::geo::Point;
use crate::wire::manifest::{Check, Fix, Verdict, decimal};

/// Accuracy that warns, metres.
const COARSE_M: f64 = 50.0;
/// Age of a fix that warns, milliseconds.
const STALE_MS: u64 = 60_000;
/// Distance from the subject that flags, metres.
const FAR_M: f64 = 300.0;
/// Distance between fix and camera's note that warns, metres.
const NOTE_APART_M: f64 = 300.0;
/// Speed that nobody walks or drives in a district, metres a second.
const FASTEST: f64 = 42.0;

pub(super) fn checks(facts: &Facts<'_>) -> Vec<Check> {
    let Some(fix) = facts.fix else {
        let ids = [
            "place_accuracy",
            "place_age",
            "place_mock",
            "place_grid",
            "place_subject",
            "place_exif",
            "place_speed",
        ];
        return ids.map(|id| absent(id, "no_fix")).to_vec();
    };
    let point = fix.point();
    vec![
        accuracy(fix),
        age(fix),
        mock(fix),
        grid(facts),
        subject(facts, point, fix),
        note(facts, point),
        speed(facts, point),
    ]
}

fn metres(value: f64) -> String {
    decimal(value, 1).unwrap_or_default()
}

fn accuracy(fix: &Fix) -> Check {
    let Some(metres) = fix.accuracy() else {
        return absent("place_accuracy", "accuracy_unknown");
    };
    let verdict = if metres > COARSE_M { Verdict::Warn } else { Verdict::Ok };
    told(
        "place_accuracy",
        decimal(metres, 1).unwrap_or_default(),
        verdict,
        "fix_is_coarse",
    )
}

fn age(fix: &Fix) -> Check {
    let verdict = if fix.fix_age_ms > STALE_MS {
        Verdict::Warn
    } else {
        Verdict::Ok
    };
    told("place_age", fix.fix_age_ms, verdict, "fix_is_old")
}

fn mock(fix: &Fix) -> Check {
    let verdict = if fix.mock { Verdict::Flag } else { Verdict::Ok };
    told("place_mock", u8::from(fix.mock), verdict, "mock_location")
}

fn grid(facts: &Facts<'_>) -> Check {
    match facts.in_grid {
        Some(true) => told("place_grid", "1", Verdict::Ok, ""),
        Some(false) => told("place_grid", "0", Verdict::Flag, "outside_grid"),
        None => absent("place_grid", "grid_unknown"),
    }
}

fn subject(facts: &Facts<'_>, point: Option<Point>, fix: &Fix) -> Check {
    let (Some(point), Some(subject)) = (point, facts.subject) else {
        return absent("place_subject", "subject_without_place");
    };
    let away = point.distance_m(&subject);
    let allowed = FAR_M + fix.accuracy().unwrap_or(0.0).clamp(0.0, FAR_M);
    let verdict = if away > allowed { Verdict::Flag } else { Verdict::Ok };
    told("place_subject", metres(away), verdict, "far_from_subject")
}

fn note(facts: &Facts<'_>, point: Option<Point>) -> Check {
    let (Some(point), Some(note)) = (point, facts.exif_position) else {
        return absent("place_exif", "camera_without_place");
    };
    let away = point.distance_m(&note);
    let verdict = if away > NOTE_APART_M {
        Verdict::Warn
    } else {
        Verdict::Ok
    };
    told("place_exif", metres(away), verdict, "camera_was_elsewhere")
}

/// Speed since the last capture with a place, by the monotonic clock within a boot, else by the wall clock.
fn speed(facts: &Facts<'_>, point: Option<Point>) -> Check {
    let last = facts.recent.iter().find_map(|r| Some((r, r.place?)));
    let (Some(point), Some((last, there))) = (point, last) else {
        return absent("place_speed", "no_earlier_place");
    };
    let clocks = &facts.clocks;
    let millis = if last.boot_id == clocks.boot_id {
        i64::try_from(clocks.mono_ms.saturating_sub(last.mono_ms)).unwrap_or(i64::MAX)
    } else {
        clocks.wall.since(last.at)
    };
    #[allow(clippy::cast_precision_loss)] // a span of milliseconds that is exact up to 285,000 years
    let seconds = (millis.max(0) as f64 / 1000.0).max(1.0);
    let away = point.distance_m(&there);
    // two fixes may each be off by their accuracy
    let speed = (away - 2.0 * COARSE_M).max(0.0) / seconds;
    let verdict = if speed > FASTEST { Verdict::Flag } else { Verdict::Ok };
    told("place_speed", metres(speed), verdict, "impossible_speed")
}
