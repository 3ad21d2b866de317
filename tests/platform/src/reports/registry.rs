//! The figures that come from the registry and not from incidents: people, rows, rows verified in time, rows that pass every check;
//! and hazards. Patrols are kept without a roster to measure them by, so what is on duty stays a dash.
//! Read from the raw records, page by page.

use fushan_grid_core::model::record::{Kind, Record};
use fushan_grid_core::rules::finding::Severity;
use fushan_grid_core::rules::report::{Context, Period};
use fushan_grid_core::rules::validate::{china_day, validate_record};
use serde_json::Value;

use crate::Platform;
use crate::books::Books;
use crate::store::{self, Stored};

/// Records read in one go.
const PAGE: u32 = 4_000;

/// Kinds of the rows of people and of households.
const PERSON: &str = "person";
const HOUSEHOLD: &str = "household";
/// Status of a row that is no longer, or not yet, in force (code list `record_status`): a draft, one that has ended.
const NOT_IN_FORCE: [&str; 2] = ["10", "22"];
/// Severity of a hazard that is suspected to be grave (domain dictionary 5.1).
const GRAVE: u64 = 3;

/// Whether a row counts one more person: it is in force. A row without a status is.
fn lives_here(record: &Record) -> bool {
    let status = record.body.get("status").and_then(Value::as_str).unwrap_or_default();
    record.kind.is(PERSON) && !NOT_IN_FORCE.contains(&status)
}

/// Whether a household was visited in the period.
fn visited(record: &Record, period: &Period) -> bool {
    let visits = record.body.get("visits").and_then(Value::as_array);
    let within = |visit: &Value| {
        let at = visit.get("at").and_then(Value::as_i64).unwrap_or(0);
        (period.from.0..period.to.0).contains(&at)
    };
    record.kind.is(HOUSEHOLD) && visits.is_some_and(|visits| visits.iter().any(within))
}

/// Counts a hazard that was found in the period, by what has become of it. One that was withdrawn was none.
fn hazard(context: &mut Context, record: &Record, period: &Period) {
    let whole = |name: &str| record.body.get(name).and_then(Value::as_i64).unwrap_or(0);
    let state = record.body.get("state").and_then(Value::as_str).unwrap_or_default();
    let found = whole("found_at");
    if found < period.from.0 || found >= period.to.0 || state == "WITHDRAWN" {
        return;
    }
    let (on_the_spot, cleared) = (state == "FIXED_ON_SITE", state == "CLEARED");
    context.hazards_found += 1;
    context.hazards_cleared += u64::from(on_the_spot || cleared);
    context.hazards_to_recheck += u64::from(!on_the_spot);
    context.hazards_rechecked += u64::from(cleared || whole("rechecks") > 0);
    let severity = record.body.get("severity").and_then(Value::as_u64).unwrap_or(0);
    context.grave_hazards_raised += u64::from(severity >= GRAVE);
}

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

/// Counts the registry of an area as it is now, the hazards of the period, and how long people who were called took to answer.
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
        for record in page.iter().filter(|record| record.kind.is(Kind::HAZARD)) {
            hazard(&mut context, record, period);
        }
        for record in page.iter().filter(|record| schema.kind(&record.kind.0).is_some()) {
            context.population += u64::from(lives_here(record));
            context.households_visited += u64::from(visited(record, period));
            context.registry_rows += 1;
            let findings = validate_record(schema, &record.kind.0, &record.body, today);
            context.registry_rows_valid += u64::from(findings.iter().all(|f| f.severity != Severity::Error));
            // verified within its due date: one that was never given a date is not due
            let due = record.body.get("next_verify_due").and_then(Value::as_i64);
            context.registry_verified_in_time += u64::from(due.is_none_or(|due| due >= end.0));
        }
    }
}
