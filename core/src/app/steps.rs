//! The steps of the seven-step loop on a phone: whoever holds the role takes them, by the same rules as the platform.

use super::Engine;
use super::error::AppError;
use crate::model::ids::RecordId;
use crate::model::record::Body;
use crate::rules::workflow::Step;

/// Whether the host has signal right now, as far as it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The platform was reached just now: steps that bind others may be taken.
    Present,
    /// Only steps that may wait are taken; they are queued.
    Absent,
}

impl Engine {
    /// Takes a step of an incident. What may be done without signal is queued and judged again when it arrives (domain dictionary
    /// 4.6); everything else needs signal, and is sent with the next run.
    ///
    /// # Errors
    /// [`AppError::Step`] with the rule that forbids it: role, level, state, a guard, or `needs_signal`.
    pub fn incident_take(&self, id: RecordId, step: Step, signal: Signal) -> Result<(), AppError> {
        let (event, args) = step.into_parts();
        if signal == Signal::Absent && !self.waits(&event) {
            return Err(AppError::Step {
                rule: "needs_signal".to_owned(),
            });
        }
        self.step(id, &event, args, Body::new())
    }

    /// Whether a step may be taken without signal.
    #[must_use]
    pub fn waits(&self, event: &str) -> bool {
        let dictionaries = self.dictionaries();
        dictionaries.workflow.transition(event).is_some_and(|t| t.offline)
    }
}
