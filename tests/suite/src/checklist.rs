//! A small checklist and a place to use it at, for tests of inspections.

use std::path::Path;

use fushan_grid_core::app::inspect::{Arrival, NewSheet};
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::patrol::Fix;
use serde_json::json;

use crate::field::{Failure, GRID, Phone};

/// The smallest whole picture: a grey pixel; what follows the end makes another file of it.
#[must_use]
pub fn picture(tail: u8) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    bytes.extend([1; 64]);
    bytes.extend([0xFF, 0xC0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
    for class in [0, 0x10] {
        bytes.extend([0xFF, 0xC4, 0, 20, class, 1]);
        bytes.extend([0; 16]);
    }
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F, 0xFF, 0xD9, tail]);
    bytes
}

/// A checklist of a shop: a critical item of severity 3 with a photo, an ordinary one that can be put right on the spot, one of
/// advice, a field of the registry, and rooms.
pub const SHOP: &str = include_str!("../../fixtures/forms/shop.json");
/// The next version of it: one item has another path, a question is gone, one is new.
pub const SHOP_2: &str = include_str!("../../fixtures/forms/shop-2.json");

/// A point in the sample grid.
///
/// # Errors
/// Never: the point is on the globe.
pub fn point() -> Result<Point, Failure> {
    Ok(Point::from_degrees(121.264, 37.502, Crs::Cgcs2000)?)
}

/// A reading at a point.
#[must_use]
pub fn fix(point: Point) -> Fix {
    Fix {
        point,
        accuracy_m: 8,
        boot: 0,
        mono_ms: 0,
        wall: UtcMillis(0),
        mock: false,
    }
}

/// A shop in the registry.
///
/// # Errors
/// Those of the registry.
pub fn place(phone: &Phone, name: &str) -> Result<RecordId, Failure> {
    let body = json!({"place_kind": "SMALL_CATERING", "name": name, "risk": "BLUE", "point": point()?, "staff": 3,
                      "no_uscc_reason": "个体经营"});
    let grid = GRID.parse()?;
    let added = phone
        .engine
        .registry_add("place", &grid, body.as_object().cloned().unwrap_or_default())?;
    Ok(added.id)
}

/// Begins a sheet at a place, with a check-in at its door.
///
/// # Errors
/// Those of the engine.
pub fn start(phone: &Phone, place: RecordId) -> Result<RecordId, Failure> {
    let new = NewSheet {
        form: "SHOP".into(),
        place: Some(place),
        arrival: Arrival {
            fix: Some(fix(point()?)),
            ..Arrival::default()
        },
        ..NewSheet::default()
    };
    Ok(phone.engine.inspect_start(&new)?)
}

/// Answers in order.
///
/// # Errors
/// Those of the engine.
pub fn answer(phone: &Phone, sheet: RecordId, answers: &[(&str, &str)]) -> Result<(), Failure> {
    for (path, value) in answers {
        phone.engine.inspect_answer(sheet, path, value, Default::default())?;
    }
    Ok(())
}

/// Copies all files of a phone as they lie on the disk now: what a killed app would find.
///
/// # Errors
/// Those of the file system.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
