//! One synchronisation as a state machine without I/O: `step(state, event) -> (state, commands)`.
//!
//! `core::app::sync` carries the commands out against store, vault and transport. Times and random numbers come in with
//! each event, so that a simulation runs this very code.

mod backoff;
mod command;
mod isolate;
mod machine;
mod pace;
mod policy;
mod upload;

#[cfg(test)]
mod tests;

pub use backoff::{Timer, next_attempt_ms};
pub use command::{Command, Event, Failure, Meter, Outcome};
pub use machine::{State, start, step};
pub use pace::{FIRST_ENTRIES, entries_after};
pub use policy::{Blocked, LANES, LaneLoad, LaneSet, blocked};
pub use upload::{BlobTask, Upload};
