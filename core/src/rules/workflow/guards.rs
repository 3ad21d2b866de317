//! Guards of the steps a phone takes: each gives the code of the rule that forbids it.

use serde_json::Value;

use super::Actor;
use super::judge::{Claim, Facts};
use crate::model::record::{Body, Record};

/// Categories of "stop on the spot": the only critical ones that may be closed by the worker who found them
/// (domain dictionary 4.4, T04).
pub const CRITICAL_SELF_CLOSE: [&str; 2] = ["A09.01", "A06.03"];
/// Longest time from finding to closing on the spot: 24 hours (domain dictionary 4.4, T04).
const SELF_CLOSE_MS: i64 = 24 * 3_600_000;

pub(super) fn check(record: &Record, claim: &Claim<'_>, actor: &Actor, facts: Facts<'_>) -> Option<&'static str> {
    match claim.event {
        "T02_SUBMIT" => submit(&record.body, facts),
        "T04_SELF_CLOSE" => self_close(record, claim, actor, facts),
        "T05_WITHDRAW" => withdraw(&record.body, claim, actor),
        _ => None,
    }
}

fn submit(body: &Body, facts: Facts<'_>) -> Option<&'static str> {
    if facts.category.is_none() {
        return Some("category_missing");
    }
    if body.get("point").is_none_or(Value::is_null) {
        return Some("location_missing");
    }
    if text(body, "description").trim().is_empty() && !has_photo(body, "voice") {
        return Some("description_missing");
    }
    // out of an inspection, the item of the checklist says which photos it needs, and finishing has asked for them
    let inspected = text(body, "channel") == "INSPECTION" && !text(body, "inspection_ref").is_empty();
    if !(inspected || (has_photo(body, "near") && has_photo(body, "far"))) {
        return Some("photo_near_far_missing");
    }
    None
}

fn self_close(record: &Record, claim: &Claim<'_>, actor: &Actor, facts: Facts<'_>) -> Option<&'static str> {
    let body = &record.body;
    let Some(category) = facts.category else {
        return Some("category_missing");
    };
    if !category.self_close {
        return Some("self_close_not_allowed");
    }
    if !matches!(text(body, "severity"), "" | "NONE" | "GENERAL") {
        return Some("severity_too_high");
    }
    let critical = text(body, "urgency") == "CRITICAL" || category.urgency == "CRITICAL";
    if critical && !CRITICAL_SELF_CLOSE.contains(&category.code.as_str()) {
        return Some("urgency_too_high");
    }
    if !record.grid.as_ref().is_some_and(|grid| actor.grids.contains(grid)) {
        return Some("not_own_grid");
    }
    if !(has_photo(body, "near") && has_photo(body, "after")) {
        return Some("photo_near_after_missing");
    }
    let closed = claim
        .set
        .get("closed_at")
        .and_then(Value::as_i64)
        .unwrap_or(facts.now.0);
    let found = body.get("found_at").and_then(Value::as_i64).unwrap_or(closed);
    if closed.saturating_sub(found) > SELF_CLOSE_MS {
        return Some("found_too_long_ago");
    }
    None
}

fn withdraw(body: &Body, claim: &Claim<'_>, actor: &Actor) -> Option<&'static str> {
    if text(claim.args, "reason").trim().is_empty() {
        return Some("reason_missing");
    }
    match text(body, "reporter") {
        reporter if !reporter.is_empty() && reporter != actor.staff.0 => Some("not_the_reporter"),
        _ => None,
    }
}

fn text<'a>(body: &'a Body, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn has_photo(body: &Body, role: &str) -> bool {
    let photos = body.get("attachments").and_then(Value::as_array);
    photos.is_some_and(|photos| {
        photos
            .iter()
            .any(|p| p.get("role").and_then(Value::as_str) == Some(role))
    })
}
