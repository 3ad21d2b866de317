//! Duplicates across channels: found by the same rule for every report, suggested, never merged by themselves.

use fushan_grid_core::model::geo::Point;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::{Candidate, duplicates};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{Stored, Tx};

/// An open report that may be of the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Hint {
    /// It.
    pub(crate) record: RecordId,
    /// How far away, in centimetres.
    pub(crate) distance_cm: u32,
}

/// Finds earlier open reports of the same category within 50 m and 72 h, and notes them for the desk.
pub(crate) fn suggest(tx: &mut Tx<'_>, record: &Record, reported: UtcMillis) -> Stored<Vec<Hint>> {
    let point: Option<Point> = record
        .body
        .get("point")
        .and_then(|point| serde_json::from_value(point.clone()).ok());
    let category = record.body.get("category").and_then(Value::as_str);
    let (Some(point), Some(category)) = (point, category) else {
        return Ok(Vec::new());
    };
    let report = Candidate {
        id: record.id,
        category: category.to_owned(),
        point,
        reported,
        open: true,
    };
    // the later one is suggested to be merged into the earlier, never both into each other
    let earlier = |other: &Candidate| (other.reported, other.id) < (reported, record.id);
    let known: Vec<Candidate> = tx
        .candidates(category, point, reported)?
        .into_iter()
        .filter(earlier)
        .collect();
    let mut hints = Vec::new();
    for (other, metres) in duplicates(&report, &known) {
        // at most 50 m
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let distance_cm = (metres * 100.0).round() as u32;
        tx.hint(record.id, other, distance_cm, reported)?;
        hints.push(Hint {
            record: other,
            distance_cm,
        });
    }
    Ok(hints)
}
