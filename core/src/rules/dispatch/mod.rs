//! Smart dispatch: which organisation handles an incident, at which level, until when, and why (domain dictionary 6).
//!
//! A pure function of the incident, the rule set, the roster and the moment: the phone shows the likely handler without
//! signal, the platform runs the same and commits. What the rules cannot tell goes to a person.

mod check;
mod condition;
mod decide;
mod duplicates;
mod explain;
mod ladder;
mod mobilise;
mod read;
mod roster;
mod waves;

#[cfg(test)]
mod tests;

pub use check::{Dispatch, RuleSetError};
pub use condition::Case;
pub use decide::{Alternative, Decision, Human, Outcome};
pub use duplicates::{Candidate, MAX_AGE_MS, MAX_DISTANCE_M, duplicates};
pub use ladder::{Rung, RungKind, ladder};
pub use mobilise::{Answer, Call, Called, Mobilisation, MobilisationError, Need, Wave};
pub use roster::{Handler, OpenTask, Roster, load};
pub use waves::{Around, callable, neighbours};
