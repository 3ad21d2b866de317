//! Judges a claimed step against the record as it is now.

use serde_json::Value;

use super::{Actor, Workflow, guards};
use crate::model::automaton::{StepVerdict, Transition};
use crate::model::incident::Category;
use crate::model::op::Action;
use crate::model::record::{Body, Record};
use crate::model::time::UtcMillis;

/// What the guards need to know beyond record and actor.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The category the incident was filed under, when the taxonomy knows it.
    pub category: Option<&'a Category>,
    /// The moment of the judgement.
    pub now: UtcMillis,
}

/// A claimed step, taken apart.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    pub(super) event: &'a str,
    pub(super) to: &'a str,
    pub(super) role: &'a str,
    pub(super) args: &'a Body,
    pub(super) set: &'a Body,
}

impl Workflow {
    /// What a claimed step comes to (protocol, section Merge). Any other action than a step is illegal here.
    #[must_use]
    pub fn judge(&self, record: &Record, action: &Action, actor: &Actor, facts: Facts<'_>) -> StepVerdict {
        let Action::Transition {
            event,
            to,
            role,
            args,
            set,
            ..
        } = action
        else {
            return StepVerdict::Illegal;
        };
        let claim = Claim {
            event,
            to,
            role,
            args,
            set,
        };
        let Some(transition) = self.transition(event) else {
            return forbidden("unknown_step");
        };
        if !actor.roles.contains(role) || !transition.actors.contains(role) {
            return forbidden("role");
        }
        if let Some(target) = self.target(transition, &record.state) {
            return match guards::check(record, &claim, actor, facts) {
                Some(rule) => forbidden(rule),
                None => StepVerdict::Legal { to: target },
            };
        }
        if record.state == claim.to {
            return if same_outcome(record, &claim) {
                StepVerdict::AlreadyThere
            } else {
                StepVerdict::DoubleClose
            };
        }
        let Some(by) = self.other_way(transition, record, &claim) else {
            return StepVerdict::Illegal;
        };
        let claims = [&claim, &Claim { event: &by.id, ..claim }];
        match claims.into_iter().find_map(|c| guards::check(record, c, actor, facts)) {
            Some(rule) => forbidden(rule),
            None => StepVerdict::Rebased {
                to: claim.to.to_owned(),
                by: by.id.clone(),
            },
        }
    }

    /// The record has moved on: another step that the role may take without signal leads to the phone's target from here.
    fn other_way(&self, claimed: &Transition, record: &Record, claim: &Claim<'_>) -> Option<&Transition> {
        let roles = [claim.role.to_owned()];
        let steps = self.offline_steps(&record.state, &roles);
        steps.into_iter().find(|t| t.id != claimed.id && t.to == claim.to)
    }
}

fn forbidden(rule: &str) -> StepVerdict {
    StepVerdict::Forbidden { rule: rule.to_owned() }
}

/// Whether the record came into the target by the same step, with the same arguments.
fn same_outcome(record: &Record, claim: &Claim<'_>) -> bool {
    let last = record
        .body
        .get("history")
        .and_then(Value::as_array)
        .and_then(|history| history.last());
    let Some(last) = last else { return false };
    let args = last.get("args").and_then(Value::as_object).cloned().unwrap_or_default();
    last.get("event").and_then(Value::as_str) == Some(claim.event) && args == *claim.args
}
