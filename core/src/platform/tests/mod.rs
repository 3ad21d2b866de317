//! The real transport against servers that misbehave.

mod faults;
mod server;
