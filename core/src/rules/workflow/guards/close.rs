//! Steps after the handling: T25 to T31.

use super::accept::{ordered_to, point};
use super::report::reporter;
use super::{Case, Guard, ensure};
use crate::model::incident::Category;
use crate::rules::workflow::fields::{says, text, whole, yes};
use crate::rules::workflow::hands;

/// Results of a check (domain dictionary 4.3).
const CHECK_RESULTS: [&str; 3] = ["pass", "not_pass", "unable"];
/// How far from the place a check is made at most without a reason, in metres (domain dictionary 4.4, T26).
const CHECK_M: f64 = 100.0;
/// How a case closes the ordinary way (domain dictionary 4.3).
const CLOSE_TYPES: [&str; 4] = ["NORMAL", "DEPT", "TRANSFER_OUT", "NOT_FOUND"];
/// How often a case is taken up again at most.
const REDOS: usize = 2;
/// When a case that nobody has evaluated is evaluated by default: seven days (domain dictionary 4.4, T30).
const EVALUATE_MS: i64 = 7 * 24 * 3_600_000;

/// Somebody else checks than who handled it.
pub(super) fn order_check(case: &Case<'_>) -> Guard {
    let person = text(case.claim.args, "person");
    let handled = !person.is_empty()
        && (text(&case.record.body, "handler_user") == person || case.lines.round().took(person, &[17, 24]));
    ensure(!handled, "checker_is_handler")
}

pub(super) fn check_result(case: &Case<'_>) -> Guard {
    ensure(!hands::has_handled(case.record, case.actor), "checker_is_handler")?;
    ordered_to(case, "checker_user", "not_the_checker")?;
    let args = case.claim.args;
    ensure(CHECK_RESULTS.contains(&text(args, "result")), "result_unknown")?;
    let near = match (point(args), point(&case.record.body)) {
        (Some(here), Some(there)) => here.distance_m(&there) <= CHECK_M,
        _ => false,
    };
    ensure(near || says(args, "reason"), "check_far_away")
}

/// After a check that did not pass.
pub(super) fn rework(case: &Case<'_>) -> Guard {
    ensure(last_check(case) == "not_pass", "check_has_not_failed")
}

/// The last check since the last feedback.
fn last_check<'a>(case: &Case<'a>) -> &'a str {
    let check = case.lines.since(&[24]).last_of(&[26]);
    check.map_or("", |line| line.arg_text("result"))
}

/// A check has passed where one is due, whoever wanted a reply has one, and no evidence is on its way.
pub(super) fn close(case: &Case<'_>) -> Guard {
    ensure(!hands::has_handled(case.record, case.actor), "handler_closes")?;
    let required = case.facts.category.is_some_and(|c: &Category| c.check_required);
    match last_check(case) {
        "pass" => {}
        "" => ensure(!required, "check_missing")?,
        _ => ensure(false, "check_not_passed")?,
    }
    let (args, body) = (case.claim.args, &case.record.body);
    let close_type = text(args, "close_type");
    ensure(
        close_type.is_empty() || CLOSE_TYPES.contains(&close_type),
        "close_type_unknown",
    )?;
    let owed = yes(body, "need_reply") && !yes(body, "anonymous");
    ensure(!owed || case.facts.replied || says(args, "reply"), "reply_missing")?;
    ensure(!case.facts.evidence_pending, "evidence_pending")
}

/// Two people of the district, and why.
pub(super) fn force_close(case: &Case<'_>) -> Guard {
    case.reason()?;
    let second = text(case.claim.args, "second");
    ensure(
        !second.is_empty() && second != case.actor.staff.0,
        "second_person_missing",
    )?;
    let of_the_district = |roles: &[String]| roles.iter().any(|r| r.starts_with("DISTRICT_") || r == "SUPERVISOR");
    ensure(case.facts.second.is_none_or(of_the_district), "second_person_may_not")
}

/// The system evaluates after seven days and says nothing; everybody else gives one of five levels, or says whether the citizen
/// was reached at all. A worker evaluates what they reported, never what they handled for somebody else.
pub(super) fn evaluate(case: &Case<'_>) -> Guard {
    let args = case.claim.args;
    let level = whole(args, "satisfaction").unwrap_or(0);
    if case.claim.role == "SYSTEM" {
        ensure(level == 0, "system_has_no_opinion")?;
        let closed = case.lines.last_of(&[4, 28, 29, 36]);
        let closed = closed.map_or(case.facts.now, |line| line.at());
        let waited = case.facts.now.since(closed) >= EVALUATE_MS;
        return ensure(waited, "evaluated_too_early");
    }
    if matches!(case.claim.role, "GRID_STAFF" | "GRID_LEADER") {
        reporter(case)?;
    }
    let silent = level == 0 && args.contains_key("contacted");
    ensure((1..=5).contains(&level) || silent, "satisfaction_unknown")
}

pub(super) fn redo(case: &Case<'_>) -> Guard {
    case.reason()?;
    ensure(case.lines.count(31) < REDOS, "redone_too_often")
}
