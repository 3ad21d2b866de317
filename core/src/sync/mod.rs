//! One synchronisation as a state machine without I/O: `step(state, event) -> (state, commands)`.
//!
//! `core::app::sync` carries the commands out against store, vault and transport. Times and random numbers come in with
//! each event, so that a simulation runs this very code.

mod backoff;
mod machine;
mod upload;

#[cfg(test)]
mod tests;

pub use backoff::next_attempt_ms;
pub use machine::{Command, Event, Failure, Meter, Outcome, State, start, step};
pub use upload::{BlobTask, Upload};
