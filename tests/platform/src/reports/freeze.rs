//! Figures as they were printed: kept once the period is frozen, never written over.

use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::report::{DEFINITIONS, Figure, Figures, Period, code_of};
use serde_json::{Map, Value, json};

use crate::store::{Stored, Tx};

/// Keeps the figures of a period; those that are kept already stay.
pub(super) fn freeze(tx: &mut Tx<'_>, period: &Period, area: &str, figures: &Figures, now: UtcMillis) -> Stored<()> {
    let figures: Map<String, Value> = figures
        .iter()
        .map(|(code, figure)| ((*code).to_owned(), json!(figure)))
        .collect();
    let text = Value::Object(figures).to_string();
    tx.put_frozen(&kind(period), &period.first.to_string(), area, DEFINITIONS, &text, now)
}

/// The figures of a period as they were printed, when they were.
pub(super) fn printed(tx: &mut Tx<'_>, period: &Period, area: &str) -> Stored<Option<Figures>> {
    let Some(text) = tx.frozen(&kind(period), &period.first.to_string(), area)? else {
        return Ok(None);
    };
    let figures: Map<String, Value> = serde_json::from_str(&text)?;
    let known = figures.into_iter().filter_map(|(code, figure)| {
        let figure: Figure = serde_json::from_value(figure).ok()?;
        Some((code_of(&code)?, figure))
    });
    Ok(Some(known.collect()))
}

fn kind(period: &Period) -> String {
    json!(period.kind).as_str().unwrap_or_default().to_owned()
}
