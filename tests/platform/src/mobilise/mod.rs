//! Mobilisation of 1+1+X+N on the platform (domain dictionary 6.5): whom to call and when is the engine's rule
//! (`rules::dispatch::{Mobilisation, callable}`), the moment is the platform's clock.
//!
//! A mobilisation is a record of its own kind, in the scope of its grid and of everybody who was called, so that their phones have
//! it without anything else of the incident. Its log keeps every wave, answer and stop; each line is in the platform's history, too.

mod critical;
mod document;
mod people;
mod pushed;
mod start;
mod step;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use critical::for_critical;
pub(crate) use document::id_of;
pub(crate) use pushed::pushed;
pub(crate) use start::{Answering, Starting, Stopping, answer, start, stop};
pub(crate) use step::tick;
