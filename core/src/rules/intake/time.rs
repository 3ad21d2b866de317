//! Checks of the clocks against each other. None of them is believed; a difference is told.

use super::{Facts, absent, beyond, told};
use crate::model::time::UtcMillis;
use crate::wire::manifest::{Check, Verdict};

/// Differences that warn and that flag, in milliseconds.
const WARN: i64 = 120_000;
const FLAG: i64 = 600_000;

/// The clocks at one capture.
#[derive(Debug, Clone, Copy)]
pub struct Clocks<'a> {
    /// The phone's wall clock.
    pub wall: UtcMillis,
    /// The monotonic clock, milliseconds.
    pub mono_ms: u64,
    /// The boot it counts from.
    pub boot_id: &'a str,
    /// Time of the satellites.
    pub gnss: Option<UtcMillis>,
    /// How far the platform's clock was ahead when last seen.
    pub server_offset_ms: Option<i64>,
}

pub(super) fn checks(facts: &Facts<'_>) -> Vec<Check> {
    let clocks = &facts.clocks;
    let gnss = clocks.gnss.map(|gnss| clocks.wall.since(gnss));
    vec![
        apart("time_gnss", gnss, "wall_differs_from_gnss"),
        apart("time_server", clocks.server_offset_ms, "wall_differs_from_server"),
        exif(facts),
        order(facts),
    ]
}

fn apart(id: &str, millis: Option<i64>, reason: &str) -> Check {
    let Some(millis) = millis else {
        return absent(id, "no_other_clock");
    };
    let away = i64::try_from(millis.unsigned_abs()).unwrap_or(i64::MAX);
    told(id, seconds(millis), beyond(away, WARN, FLAG), reason)
}

fn exif(facts: &Facts<'_>) -> Check {
    let taken = facts.exif_taken_at.and_then(camera_time);
    apart(
        "time_exif",
        taken.map(|t| facts.clocks.wall.since(t)),
        "wall_differs_from_camera",
    )
}

/// The camera's note; without an offset it is local time, and China has one zone.
fn camera_time(text: &str) -> Option<UtcMillis> {
    UtcMillis::parse_rfc3339(text).or_else(|| UtcMillis::parse_rfc3339(&format!("{text}+08:00")))
}

/// Within one boot both clocks go forward, and by the same span.
fn order(facts: &Facts<'_>) -> Check {
    let Some(last) = facts.recent.first().filter(|last| last.boot_id == facts.clocks.boot_id) else {
        return absent("time_order", "no_capture_since_boot");
    };
    if facts.clocks.mono_ms < last.mono_ms {
        return told("time_order", "", Verdict::Flag, "monotonic_clock_went_back");
    }
    let mono = i64::try_from(facts.clocks.mono_ms - last.mono_ms).unwrap_or(i64::MAX);
    let drift = facts.clocks.wall.since(last.at).saturating_sub(mono);
    let away = i64::try_from(drift.unsigned_abs()).unwrap_or(i64::MAX);
    told(
        "time_order",
        seconds(drift),
        beyond(away, WARN, FLAG),
        "wall_clock_was_set",
    )
}

/// Milliseconds as seconds with three decimals.
fn seconds(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let size = millis.unsigned_abs();
    format!("{sign}{}.{:03}", size / 1000, size % 1000)
}
