//! The figures that come from the registry and not from incidents: rows, rows verified in time, rows that pass every check.
//! Read from the raw records, page by page.

use fushan_grid_core::rules::finding::Severity;
use fushan_grid_core::rules::report::{Context, Period};
use fushan_grid_core::rules::validate::{china_day, validate_record};
use serde_json::Value;

use crate::Platform;
use crate::books::Books;
use crate::store::{self, Stored};

/// Records read in one go.
const PAGE: u32 = 4_000;

/// The median time from a call of a mobilisation to its first answer, for calls of the period (K37).
fn first_answer(platform: &Platform, area: &str, period: &Period) -> Stored<Option<i64>> {
    let calls = store::glance(&*platform.store, |tx| tx.calls_between(area, period.from, period.to))?;
    let mut times: Vec<i64> = calls
        .iter()
        .filter_map(|call| Some(call.answered?.since(call.at)))
        .collect();
    times.sort_unstable();
    Ok(times.get(times.len().saturating_sub(1) / 2).copied())
}

/// Counts the registry of an area as it is now, and how long people who were called took to answer.
pub(super) fn context(platform: &Platform, books: &Books, area: &str, period: &Period) -> Stored<Context> {
    let mut context = Context {
        households: books.households(area),
        ..Context::default()
    };
    context.first_answer_ms_median = first_answer(platform, area, period)?;
    let schema = &platform.judge.schema;
    let end = platform.now().min(period.to);
    let today = china_day(end);
    let mut after = Vec::new();
    loop {
        let page = store::glance(&*platform.store, |tx| tx.registry_page(area, &after, PAGE))?;
        let Some(last) = page.last() else { return Ok(context) };
        after = last.id.bytes().to_vec();
        for record in page.iter().filter(|record| schema.kind(&record.kind.0).is_some()) {
            context.registry_rows += 1;
            let findings = validate_record(schema, &record.kind.0, &record.body, today);
            context.registry_rows_valid += u64::from(findings.iter().all(|f| f.severity != Severity::Error));
            // verified within its due date: one that was never given a date is not due
            let due = record.body.get("next_verify_due").and_then(Value::as_i64);
            context.registry_verified_in_time += u64::from(due.is_none_or(|due| due >= end.0));
        }
    }
}
