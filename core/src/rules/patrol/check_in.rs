//! Check-in: near enough to the place, long enough, or by the code on its plate; otherwise with a reason.

use serde::{Deserialize, Serialize};

use super::Fix;
use crate::model::geo::Point;

/// Town or country, for how near is near (domain dictionary 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surroundings {
    /// Within 50 m.
    Urban,
    /// Within 150 m.
    Rural,
}

impl Surroundings {
    /// Farthest valid check-in in metres.
    #[must_use]
    pub fn radius_m(self) -> f64 {
        match self {
            Self::Urban => 50.0,
            Self::Rural => 150.0,
        }
    }
}

/// How somebody checked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By the position.
    Gps,
    /// By the code on the plate.
    Qr,
    /// By a reason, because neither fitted.
    Reason,
}

/// A check-in as it is kept with the visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckIn {
    /// How.
    pub method: Method,
    /// Metres from the place, when both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<u32>,
    /// Radius of the reading in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<u16>,
    /// Where the worker was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Why it did not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The system said that the position is mocked: shown, never refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mock: bool,
}

/// Judges a check-in at a place. The reading's own accuracy is not added to the radius: a coarse reading asks for a reason or
/// the code. `None` when a reason is needed and none is given.
#[must_use]
pub fn check_in(
    fix: Option<&Fix>,
    place: Option<Point>,
    around: Surroundings,
    code_fits: bool,
    reason: Option<&str>,
) -> Option<CheckIn> {
    let distance = fix.zip(place).map(|(fix, place)| fix.point.distance_m(&place));
    let precise = fix.is_some_and(|fix| f64::from(fix.accuracy_m) <= around.radius_m());
    let near = precise && distance.is_some_and(|metres| metres <= around.radius_m());
    let reason = reason.map(str::trim).filter(|text| !text.is_empty());
    let method = match (code_fits, near, reason) {
        (true, _, _) => Method::Qr,
        (_, true, _) => Method::Gps,
        (_, _, Some(_)) => Method::Reason,
        _ => return None,
    };
    Some(CheckIn {
        method,
        distance_m: distance.map(whole),
        accuracy_m: fix.map(|fix| fix.accuracy_m),
        point: fix.map(|fix| fix.point),
        reason: reason.map(str::to_owned),
        mock: fix.is_some_and(|fix| fix.mock),
    })
}

/// How long somebody stayed at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Dwell {
    /// Milliseconds inside the radius, by the monotonic clock.
    pub ms: u64,
    /// Nearest reading in metres; `None` when there is none.
    pub nearest_m: Option<u32>,
}

/// A silence longer than this is not counted as staying, in milliseconds: three readings of a still phone.
pub(super) const SILENCE_MS: u64 = 180_000;

/// Time spent within a radius of a point: the spans between neighbouring readings that both lie inside.
#[must_use]
pub fn dwell(fixes: &[Fix], point: Point, radius_m: f64) -> Dwell {
    let distances: Vec<f64> = fixes.iter().map(|fix| fix.point.distance_m(&point)).collect();
    let pairs = fixes.iter().zip(&distances).zip(fixes.iter().zip(&distances).skip(1));
    let ms = pairs
        .filter(|((_, a), (_, b))| **a <= radius_m && **b <= radius_m)
        .filter_map(|((earlier, _), (later, _))| later.since(earlier))
        .filter(|ms| *ms <= SILENCE_MS)
        .sum();
    let nearest = distances.into_iter().min_by(f64::total_cmp);
    Dwell {
        ms,
        nearest_m: nearest.map(whole),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // distances on the globe fit, and `as` saturates
pub(super) fn whole(metres: f64) -> u32 {
    metres.round() as u32
}
