//! Points in CGCS2000, kept as ten-millionths of a degree (about one centimetre).
//!
//! Every door demands the coordinate reference system of a reading, with no default: Android's fused location on
//! Chinese phones may be GCJ-02 while raw GNSS is WGS-84. WGS-84 and CGCS2000 differ by centimetres and count as
//! equal here; GCJ-02 is converted by the published approximation and must never be stored.

use serde::{Deserialize, Serialize};

use super::fault::{Coded, Fault};

/// The coordinate reference system a reading came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Crs {
    /// China Geodetic Coordinate System 2000, what the engine stores.
    #[serde(rename = "CGCS2000")]
    Cgcs2000,
    /// Raw GNSS.
    #[serde(rename = "WGS84")]
    Wgs84,
    /// The shifted system of Chinese map vendors; for display only.
    #[serde(rename = "GCJ02")]
    Gcj02,
}

/// Why a point was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GeoError {
    /// The reading has no reference system.
    #[error("the point has no coordinate reference system")]
    Untagged,
    /// The reference system is not one the engine knows.
    #[error("unknown coordinate reference system")]
    UnknownCrs,
    /// Not a number, outside the globe, or null island.
    #[error("the point is not on the globe")]
    OutOfRange,
}

impl Coded for GeoError {
    fn fault(&self) -> Fault {
        Fault::of(match self {
            Self::Untagged => "point_untagged",
            Self::UnknownCrs => "point_unknown_crs",
            Self::OutOfRange => "point_out_of_range",
        })
    }
}

impl Crs {
    /// Reads a tag such as `WGS84` or `EPSG:4490`; `None` is refused, never guessed.
    ///
    /// # Errors
    /// [`GeoError::Untagged`] or [`GeoError::UnknownCrs`].
    pub fn from_tag(tag: Option<&str>) -> Result<Self, GeoError> {
        match tag.map(str::trim) {
            None | Some("") => Err(GeoError::Untagged),
            Some("CGCS2000" | "EPSG:4490") => Ok(Self::Cgcs2000),
            Some("WGS84" | "WGS-84" | "EPSG:4326") => Ok(Self::Wgs84),
            Some("GCJ02" | "GCJ-02") => Ok(Self::Gcj02),
            Some(_) => Err(GeoError::UnknownCrs),
        }
    }
}

/// A point in CGCS2000, in units of 1e-7 degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Point {
    /// Longitude, east positive.
    pub lon_e7: i32,
    /// Latitude, north positive.
    pub lat_e7: i32,
}

const SCALE: f64 = 1e7;

impl Point {
    /// Takes a reading in degrees in the given system.
    ///
    /// # Errors
    /// [`GeoError::OutOfRange`] for what is no number, off the globe, or exactly 0/0.
    pub fn from_degrees(lon: f64, lat: f64, crs: Crs) -> Result<Self, GeoError> {
        let usable = lon.is_finite() && lat.is_finite() && lon.abs() <= 180.0 && lat.abs() <= 90.0;
        if !usable || (lon == 0.0 && lat == 0.0) {
            return Err(GeoError::OutOfRange);
        }
        let (lon, lat) = match crs {
            Crs::Cgcs2000 | Crs::Wgs84 => (lon, lat),
            Crs::Gcj02 => gcj02_to_wgs84(lon, lat),
        };
        Ok(Self {
            lon_e7: to_e7(lon),
            lat_e7: to_e7(lat),
        })
    }

    /// Longitude and latitude in degrees, in the asked system; GCJ-02 is for showing on a vendor's map only.
    #[must_use]
    pub fn degrees(&self, crs: Crs) -> (f64, f64) {
        let (lon, lat) = (f64::from(self.lon_e7) / SCALE, f64::from(self.lat_e7) / SCALE);
        match crs {
            Crs::Cgcs2000 | Crs::Wgs84 => (lon, lat),
            Crs::Gcj02 => wgs84_to_gcj02(lon, lat),
        }
    }

    /// Great-circle distance in metres (mean earth radius 6,371,008.8 m).
    #[must_use]
    pub fn distance_m(&self, other: &Self) -> f64 {
        let (lon_a, lat_a) = self.degrees(Crs::Cgcs2000);
        let (lon_b, lat_b) = other.degrees(Crs::Cgcs2000);
        let half_lat = ((lat_b - lat_a).to_radians() / 2.0).sin();
        let half_lon = ((lon_b - lon_a).to_radians() / 2.0).sin();
        let h = half_lat * half_lat + lat_a.to_radians().cos() * lat_b.to_radians().cos() * half_lon * half_lon;
        2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin()
    }
}

#[allow(clippy::cast_possible_truncation)] // `as` saturates, and |degrees| <= 180 fits
fn to_e7(degrees: f64) -> i32 {
    (degrees * SCALE).round() as i32
}

const GCJ_A: f64 = 6_378_245.0;
const GCJ_EE: f64 = 0.006_693_421_622_965_943;

/// The published approximation of the GCJ-02 shift at a WGS-84 point, in degrees.
fn gcj02_shift(lon: f64, lat: f64) -> (f64, f64) {
    use std::f64::consts::PI;
    let (x, y) = (lon - 105.0, lat - 35.0);
    let ripple = 20.0 * ((6.0 * x * PI).sin() + (2.0 * x * PI).sin());
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + (ripple
            + 20.0 * (y * PI).sin()
            + 40.0 * (y / 3.0 * PI).sin()
            + 160.0 * (y / 12.0 * PI).sin()
            + 320.0 * (y / 30.0 * PI).sin())
            * 2.0
            / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + (ripple
            + 20.0 * (x * PI).sin()
            + 40.0 * (x / 3.0 * PI).sin()
            + 150.0 * (x / 12.0 * PI).sin()
            + 300.0 * (x / 30.0 * PI).sin())
            * 2.0
            / 3.0;
    let rad = lat.to_radians();
    let magic = 1.0 - GCJ_EE * rad.sin() * rad.sin();
    let d_lat = north * 180.0 / ((GCJ_A * (1.0 - GCJ_EE)) / (magic * magic.sqrt()) * PI);
    let d_lon = east * 180.0 / (GCJ_A / magic.sqrt() * rad.cos() * PI);
    (d_lon, d_lat)
}

fn in_gcj02_area(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

fn wgs84_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if !in_gcj02_area(lon, lat) {
        return (lon, lat);
    }
    let (d_lon, d_lat) = gcj02_shift(lon, lat);
    (lon + d_lon, lat + d_lat)
}

/// Inverts the shift by fixed-point iteration; four rounds reach a millimetre.
fn gcj02_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    let mut guess = (lon, lat);
    for _ in 0..4 {
        let shifted = wgs84_to_gcj02(guess.0, guess.1);
        guess = (guess.0 + lon - shifted.0, guess.1 + lat - shifted.1);
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_without_a_reference_system_is_refused() {
        assert_eq!(Crs::from_tag(None), Err(GeoError::Untagged));
        assert_eq!(Crs::from_tag(Some("BD09")), Err(GeoError::UnknownCrs));
    }

    #[test]
    fn null_island_and_non_numbers_are_refused() {
        for (lon, lat) in [(0.0, 0.0), (f64::NAN, 1.0), (181.0, 0.0), (0.0, -91.0)] {
            assert_eq!(Point::from_degrees(lon, lat, Crs::Wgs84), Err(GeoError::OutOfRange));
        }
    }

    #[test]
    fn gcj02_there_and_back_is_within_two_centimetres() {
        let truth = Point::from_degrees(121.267_145, 37.498_312, Crs::Cgcs2000).unwrap();
        let (lon, lat) = truth.degrees(Crs::Gcj02);
        let shifted = Point::from_degrees(lon, lat, Crs::Wgs84).unwrap();
        assert!(
            (100.0..1000.0).contains(&truth.distance_m(&shifted)),
            "the shift is some hundred metres"
        );
        let back = Point::from_degrees(lon, lat, Crs::Gcj02).unwrap();
        assert!(truth.distance_m(&back) < 0.02, "{} m", truth.distance_m(&back));
    }

    #[test]
    fn wgs84_counts_as_cgcs2000() {
        let a = Point::from_degrees(121.2, 37.5, Crs::Wgs84).unwrap();
        assert_eq!(a, Point::from_degrees(121.2, 37.5, Crs::Cgcs2000).unwrap());
    }

    #[test]
    fn one_degree_of_latitude_is_about_111_kilometres() {
        let a = Point::from_degrees(121.0, 37.0, Crs::Cgcs2000).unwrap();
        let b = Point::from_degrees(121.0, 38.0, Crs::Cgcs2000).unwrap();
        assert!((a.distance_m(&b) - 111_195.0).abs() < 50.0);
    }
}
