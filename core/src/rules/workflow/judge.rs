//! Judges a claimed step against the record as it is now.

use super::facts::Facts;
use super::guards::{self, Case};
use super::lines::Lines;
use super::{Actor, Workflow, late};
use crate::model::automaton::{StepVerdict, Transition};
use crate::model::op::Action;
use crate::model::record::{Body, Record};

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
        self.verdict(record, &claim, actor, &facts)
    }

    pub(super) fn verdict(&self, record: &Record, claim: &Claim<'_>, actor: &Actor, facts: &Facts<'_>) -> StepVerdict {
        let Some(transition) = self.transition(claim.event) else {
            return forbidden("unknown_step");
        };
        let holds = |role: &str| actor.roles.iter().any(|own| own == role);
        if !holds(claim.role) || !transition.actors.iter().any(|a| a == claim.role) {
            return forbidden("role");
        }
        if let Some(to) = self.target(transition, &record.state) {
            return match guard(record, claim, actor, facts) {
                Ok(()) => StepVerdict::Legal { to },
                Err(rule) => late::taken_away(record, claim, actor, rule).map_or_else(|| forbidden(rule), noted),
            };
        }
        if late::same_step(record, claim, actor) && record.state == claim.to {
            return StepVerdict::AlreadyThere;
        }
        if let Some(notice) = late::notice(record, claim) {
            return noted(notice);
        }
        if record.state == claim.to {
            return StepVerdict::DoubleClose;
        }
        let Some(by) = self.other_way(transition, record, claim) else {
            return StepVerdict::Illegal;
        };
        let claims = [
            *claim,
            Claim {
                event: &by.id,
                ..*claim
            },
        ];
        match claims.iter().find_map(|claim| guard(record, claim, actor, facts).err()) {
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

fn guard(record: &Record, claim: &Claim<'_>, actor: &Actor, facts: &Facts<'_>) -> guards::Guard {
    guards::check(&Case {
        record,
        claim,
        actor,
        facts,
        lines: Lines::of(record),
    })
}

fn forbidden(rule: &str) -> StepVerdict {
    StepVerdict::Forbidden { rule: rule.to_owned() }
}

fn noted(notice: &str) -> StepVerdict {
    StepVerdict::Noted {
        notice: notice.to_owned(),
    }
}
