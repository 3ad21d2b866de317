//! Whether a capture can be true beside the one before it and beside the platform's clock. Flags, never refusals: a phone's
//! clock may be wrong and its worker honest.

use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::manifest::{Capture, Fix};
use serde::{Deserialize, Serialize};

use super::arrival::Finding;

/// How far a phone's clock may be ahead of ours, milliseconds.
const AHEAD_MS: i64 = 600_000;
/// Fastest way between two captures, metres a second: 150 km/h.
const SPEED_MPS: f64 = 42.0;
/// Positions this near to each other tell nothing about speed, metres.
const NOISE_M: f64 = 500.0;

/// What the next capture is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Last {
    seq: u64,
    wall: String,
    boot_id: String,
    mono_ms: u64,
    place: Option<Fix>,
}

impl Last {
    pub(super) fn of(capture: &Capture) -> Self {
        Self {
            seq: capture.chain.seq,
            wall: capture.time.wall.clone(),
            boot_id: capture.time.boot_id.clone(),
            mono_ms: capture.time.mono_ms,
            place: capture.place.clone(),
        }
    }
}

/// Everything that is implausible about a capture.
pub(super) fn check(capture: &Capture, last: Option<&Last>, now: UtcMillis) -> Vec<Finding> {
    let mut found = Vec::new();
    match UtcMillis::parse_rfc3339(&capture.time.wall) {
        None => found.push(Finding::of("clock_unreadable", "")),
        Some(wall) if wall.since(now) > AHEAD_MS => {
            found.push(Finding::of("clock_ahead", format!("{} s", wall.since(now) / 1000)));
        }
        Some(_) => {}
    }
    if capture.place.as_ref().is_some_and(|p| p.mock) {
        found.push(Finding::of("mock_location", ""));
    }
    // a capture that comes late is compared with nothing: what came between was compared already
    if let Some(last) = last.filter(|last| last.seq < capture.chain.seq) {
        found.extend(order(capture, last));
        found.extend(speed(capture, last));
    }
    found
}

fn order(capture: &Capture, last: &Last) -> Option<Finding> {
    let same_boot = capture.time.boot_id == last.boot_id;
    let backwards = same_boot && capture.time.mono_ms < last.mono_ms;
    backwards.then(|| Finding::of("clock_backwards", format!("{} ms", last.mono_ms - capture.time.mono_ms)))
}

fn speed(capture: &Capture, last: &Last) -> Option<Finding> {
    let way = capture
        .place
        .as_ref()?
        .point()?
        .distance_m(&last.place.as_ref()?.point()?);
    let seconds = if capture.time.boot_id == last.boot_id {
        capture.time.mono_ms.saturating_sub(last.mono_ms) as f64 / 1000.0
    } else {
        let (now, then) = (
            UtcMillis::parse_rfc3339(&capture.time.wall)?,
            UtcMillis::parse_rfc3339(&last.wall)?,
        );
        now.since(then).max(0) as f64 / 1000.0
    };
    let speed = way / seconds.max(1.0);
    (way > NOISE_M && speed > SPEED_MPS).then(|| Finding::of("speed_impossible", format!("{speed:.0} m/s")))
}
