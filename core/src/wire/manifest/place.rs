//! Where a photo was taken, as the phone's positioning said; decimals as fixed-point texts.

use serde::{Deserialize, Serialize};

use crate::model::geo::{Crs, Point};

/// One position fix with its quality and source.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Latitude in degrees, seven decimals, north positive.
    pub lat: String,
    /// Longitude in degrees, seven decimals, east positive.
    pub lon: String,
    /// Reference system of the reading, always said. Raw GNSS is `WGS84`; a vendor's shifted fix is written as it came.
    pub crs: Crs,
    /// Radius in metres that holds the true place with 68 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acc_m: Option<String>,
    /// Height in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt_m: Option<String>,
    /// Speed in metres a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_mps: Option<String>,
    /// Direction of travel in degrees, 0 to 359.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearing_deg: Option<u16>,
    /// Who positioned: `gnss`, `fused`, `network`, or a sum such as `gnss+fused`.
    pub provider: String,
    /// Age of the fix at the moment of capture, milliseconds.
    pub fix_age_ms: u64,
    /// The system says that the position comes from a mock provider.
    pub mock: bool,
    /// Satellites used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sats_used: Option<u16>,
}

impl std::fmt::Debug for Fix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fix").field("crs", &self.crs).finish_non_exhaustive()
    }
}

impl Fix {
    /// The place as a point of the engine, `None` when the texts are no place on the globe.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        Point::from_degrees(self.lon.parse().ok()?, self.lat.parse().ok()?, self.crs).ok()
    }

    /// Accuracy in metres, when told and a number.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        self.acc_m.as_deref()?.parse().ok().filter(|m: &f64| m.is_finite())
    }
}

/// A number as a fixed-point text; what is no finite number of a sensible size has none.
#[must_use]
pub fn decimal(value: f64, places: usize) -> Option<String> {
    let text = (value.is_finite() && value.abs() < 1e9).then(|| format!("{value:.places$}"))?;
    // minus nought and nought are one number and get one text
    match text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.')) {
        true => Some(text.trim_start_matches('-').to_owned()),
        false => Some(text),
    }
}
