//! Steps around dispatch: T13 to T18.

use std::collections::BTreeSet;

use super::{Case, Guard, ensure};
use crate::rules::deadline::Limit;
use crate::rules::workflow::fields::{says, text, texts, whole, yes};
use crate::rules::workflow::hands;
use crate::rules::workflow::levels::TOP;
use crate::rules::workflow::round::{REFUSALS, refusals};

/// One main handler, and helpers who are others. After two refusals only the district dispatches, by force and with the reason.
pub(super) fn dispatch(case: &Case<'_>) -> Guard {
    assignment(case)?;
    let forced = yes(case.claim.args, "forced");
    let refused = refusals(case.record) >= REFUSALS;
    ensure(!refused || forced, "refused_twice")?;
    ensure(
        !forced || case.claim.role == "DISTRICT_DISPATCHER",
        "only_the_district_forces",
    )?;
    if forced { case.reason() } else { Ok(()) }
}

fn assignment(case: &Case<'_>) -> Guard {
    let args = case.claim.args;
    let main = text(args, "main");
    ensure(!main.trim().is_empty(), "main_handler_missing")?;
    let co = texts(args, "co");
    let distinct: BTreeSet<_> = co.iter().collect();
    ensure(distinct.len() == co.len() && !co.contains(&main), "handler_twice")?;
    let limit = args.get("limit").and_then(|l| l.as_str());
    let readable = limit.is_none_or(|limit| limit.parse::<Limit>().is_ok());
    ensure(readable, "limit_unknown")?;
    let accepted = case.lines.round().last_of(&[8]).map(|line| line.actor().to_owned());
    let person = text(args, "person");
    ensure(
        person.is_empty() || accepted.as_deref() != Some(person),
        "acceptor_handles",
    )
}

pub(super) fn reassign(case: &Case<'_>) -> Guard {
    case.reason()?;
    assignment(case)?;
    let (args, body) = (case.claim.args, &case.record.body);
    let same = text(args, "main") == text(body, "handler_org") && text(args, "person") == text(body, "handler_user");
    ensure(!same, "same_handler")
}

/// One level up; further only when it cannot wait.
pub(super) fn escalate(case: &Case<'_>) -> Guard {
    let level = case.level();
    ensure(level < TOP, "top_level")?;
    ensure(case.claim.role != "GRID_LEADER" || level == 1, "wrong_level")?;
    if case.claim.role != "SYSTEM" {
        case.reason()?;
    }
    let to = whole(case.claim.args, "level").unwrap_or(level + 1);
    ensure(to > level && to <= TOP, "level_out_of_range")?;
    let body = &case.record.body;
    let grave = text(body, "urgency") == "CRITICAL" || matches!(text(body, "severity"), "SERIOUS" | "EXTREME");
    ensure(to == level + 1 || grave, "skips_a_level")
}

/// One level down, but not back to a level that has passed it up, unless a supervisor has said so since.
pub(super) fn delegate(case: &Case<'_>) -> Guard {
    let level = case.level();
    ensure(level > 1, "bottom_level")?;
    let to = whole(case.claim.args, "level").unwrap_or(level - 1);
    ensure(to + 1 == level, "level_out_of_range")?;
    let mut before = 1;
    let mut passed_up = false;
    for line in case.lines.iter() {
        match line.number() {
            15 if before <= to && line.level() > to => passed_up = true,
            35 => passed_up = false,
            _ => {}
        }
        before = line.level();
    }
    ensure(!passed_up, "bounces_back")
}

/// The handler signs, never whoever accepted the case.
pub(super) fn sign(case: &Case<'_>) -> Guard {
    ensure(hands::handles(case.record, case.actor), "not_the_handler")?;
    let accepted = case.lines.round().last_of(&[8]);
    let same = accepted.is_some_and(|line| !line.actor().is_empty() && line.actor() == case.actor.staff.0);
    ensure(!same, "acceptor_handles")
}

/// Within the limit for signing; the hotline gives two working days (Shandong).
pub(super) fn refuse(case: &Case<'_>) -> Guard {
    ensure(hands::handles(case.record, case.actor), "not_the_handler")?;
    ensure(says(case.claim.args, "reason"), "reason_missing")?;
    ensure(!yes(&case.record.body, "forced"), "refusal_barred")?;
    let Some(dispatched) = case.lines.last_of(&[13, 14]) else {
        return Ok(());
    };
    let (limits, body) = (case.facts.limits, &case.record.body);
    let urgency = limits.urgency.get(text(body, "urgency"));
    let limit = match urgency {
        _ if text(body, "channel").starts_with("HOTLINE") => limits.hotline.refuse,
        Some(urgency) => urgency.sign,
        None => return Ok(()),
    };
    ensure(case.facts.within(dispatched.at(), limit)?, "refused_too_late")
}
