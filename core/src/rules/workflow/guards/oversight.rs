//! Steps of supervision, at any time: T32 to T35.

use super::{Case, Guard, ensure};
use crate::rules::validate::china_day;
use crate::rules::workflow::fields::{says, text, whole, yes};

/// Supervision's levels: ordinary, yellow, red (domain dictionary 4.4, T32).
const RED: u64 = 3;
/// How often a case is urged on one day at most.
const URGES_A_DAY: usize = 3;

/// Only upwards; taken back by a supervisor alone.
pub(super) fn supervise(case: &Case<'_>) -> Guard {
    let now = whole(&case.record.body, "supervise_level").unwrap_or(0);
    if yes(case.claim.args, "cancel") {
        ensure(case.claim.role == "SUPERVISOR", "only_a_supervisor_cancels")?;
        ensure(now > 0, "not_supervised")?;
        return case.reason();
    }
    let level = whole(case.claim.args, "level").unwrap_or(0);
    ensure((1..=RED).contains(&level), "supervision_level_unknown")?;
    ensure(level != now, "supervised_already")?;
    ensure(level > now, "supervision_only_upwards")
}

pub(super) fn urge(case: &Case<'_>) -> Guard {
    let today = china_day(case.facts.now);
    let urges = case.lines.iter().filter(|line| line.number() == 33);
    let so_far = urges.filter(|line| china_day(line.at()) == today).count();
    ensure(so_far < URGES_A_DAY, "urged_too_often")
}

pub(super) fn set_urgency(case: &Case<'_>) -> Guard {
    let urgency = text(case.claim.args, "urgency");
    ensure(case.facts.limits.urgency.contains_key(urgency), "urgency_unknown")?;
    ensure(urgency != text(&case.record.body, "urgency"), "urgency_same")
}

pub(super) fn instruct(case: &Case<'_>) -> Guard {
    ensure(says(case.claim.args, "note"), "note_missing")
}
