//! A claim that comes too late (domain dictionary 4.6): what was typed is kept as a note, and the worker is told why.

use super::Actor;
use super::fields::text;
use super::hands;
use super::judge::Claim;
use super::lines::{Lines, number};
use crate::model::record::Record;

/// The notice with which a step becomes a note, when the record has moved on. Its own repetition is none: that is the same step.
pub(super) fn notice(record: &Record, claim: &Claim<'_>) -> Option<&'static str> {
    let state = record.state.as_str();
    let gone = matches!(state, "DISPATCHED" | "ACCEPTED");
    match number(claim.event) {
        7 => Some("noted_verified_already"),
        17 if state == "DISPOSING" => Some("noted_signed_by_another"),
        17 if gone => Some("noted_reassigned"),
        19 => Some("noted_after_handling"),
        24 if gone => Some("noted_reassigned"),
        24 if matches!(state, "SUSPENDED" | "CHECKING" | "CLOSED" | "EVALUATED") => Some("noted_after_handling"),
        26 => Some("noted_not_being_checked"),
        30 => Some("noted_evaluated_already"),
        _ => None,
    }
}

/// A handler whose case was given to somebody else while they worked on it: what they did is kept.
pub(super) fn taken_away(record: &Record, claim: &Claim<'_>, actor: &Actor, rule: &str) -> Option<&'static str> {
    let stale = matches!(number(claim.event), 17 | 19 | 24) && matches!(rule, "not_the_handler" | "not_on_the_case");
    (stale && hands::was_handler(record, actor)).then_some("noted_reassigned")
}

/// Whether the last step was this very one by the same person.
pub(super) fn same_step(record: &Record, claim: &Claim<'_>, actor: &Actor) -> bool {
    let Some(last) = Lines::of(record).last() else {
        return false;
    };
    if number(claim.event) == 17 && !actor.staff.0.is_empty() && text(&record.body, "handler_user") == actor.staff.0 {
        return true;
    }
    let args = last.args().map_or(claim.args.is_empty(), |args| args == claim.args);
    // a signature is a person's; a history from before actors were kept names none
    let same_hand = number(claim.event) != 17 || last.actor().is_empty() || last.actor() == actor.staff.0;
    last.text("event") == claim.event && args && same_hand
}
