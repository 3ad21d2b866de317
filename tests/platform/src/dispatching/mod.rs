//! Smart dispatch, committed: the engine's decision becomes a step of the incident and a row that says by what it was made.
//! What the rules cannot tell waits for a person; what a person decides is written the same way.

mod commit;
mod human;
mod roster;

pub(crate) use commit::{Committed, accept, commit, eligible};
pub(crate) use human::{Deciding, Refusal, decide, refuse};
pub(crate) use roster::roster;

#[cfg(test)]
pub(crate) mod tests;
