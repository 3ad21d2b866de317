//! Steps of whoever reports: T02, T04, T05, T11.

use serde_json::Value;

use super::{Case, Guard, ensure};
use crate::rules::workflow::fields::{has_photo, says, text};

/// Categories of "stop on the spot": the only critical ones that may be closed by the worker who found them
/// (domain dictionary 4.4, T04).
pub const CRITICAL_SELF_CLOSE: [&str; 2] = ["A09.01", "A06.03"];
/// Longest time from finding to closing on the spot: 24 hours (domain dictionary 4.4, T04).
const SELF_CLOSE_MS: i64 = 24 * 3_600_000;

pub(super) fn submit(case: &Case<'_>) -> Guard {
    let body = &case.record.body;
    ensure(case.facts.category.is_some(), "category_missing")?;
    ensure(body.get("point").is_some_and(|p| !p.is_null()), "location_missing")?;
    ensure(
        says(body, "description") || has_photo(body, "voice"),
        "description_missing",
    )?;
    // out of an inspection, the item of the checklist says which photos it needs, and finishing has asked for them
    let inspected = text(body, "channel") == "INSPECTION" && !text(body, "inspection_ref").is_empty();
    let shown = has_photo(body, "near") && has_photo(body, "far");
    ensure(inspected || shown, "photo_near_far_missing")
}

pub(super) fn self_close(case: &Case<'_>) -> Guard {
    let body = &case.record.body;
    let category = case.facts.category.ok_or("category_missing")?;
    ensure(category.self_close, "self_close_not_allowed")?;
    let on_the_spot = CRITICAL_SELF_CLOSE.contains(&category.code.as_str());
    let mild = match text(body, "severity") {
        "" | "NONE" | "GENERAL" => true,
        // a fire put out on the spot is more than general, and over
        severity => severity == "MAJOR" && on_the_spot,
    };
    ensure(mild, "severity_too_high")?;
    let critical = text(body, "urgency") == "CRITICAL" || category.urgency == "CRITICAL";
    ensure(!critical || on_the_spot, "urgency_too_high")?;
    let grid = case.record.grid.as_ref();
    ensure(grid.is_some_and(|g| case.actor.grids.contains(g)), "not_own_grid")?;
    ensure(
        has_photo(body, "near") && has_photo(body, "after"),
        "photo_near_after_missing",
    )?;
    let closed = case.claim.set.get("closed_at").and_then(Value::as_i64);
    let closed = closed.unwrap_or(case.facts.now.0);
    let found = body.get("found_at").and_then(Value::as_i64).unwrap_or(closed);
    ensure(closed.saturating_sub(found) <= SELF_CLOSE_MS, "found_too_long_ago")
}

pub(super) fn withdraw(case: &Case<'_>) -> Guard {
    case.reason()?;
    reporter(case)
}

/// What was returned comes back complete, and from whoever reported it.
pub(super) fn resubmit(case: &Case<'_>) -> Guard {
    reporter(case)?;
    submit(case)
}

/// The reporter's own; a record that names none is anybody's.
pub(super) fn reporter(case: &Case<'_>) -> Guard {
    let reporter = text(&case.record.body, "reporter");
    ensure(
        reporter.is_empty() || reporter == case.actor.staff.0,
        "not_the_reporter",
    )
}
