//! The automaton runner: which steps a record may take, by whom, and what a late claim comes to.
//!
//! States, transitions and actors are data (`automaton.incident`); guards and effects of all steps are here, each guard with a stable
//! code (domain dictionary 4.4). The same functions run on phone and platform.

mod check;
mod effects;
mod facts;
mod fields;
mod guards;
mod hands;
mod judge;
mod late;
mod levels;
mod lines;
mod place;
mod replay;
mod round;
mod star;
mod step;
mod take;

#[cfg(test)]
mod guard_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod play;
#[cfg(test)]
mod sample_tests;
#[cfg(test)]
mod tests;

pub use check::WorkflowError;
pub use effects::effects;
pub use facts::Facts;
pub use fields::is_owned;
pub use guards::CRITICAL_SELF_CLOSE;
pub use hands::{belongs, hands_of, was_handler};
pub use place::{PLACED, place};
pub use replay::{Line, ReplayError, replay};
pub use round::{REFUSALS, extension_asked, refusals, returned};
pub use star::absorb;
pub use step::{Assignment, Step};
pub use take::Refusal;

use judge::Claim;

use crate::model::area::GridCode;
use crate::model::automaton::{Automaton, Transition};
use crate::model::ids::StaffId;

/// The automaton of one kind of record, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    automaton: Automaton,
}

/// Who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Pseudonymous id.
    pub staff: StaffId,
    /// Roles they hold.
    pub roles: Vec<String>,
    /// Grids they work in; a desk's steps are not bound to one.
    pub grids: Vec<GridCode>,
    /// Organisations they work for.
    pub orgs: Vec<String>,
}

/// Roles that may correct what is settled, such as the fields of a closed incident: the grid's leader, the desks and the
/// supervisors (domain dictionary 2.5).
const CORRECTORS: [&str; 5] = [
    "GRID_LEADER",
    "COMMUNITY_DESK",
    "TOWN_ACCEPTOR",
    "DISTRICT_ACCEPTOR",
    "SUPERVISOR",
];

impl Actor {
    /// Whether they may correct what is settled.
    #[must_use]
    pub fn may_correct(&self) -> bool {
        self.roles.iter().any(|role| CORRECTORS.contains(&role.as_str()))
    }
}

impl Workflow {
    /// Takes an automaton, refusing one that contradicts itself.
    ///
    /// # Errors
    /// [`WorkflowError`] with the first contradiction.
    pub fn new(automaton: Automaton) -> Result<Self, WorkflowError> {
        check::check(&automaton)?;
        Ok(Self { automaton })
    }

    /// The transition of that id.
    #[must_use]
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.automaton.transitions.iter().find(|t| t.id == id)
    }

    /// Where a transition leads from a state, when it may start there.
    #[must_use]
    pub fn target(&self, transition: &Transition, state: &str) -> Option<String> {
        let state = if state.is_empty() { "NONE" } else { state };
        let starts = transition.from.iter().any(|from| from == state);
        starts.then(|| {
            if transition.to == "SAME" {
                state.to_owned()
            } else {
                transition.to.clone()
            }
        })
    }

    /// Steps that one of the roles may take from a state without signal, in the order of the pack.
    #[must_use]
    pub fn offline_steps(&self, state: &str, roles: &[String]) -> Vec<&Transition> {
        let may = |t: &&Transition| t.offline && t.actors.iter().any(|a| roles.contains(a));
        self.automaton
            .transitions
            .iter()
            .filter(may)
            .filter(|t| self.target(t, state).is_some())
            .collect()
    }

    /// Chinese and English name of a state; the code itself when the pack has none.
    #[must_use]
    pub fn state_names(&self, code: &str) -> (String, String) {
        let state = self.automaton.states.iter().find(|s| s.code == code);
        state.map_or_else(|| (code.to_owned(), code.to_owned()), |s| (s.zh.clone(), s.en.clone()))
    }
}
