//! Guards of the steps: each gives the code of the rule that forbids one (domain dictionary 4.4).

mod accept;
mod close;
mod dispatch;
mod dispose;
mod oversight;
mod report;

pub use report::CRITICAL_SELF_CLOSE;

use super::Actor;
use super::facts::Facts;
use super::fields::{is_owned, level, says};
use super::judge::Claim;
use super::levels::desk_level;
use super::lines::{Lines, number};
use crate::model::record::Record;

/// What came of a guard: the code of the rule that forbids the step.
pub(super) type Guard = Result<(), &'static str>;

/// A claimed step with everything it is judged by.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) record: &'a Record,
    pub(super) claim: &'a Claim<'a>,
    pub(super) actor: &'a Actor,
    pub(super) facts: &'a Facts<'a>,
    pub(super) lines: Lines<'a>,
}

impl Case<'_> {
    fn level(&self) -> u64 {
        level(self.record)
    }

    /// A step that says why.
    fn reason(&self) -> Guard {
        ensure(says(self.claim.args, "reason"), "reason_missing")
    }
}

pub(super) fn ensure(holds: bool, rule: &'static str) -> Guard {
    if holds { Ok(()) } else { Err(rule) }
}

/// Judges a step that the automaton allows from here.
pub(super) fn check(case: &Case<'_>) -> Guard {
    let foreign = case.claim.set.keys().any(|field| is_owned(field));
    ensure(!foreign, "field_of_the_workflow")?;
    desk(case)?;
    match number(case.claim.event) {
        2 => report::submit(case),
        3 => accept::intake(case),
        4 => report::self_close(case),
        5 => report::withdraw(case),
        6 => accept::order_verify(case),
        7 => accept::verify_result(case),
        8 => accept::accept(case),
        9 => accept::reject(case),
        10 => accept::return_for_info(case),
        11 => report::resubmit(case),
        12 => accept::merge(case),
        13 => dispatch::dispatch(case),
        14 => dispatch::reassign(case),
        15 => dispatch::escalate(case),
        16 => dispatch::delegate(case),
        17 => dispatch::sign(case),
        18 => dispatch::refuse(case),
        19 => dispose::progress(case),
        20 => dispose::ask_extension(case),
        21 => dispose::decide_extension(case),
        22 => dispose::suspend(case),
        24 => dispose::feedback(case),
        25 => close::order_check(case),
        26 => close::check_result(case),
        27 => close::rework(case),
        28 => close::close(case),
        29 => close::force_close(case),
        30 => close::evaluate(case),
        31 => close::redo(case),
        32 => oversight::supervise(case),
        33 => oversight::urge(case),
        34 => oversight::set_urgency(case),
        35 => oversight::instruct(case),
        36 => accept::direct_answer(case),
        _ => Ok(()),
    }
}

/// A desk acts on the cases of its own level and area. Merging, urging and setting the urgency are open to the levels above too;
/// a channel's report has no level yet, and only the district closes by force, at every level.
fn desk(case: &Case<'_>) -> Guard {
    let Some(desk) = desk_level(case.claim.role) else {
        return Ok(());
    };
    let unplaced = !case.record.body.contains_key("level");
    let fits = match number(case.claim.event) {
        3 | 29 => true,
        6 | 8 | 9 | 10 | 36 if unplaced => true,
        12 | 33 | 34 => desk >= case.level(),
        _ => desk == case.level(),
    };
    ensure(fits, "wrong_level")?;
    let own = |grid| case.actor.grids.contains(grid);
    let here = desk == 3 || case.record.grid.as_ref().is_none_or(own);
    ensure(here, "not_own_area")
}
