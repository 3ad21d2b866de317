//! Reads arguments that clap cannot judge: fields, places, photos.

use std::path::PathBuf;

use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::record::Body;
use serde_json::Value;

use crate::args::{Fields, Place};
use crate::failure::Failure;

/// The fields of `--set` and `--body`, `--set` winning.
pub fn body(fields: &Fields) -> Result<Body, Failure> {
    let mut body = match &fields.body {
        Some(path) => match serde_json::from_str(&std::fs::read_to_string(path)?) {
            Ok(Value::Object(map)) => map,
            _ => return Err(Failure::Input(Fault::of("bad_argument").with("argument", "--body"))),
        },
        None => Body::new(),
    };
    for pair in &fields.set {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::Input(Fault::of("bad_argument").with("argument", "--set")))?;
        body.insert(name.trim().to_owned(), value_of(value));
    }
    Ok(body)
}

/// `true`, `false` and JSON arrays or objects as such, nothing as null, short whole numbers as numbers, the rest as text.
/// A number with a leading zero or more than nine digits is a text: identity and telephone numbers are no quantities.
fn value_of(text: &str) -> Value {
    match text {
        "" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if text.starts_with(['[', '{', '"']) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        _ => Value::from(text),
    }
}

/// A point; without a reference system it is refused.
pub fn point(place: &Place) -> Result<Point, Failure> {
    let crs = Crs::from_tag(place.crs.as_deref())?;
    Ok(Point::from_degrees(place.lon, place.lat, crs)?)
}

/// Photos given as `role=FILE`.
pub fn photos(args: &[String]) -> Result<Vec<(String, PathBuf)>, Failure> {
    args.iter()
        .map(|arg| {
            let (role, file) = arg
                .split_once('=')
                .ok_or_else(|| Failure::Input(Fault::of("bad_argument").with("argument", "--photo")))?;
            Ok((role.to_owned(), PathBuf::from(file)))
        })
        .collect()
}

/// A point in the sample district.
pub fn demo_point() -> Result<Point, Failure> {
    Ok(Point::from_degrees(121.2645, 37.5025, Crs::Wgs84)?)
}

/// An argument that does not read.
pub fn bad(argument: &'static str) -> Failure {
    Failure::Input(Fault::of("bad_argument").with("argument", argument))
}
