//! Steps of the desks before dispatch: T03, T06 to T10, T12, T36.

use super::{Case, Guard, ensure};
use crate::model::geo::Point;
use crate::model::record::{Body, Record};
use crate::model::time::UtcMillis;
use crate::rules::dispatch::{MAX_AGE_MS, MAX_DISTANCE_M};
use crate::rules::workflow::fields::{says, text, texts, whole};
use crate::rules::workflow::lines::Lines;
use crate::rules::workflow::round::returned;

/// Results of a verification and of nothing else (domain dictionary 4.3).
const VERIFY_RESULTS: [&str; 3] = ["exist", "not_exist", "unable"];
/// Why a report is not accepted (domain dictionary 4.4, T09).
const REJECT_REASONS: [&str; 6] = [
    "not_exist",
    "out_of_scope",
    "duplicate_closed",
    "in_legal_process",
    "no_content",
    "unverifiable",
];
/// How often a report is returned for completion at most.
const RETURNS: usize = 2;
/// States in which an incident can take another one in.
const OPEN: [&str; 8] = [
    "REPORTED",
    "VERIFYING",
    "ACCEPTED",
    "DISPATCHED",
    "DISPOSING",
    "SUSPENDED",
    "FEEDBACK",
    "CHECKING",
];

/// A channel's report has a category or a description, and keeps the number of an order from outside.
pub(super) fn intake(case: &Case<'_>) -> Guard {
    let body = &case.record.body;
    let ordered = text(body, "channel").starts_with("HOTLINE");
    ensure(!ordered || says(body, "order_no"), "order_no_missing")?;
    let content = says(body, "title") || says(body, "description");
    ensure(content, "description_missing")
}

/// What a worker saw needs no verification.
pub(super) fn order_verify(case: &Case<'_>) -> Guard {
    let seen = matches!(text(&case.record.body, "channel"), "GRID_STAFF" | "INSPECTION");
    ensure(!seen, "verify_not_needed")
}

pub(super) fn verify_result(case: &Case<'_>) -> Guard {
    ordered_to(case, "verifier_user", "not_the_verifier")?;
    let result = text(case.claim.args, "result");
    ensure(VERIFY_RESULTS.contains(&result), "result_unknown")
}

/// Who was asked by name does it; whoever works in the grid, when nobody was.
pub(super) fn ordered_to(case: &Case<'_>, field: &str, rule: &'static str) -> Guard {
    let named = text(&case.record.body, field);
    ensure(named.is_empty() || named == case.actor.staff.0, rule)
}

pub(super) fn accept(case: &Case<'_>) -> Guard {
    ensure(case.facts.category.is_some(), "category_missing")
}

/// A desk refuses what was reported. What lies with its reporter past the limit for completion is refused by the system, and by
/// nobody before.
pub(super) fn reject(case: &Case<'_>) -> Guard {
    let by_system = case.claim.role == "SYSTEM";
    match returned(case.record) {
        Some(_) if !by_system => return Err("waits_for_the_reporter"),
        Some(at) => {
            let open = case.facts.within(at, case.facts.limits.resubmit)?;
            ensure(!open, "resubmit_not_overdue")?;
        }
        None if by_system => return Err("only_a_desk_rejects"),
        None => {}
    }
    let reason = text(case.claim.args, "reason_code");
    ensure(REJECT_REASONS.contains(&reason), "reason_code_unknown")?;
    ensure(says(case.claim.args, "reply"), "reply_missing")
}

pub(super) fn return_for_info(case: &Case<'_>) -> Guard {
    let missing = texts(case.claim.args, "missing");
    ensure(!missing.is_empty(), "missing_items_not_named")?;
    ensure(case.lines.count(10) < RETURNS, "returned_too_often")
}

/// Merged incidents form stars: the master lives, and the one that is merged has taken nobody in.
pub(super) fn merge(case: &Case<'_>) -> Guard {
    let named = text(case.claim.args, "merged_into");
    ensure(!named.is_empty(), "master_missing")?;
    ensure(named != case.record.id.to_string(), "merge_into_itself")?;
    let taken_in = whole(&case.record.body, "duplicate_count").unwrap_or(0);
    ensure(taken_in == 0, "merge_chain")?;
    let master = case.facts.master.ok_or("master_unknown")?;
    ensure(master.state != "MERGED", "merge_chain")?;
    ensure(
        !master.deleted && OPEN.contains(&master.state.as_str()),
        "master_not_open",
    )?;
    let category = |record: &Record| text(&record.body, "category").to_owned();
    ensure(category(case.record) == category(master), "not_the_same_thing")?;
    let told = says(case.claim.args, "reason");
    ensure(told || close_by(case.record, master), "too_far_to_be_the_same")
}

/// At most 50 metres and 72 hours apart, as duplicates are suggested (domain dictionary 4.4, T12); a desk that knows better says why.
fn close_by(one: &Record, other: &Record) -> bool {
    let near = match (point(&one.body), point(&other.body)) {
        (Some(one), Some(other)) => one.distance_m(&other) <= MAX_DISTANCE_M,
        _ => false,
    };
    let soon = match (reported(one), reported(other)) {
        (Some(one), Some(other)) => one.since(other).abs() <= MAX_AGE_MS,
        _ => false,
    };
    near && soon
}

pub(super) fn point(body: &Body) -> Option<Point> {
    serde_json::from_value(body.get("point")?.clone()).ok()
}

fn reported(record: &Record) -> Option<UtcMillis> {
    Lines::of(record)
        .iter()
        .find(|line| matches!(line.number(), 2 | 3))
        .map(|line| line.at())
}

/// Only what asks for nothing but an answer is closed by one.
pub(super) fn direct_answer(case: &Case<'_>) -> Guard {
    ensure(says(case.claim.args, "answer"), "answer_missing")?;
    let body = &case.record.body;
    let asked = text(body, "severity") == "NONE" || text(body, "request_type") == "CONSULT";
    ensure(asked, "not_a_consultation")
}
