//! Steps while a case is put right: T19 to T24.

use serde::Deserialize;
use serde_json::Value;

use super::{Case, Guard, ensure};
use crate::model::incident::HistoryEntry;
use crate::model::time::UtcMillis;
use crate::rules::deadline::{Clock, Limit, Moment, Stage, first_urgency};
use crate::rules::report::dispose_limit;
use crate::rules::workflow::fields::{has_photo, says, text};
use crate::rules::workflow::hands;
use crate::rules::workflow::round::extension_asked;

/// How often a deadline is put off at most, in one round.
const EXTENSIONS: usize = 2;
/// What a handler says of the result (domain dictionary 4.4, T24).
const RESULTS: [&str; 5] = ["resolved", "partly", "explained", "transferred", "cannot"];

/// Whoever works on it says something or shows something.
pub(super) fn progress(case: &Case<'_>) -> Guard {
    let shows = case.claim.args.get("photos").and_then(Value::as_array);
    let content = says(case.claim.args, "note") || shows.is_some_and(|photos| !photos.is_empty());
    ensure(content, "note_missing")?;
    let grid = case.record.grid.as_ref();
    let near = matches!(case.claim.role, "GRID_STAFF" | "GRID_LEADER" | "GRID_ASSIST")
        && grid.is_some_and(|grid| case.actor.grids.contains(grid));
    let works = hands::handles(case.record, case.actor) || hands::helps(case.record, case.actor);
    ensure(works || near || case.claim.role == "RESERVE", "not_on_the_case")
}

/// Before the deadline, at most twice in a round, and one request at a time.
pub(super) fn ask_extension(case: &Case<'_>) -> Guard {
    ensure(hands::handles(case.record, case.actor), "not_the_handler")?;
    case.reason()?;
    asked_limit(case, "limit")?;
    ensure(pending(case)?.is_none(), "extension_asked_already")?;
    ensure(case.lines.round().count(20) < EXTENSIONS, "extended_too_often")?;
    match dispose_clock(case)? {
        Some(clock) => {
            let due = clock.deadline(case.facts.now, case.facts.calendar);
            let due = due.map_err(|_| "calendar_too_short")?;
            ensure(case.facts.now <= due, "deadline_passed")
        }
        None => Ok(()),
    }
}

fn asked_limit(case: &Case<'_>, name: &str) -> Result<Limit, &'static str> {
    text(case.claim.args, name).parse().map_err(|_| "limit_unknown")
}

/// The limit to dispose that runs now.
fn dispose_clock(case: &Case<'_>) -> Result<Option<Clock>, &'static str> {
    let category = case.facts.category.ok_or("category_missing")?;
    let body = &case.record.body;
    let history: Vec<HistoryEntry> = match body.get("history") {
        Some(history) => Deserialize::deserialize(history).map_err(|_| "history_broken")?,
        None => Vec::new(),
    };
    let moments: Vec<Moment<'_>> = history.iter().map(Moment::from).collect();
    let limit = dispose_limit(&history, category).ok_or("limit_unknown")?;
    let timers = case.facts.limits.timers(&moments, first_urgency(body, category), limit);
    let timers = timers.map_err(|_| "urgency_unknown")?;
    let last = timers
        .into_iter()
        .next_back()
        .filter(|timer| timer.stage == Stage::Dispose);
    Ok(last.map(|timer| timer.clock))
}

/// When the open request was made; one that nobody answered in its limit counts as refused.
fn pending(case: &Case<'_>) -> Result<Option<UtcMillis>, &'static str> {
    let Some(asked) = extension_asked(case.record) else {
        return Ok(None);
    };
    let open = case.facts.within(asked, case.facts.limits.decide_extension)?;
    Ok(open.then_some(asked))
}

/// Grants or refuses the open request. The hotline's cases get ten working days more at most. The system refuses what nobody has
/// decided in time, and decides nothing else.
pub(super) fn decide_extension(case: &Case<'_>) -> Guard {
    if case.claim.role == "SYSTEM" {
        ensure(extension_asked(case.record).is_some(), "no_extension_asked")?;
        ensure(pending(case)?.is_none(), "decision_not_overdue")?;
        ensure(!says(case.claim.args, "granted"), "system_has_no_opinion")?;
        return case.reason();
    }
    ensure(pending(case)?.is_some(), "no_extension_asked")?;
    ensure(!hands::has_handled(case.record, case.actor), "handler_decides")?;
    if !says(case.claim.args, "granted") {
        return case.reason();
    }
    let granted = asked_limit(case, "granted")?;
    let most = case.facts.limits.hotline.extension_most;
    let bound = text(&case.record.body, "channel").starts_with("HOTLINE");
    ensure(!bound || no_longer(case, granted, most)?, "extension_too_long")
}

/// Whether one limit ends no later than another that starts with it.
fn no_longer(case: &Case<'_>, one: Limit, other: Limit) -> Result<bool, &'static str> {
    let due = |limit: Limit| limit.deadline(case.facts.now, case.facts.calendar);
    let (one, other) = (due(one), due(other));
    match (one, other) {
        (Ok(one), Ok(other)) => Ok(one <= other),
        _ => Err("calendar_too_short"),
    }
}

/// For a reason of the list, until a moment that the reason allows.
pub(super) fn suspend(case: &Case<'_>) -> Guard {
    let args = case.claim.args;
    let most = case.facts.limits.suspension_most.get(text(args, "reason_code"));
    let most = most.ok_or("reason_code_unknown")?;
    let until = args.get("until").and_then(Value::as_i64).ok_or("until_missing")?;
    let latest = most.deadline(case.facts.now, case.facts.calendar);
    let latest = latest.map_err(|_| "calendar_too_short")?;
    ensure(until > case.facts.now.0, "until_passed")?;
    ensure(until <= latest.0, "suspended_too_long")
}

/// Only the main handler ends the handling, with a result and, where something was put right, a photo of how it is now.
pub(super) fn feedback(case: &Case<'_>) -> Guard {
    ensure(hands::handles(case.record, case.actor), "not_the_handler")?;
    let result = text(case.claim.args, "result");
    ensure(RESULTS.contains(&result), "result_unknown")?;
    let to_see = matches!(result, "resolved" | "partly");
    ensure(!to_see || has_photo(&case.record.body, "after"), "photo_after_missing")
}
