//! Points, readings of the position, network and power; and how texts from outside become ids and bodies.

use std::str::FromStr;

use fushan_grid_core::app::AppError;
use fushan_grid_core::model::geo;
use fushan_grid_core::model::ids::IdError;
use fushan_grid_core::model::policy;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::patrol;
use fushan_grid_core::wire::manifest;

use crate::error::GridError;

/// The reference system of a point. A point without one is never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Crs {
    /// China Geodetic Coordinate System 2000: what the engine stores and gives back.
    Cgcs2000,
    /// Raw satellite positions, as phones give them.
    Wgs84,
    /// The shifted system of Chinese map vendors.
    Gcj02,
}

/// A point in degrees.
#[derive(Clone, Copy, PartialEq, uniffi::Record)]
pub struct GeoPoint {
    /// Longitude, east positive.
    pub lon: f64,
    /// Latitude, north positive.
    pub lat: f64,
    /// Its reference system.
    pub crs: Crs,
}

/// A reading of the position.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Fix {
    /// Where.
    pub point: GeoPoint,
    /// Radius in metres that holds the true place with 68 %.
    pub accuracy_m: f64,
    /// Who positioned: `gnss`, `fused`, `network`, or a sum such as `gnss+fused`.
    pub provider: String,
    /// Age of the reading in milliseconds.
    pub age_ms: u64,
    /// The system says that the position comes from a mock provider. It is noted, never refused.
    #[uniffi(default = false)]
    pub mock: bool,
    /// Height in metres, when known.
    #[uniffi(default = None)]
    pub altitude_m: Option<f64>,
    /// Speed in metres a second, when known.
    #[uniffi(default = None)]
    pub speed_mps: Option<f64>,
    /// Direction of travel in degrees, when known.
    #[uniffi(default = None)]
    pub bearing_deg: Option<f64>,
    /// Satellites used, when known.
    #[uniffi(default = None)]
    pub satellites: Option<u16>,
    /// Time of the satellites, in UTC milliseconds, when known.
    #[uniffi(default = None)]
    pub gnss_ms: Option<i64>,
}

/// What the network costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Enum)]
pub enum Network {
    /// Costs nothing by the byte.
    #[default]
    Unmetered,
    /// Paid by the byte.
    Metered,
    /// Paid by the byte, abroad or with another operator.
    Roaming,
}

/// Network and power of the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Record)]
pub struct Conditions {
    /// Network.
    pub network: Network,
    /// Battery in percent, when known.
    #[uniffi(default = None)]
    pub battery: Option<u8>,
    /// Whether it is being charged.
    #[uniffi(default = false)]
    pub charging: bool,
}

impl From<Conditions> for policy::Conditions {
    fn from(now: Conditions) -> Self {
        Self {
            network: match now.network {
                Network::Unmetered => policy::Network::Unmetered,
                Network::Metered => policy::Network::Metered,
                Network::Roaming => policy::Network::Roaming,
            },
            battery: now.battery,
            charging: now.charging,
        }
    }
}

impl From<Crs> for geo::Crs {
    fn from(crs: Crs) -> Self {
        match crs {
            Crs::Cgcs2000 => Self::Cgcs2000,
            Crs::Wgs84 => Self::Wgs84,
            Crs::Gcj02 => Self::Gcj02,
        }
    }
}

impl GeoPoint {
    /// The point as the engine keeps it.
    pub(crate) fn read(self) -> Result<geo::Point, GridError> {
        Ok(geo::Point::from_degrees(self.lon, self.lat, self.crs.into()).map_err(AppError::from)?)
    }

    /// The same place in another reference system.
    pub(crate) fn in_system(self, crs: Crs) -> Result<Self, GridError> {
        let (lon, lat) = self.read()?.degrees(crs.into());
        Ok(Self { lon, lat, crs })
    }
}

impl From<geo::Point> for GeoPoint {
    fn from(point: geo::Point) -> Self {
        let (lon, lat) = point.degrees(geo::Crs::Cgcs2000);
        let crs = Crs::Cgcs2000;
        Self { lon, lat, crs }
    }
}

impl Fix {
    /// Whole metres, as tracks and check-ins count them.
    pub(crate) fn whole_metres(&self) -> u16 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, and no number becomes 0
        let metres = self.accuracy_m.ceil() as u16;
        if self.accuracy_m.is_nan() { u16::MAX } else { metres }
    }

    /// As checklists and check-ins take it: made now, less its age.
    pub(crate) fn on_patrol(&self, mono_ms: u64, wall: UtcMillis) -> Result<patrol::Fix, GridError> {
        let age = i64::try_from(self.age_ms).unwrap_or(i64::MAX);
        Ok(patrol::Fix {
            point: self.point.read()?,
            accuracy_m: self.whole_metres(),
            boot: 0,
            mono_ms: mono_ms.saturating_sub(self.age_ms),
            wall: wall.plus(age.saturating_neg()),
            mock: self.mock,
        })
    }

    /// As a manifest writes it down: the reading as it came, in texts.
    pub(crate) fn in_manifest(&self) -> manifest::Fix {
        let text = |value: Option<f64>| value.filter(|v| v.is_finite()).map(|v| format!("{v:.1}"));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 0..360
        let bearing = |degrees: f64| degrees.rem_euclid(360.0) as u16;
        manifest::Fix {
            lat: format!("{:.7}", self.point.lat),
            lon: format!("{:.7}", self.point.lon),
            crs: self.point.crs.into(),
            acc_m: text(Some(self.accuracy_m)),
            alt_m: text(self.altitude_m),
            speed_mps: text(self.speed_mps),
            bearing_deg: self.bearing_deg.filter(|d| d.is_finite()).map(bearing),
            provider: self.provider.clone(),
            fix_age_ms: self.age_ms,
            mock: self.mock,
            sats_used: self.satellites,
        }
    }
}

/// An id of the engine's from a text of the app's.
pub(crate) fn id<T: FromStr<Err = IdError>>(text: &str) -> Result<T, GridError> {
    Ok(text.parse()?)
}

/// An id that may be absent.
pub(crate) fn maybe_id<T: FromStr<Err = IdError>>(text: Option<String>) -> Result<Option<T>, GridError> {
    text.as_deref().map(id).transpose()
}

/// A body from the text of a JSON object.
pub(crate) fn body(json: &str) -> Result<Body, GridError> {
    serde_json::from_str(json).map_err(|_| GridError::of("bad_json"))
}

/// The text of what the engine gives as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    // the engine's own types serialise; should one ever not, an app sees an empty document
    serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned())
}
