//! Replays a history from nothing: the state it gives is the state the record must have (invariants I-2, I-3).

use super::Workflow;
use super::place::PLACED;
use crate::model::fault::{Coded, Fault};

/// Where a history breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("history line {line}: {rule}")]
pub struct ReplayError {
    /// Line, from 1.
    pub line: usize,
    /// `sequence`, `unknown_step`, `from_state`, `target_state` or `role`.
    pub rule: &'static str,
}

impl Coded for ReplayError {
    fn fault(&self) -> Fault {
        Fault::of("history_broken")
            .with("line", self.line)
            .with("rule", self.rule)
    }
}

/// One line of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number, from 1 without gaps.
    pub seq: u64,
    /// Transition.
    pub event: &'a str,
    /// State before.
    pub from: &'a str,
    /// State after.
    pub to: &'a str,
    /// Role of the actor; empty when it was not recorded.
    pub role: &'a str,
}

/// The state that a history leads to.
///
/// # Errors
/// [`ReplayError`] at the first line that breaks a rule.
pub fn replay<'a>(workflow: &Workflow, lines: impl IntoIterator<Item = Line<'a>>) -> Result<String, ReplayError> {
    let mut state = "NONE".to_owned();
    for (index, line) in lines.into_iter().enumerate() {
        let broken = |rule| ReplayError { line: index + 1, rule };
        if line.seq != index as u64 + 1 {
            return Err(broken("sequence"));
        }
        if line.from != state {
            return Err(broken("from_state"));
        }
        if line.event == PLACED {
            // no step: it says where the incident lies
            if line.to != state {
                return Err(broken("target_state"));
            }
            continue;
        }
        let transition = workflow.transition(line.event).ok_or(broken("unknown_step"))?;
        let target = workflow.target(transition, &state).ok_or(broken("from_state"))?;
        if target != line.to {
            return Err(broken("target_state"));
        }
        if !line.role.is_empty() && !transition.actors.iter().any(|a| a == line.role) {
            return Err(broken("role"));
        }
        state = target;
    }
    Ok(state)
}
