//! In whose hands a case is: the main handler, the helpers, and who was it before.

use serde_json::Value;

use super::Actor;
use super::fields::{text, texts};
use super::lines::{Line, Lines};
use crate::model::record::Record;

/// Shortest area code that names a handler by its place: a community's.
const COMMUNITY_DIGITS: usize = 12;

/// Whether somebody works for an organisation. A community or a grid is one for whoever works there.
#[must_use]
pub fn belongs(actor: &Actor, org: &str) -> bool {
    let place = org.len() >= COMMUNITY_DIGITS && org.bytes().all(|b| b.is_ascii_digit());
    let there = || actor.grids.iter().any(|grid| grid.as_str().starts_with(org));
    !org.is_empty() && (actor.orgs.iter().any(|own| own == org) || (place && there()))
}

/// Whether a case is in somebody's hands as the main handler. A case dispatched before handlers were kept is in everybody's.
pub(super) fn handles(record: &Record, actor: &Actor) -> bool {
    let (user, org) = (text(&record.body, "handler_user"), text(&record.body, "handler_org"));
    let unnamed = user.is_empty() && org.is_empty();
    unnamed || (!user.is_empty() && user == actor.staff.0) || belongs(actor, org)
}

/// Whether somebody helps with a case.
pub(super) fn helps(record: &Record, actor: &Actor) -> bool {
    texts(&record.body, "co_handlers")
        .into_iter()
        .any(|org| belongs(actor, org))
}

/// Whether a line dispatched the case to somebody.
fn dispatched_to(line: Line<'_>, actor: &Actor) -> bool {
    let person = line.arg_text("person");
    matches!(line.number(), 13 | 14)
        && ((!person.is_empty() && person == actor.staff.0) || belongs(actor, line.arg_text("main")))
}

/// Whether a case ever was in somebody's hands.
#[must_use]
pub fn was_handler(record: &Record, actor: &Actor) -> bool {
    let named = |name: &str| text(&record.body, name) == actor.staff.0;
    ["handler_user", "checker_user", "verifier_user"].into_iter().any(named)
        || belongs(actor, text(&record.body, "handler_org"))
        || helps(record, actor)
        || Lines::of(record)
            .iter()
            .any(|line| dispatched_to(line, actor) || ordered(line, actor))
}

/// Whether a line asked somebody to verify or to check.
fn ordered(line: Line<'_>, actor: &Actor) -> bool {
    matches!(line.number(), 6 | 25) && line.arg_text("person") == actor.staff.0 && !actor.staff.0.is_empty()
}

/// Whether somebody has a hand in the handling of the present round: dispatched to, signed, worked or gave feedback.
pub(super) fn has_handled(record: &Record, actor: &Actor) -> bool {
    let org = text(&record.body, "handler_org");
    let user = text(&record.body, "handler_user");
    let department = actor.orgs.iter().any(|own| own == org);
    (!user.is_empty() && user == actor.staff.0)
        || department
        || (!actor.staff.0.is_empty() && Lines::of(record).round().took(&actor.staff.0, &[17, 24]))
}

/// Organisations and people that a case is laid before, for the scopes in which their phones see it.
#[must_use]
pub fn hands_of(record: &Record) -> (Vec<&str>, Vec<&str>) {
    let body = &record.body;
    let mut orgs = texts(body, "co_handlers");
    orgs.extend(body.get("handler_org").and_then(Value::as_str));
    let people = ["handler_user", "checker_user", "verifier_user"];
    let people = people
        .into_iter()
        .filter_map(|name| body.get(name).and_then(Value::as_str));
    (orgs, people.collect())
}
