//! Takes a step at once, on a record in memory: for what the platform takes in, for its timers, and for histories that are played.

use super::{Actor, Claim, Facts, Workflow, effects};
use crate::model::automaton::StepVerdict;
use crate::model::fault::{Coded, Fault};
use crate::model::record::{Body, Record};
use crate::model::step::{self, Taken};

/// A step that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the step {event} is forbidden: {rule}")]
pub struct Refusal {
    /// Id of the transition.
    pub event: String,
    /// Code of the rule that forbids it; `wrong_state` when it does not start here.
    pub rule: String,
}

impl Coded for Refusal {
    fn fault(&self) -> Fault {
        Fault::of("step_forbidden").with("rule", &self.rule)
    }
}

impl Workflow {
    /// Takes a step: guards, effects, history, state. The record is untouched when the step is refused.
    ///
    /// # Errors
    /// [`Refusal`] with the rule that forbids it.
    pub fn take(
        &self,
        record: &mut Record,
        event: &str,
        role: &str,
        args: &Body,
        actor: &Actor,
        facts: Facts<'_>,
    ) -> Result<(), Refusal> {
        let refused = |rule: &str| Refusal {
            event: event.to_owned(),
            rule: rule.to_owned(),
        };
        let set = Body::new();
        let claim = Claim {
            event,
            to: "",
            role,
            args,
            set: &set,
        };
        let to = match self.verdict(record, &claim, actor, &facts) {
            StepVerdict::Legal { to } => to,
            StepVerdict::Forbidden { rule } => return Err(refused(&rule)),
            _ => return Err(refused("wrong_state")),
        };
        let taken = Taken {
            event,
            to: &to,
            role,
            actor: &actor.staff,
            args,
            at: facts.now,
        };
        step::take(record, &taken, None, &effects);
        Ok(())
    }
}
