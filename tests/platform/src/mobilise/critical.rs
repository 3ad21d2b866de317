//! What is critical calls the grid's own people without anybody asking (domain dictionary 6.2, 6.5).

use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use serde_json::Value;

use super::document::id_of;
use super::start::{Starting, start};
use crate::books::Books;
use crate::desk::SYSTEM;
use crate::judge::Judge;
use crate::store::{Stored, Tx};

/// States in which somebody has still to go there.
const OPEN: [&str; 5] = ["REPORTED", "VERIFYING", "ACCEPTED", "DISPATCHED", "DISPOSING"];

/// Starts the mobilisation of a critical incident that has none and lies in a grid; tells whether it did. One person who arrives is enough
/// until a desk asks for more.
pub(crate) fn for_critical(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    record: &Record,
    now: UtcMillis,
) -> Stored<bool> {
    let text = |name: &str| record.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let critical = text("urgency") == "CRITICAL" && OPEN.contains(&record.state.as_str());
    let Some(grid) = record.grid.as_ref().filter(|_| critical) else {
        return Ok(false);
    };
    if tx.record(id_of(record.id))?.is_some() {
        return Ok(false);
    }
    let name = |code: &str| {
        books
            .area(code)
            .map_or_else(|| code.to_owned(), |node| node.name.clone())
    };
    let category = books
        .category(text("category"))
        .map_or_else(String::new, |category| category.zh.clone());
    let asked = Starting {
        record: record.id,
        staff: StaffId(SYSTEM.to_owned()),
        role: SYSTEM.to_owned(),
        people: 1,
        farthest: None,
        task: format!("紧急事件:{category}"),
        meeting_point: name(grid.as_str()),
        risk_note: String::new(),
    };
    // what stands in its way is told by the rule when a desk starts it
    Ok(start(tx, judge, books, &asked, now)?.is_ok())
}
