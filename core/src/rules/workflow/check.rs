//! An automaton that contradicts itself is refused as a whole; the one in force stays in force.

use std::collections::BTreeSet;

use crate::model::automaton::Automaton;
use crate::model::fault::{Coded, Fault};

/// Why an automaton is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkflowError {
    /// A state or transition is there twice.
    #[error("{0} is there twice")]
    Twice(String),
    /// A transition names a state that is not there.
    #[error("transition {transition} names the unknown state {state}")]
    UnknownState {
        /// The transition.
        transition: String,
        /// The state.
        state: String,
    },
    /// A transition leaves a terminal state (invariant I-4).
    #[error("transition {0} leaves a terminal state")]
    LeavesTerminal(String),
    /// No path leads to a state.
    #[error("state {0} cannot be reached")]
    Unreachable(String),
    /// Nobody may take a transition.
    #[error("transition {0} has no actor")]
    NoActor(String),
}

impl Coded for WorkflowError {
    fn fault(&self) -> Fault {
        Fault::of("automaton_refused").with("why", self)
    }
}

pub(super) fn check(automaton: &Automaton) -> Result<(), WorkflowError> {
    let mut states = BTreeSet::new();
    for state in &automaton.states {
        if !states.insert(state.code.as_str()) {
            return Err(WorkflowError::Twice(state.code.clone()));
        }
    }
    let terminal: BTreeSet<_> = automaton
        .states
        .iter()
        .filter(|s| s.terminal)
        .map(|s| s.code.as_str())
        .collect();
    let mut ids = BTreeSet::new();
    for t in &automaton.transitions {
        if !ids.insert(t.id.as_str()) {
            return Err(WorkflowError::Twice(t.id.clone()));
        }
        if t.actors.is_empty() {
            return Err(WorkflowError::NoActor(t.id.clone()));
        }
        let known = |s: &&String| !states.contains(s.as_str()) && s.as_str() != "SAME";
        if let Some(state) = t.from.iter().chain([&t.to]).find(known) {
            return Err(WorkflowError::UnknownState {
                transition: t.id.clone(),
                state: state.clone(),
            });
        }
        if t.from.iter().any(|s| terminal.contains(s.as_str())) {
            return Err(WorkflowError::LeavesTerminal(t.id.clone()));
        }
    }
    reachable(automaton)
}

fn reachable(automaton: &Automaton) -> Result<(), WorkflowError> {
    let mut seen: BTreeSet<&str> = BTreeSet::from(["NONE"]);
    loop {
        let before = seen.len();
        for t in &automaton.transitions {
            if t.from.iter().any(|s| seen.contains(s.as_str())) && t.to != "SAME" {
                seen.insert(&t.to);
            }
        }
        if seen.len() == before {
            break;
        }
    }
    match automaton.states.iter().find(|s| !seen.contains(s.code.as_str())) {
        Some(state) => Err(WorkflowError::Unreachable(state.code.clone())),
        None => Ok(()),
    }
}
