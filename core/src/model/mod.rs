//! The words of the trade: plain data and newtype ids, no clock, no disk, no network.
//!
//! Every other module speaks in these types. A record's content is a JSON [`Body`], so that fields a newer
//! platform sends are kept and returned untouched; the typed views ([`registry`], [`incident`]) read and write
//! such a body without dropping what they do not know.

pub mod area;
pub mod automaton;
pub mod blob;
pub mod calendar;
pub mod dispatch;
pub mod env;
pub mod fault;
pub mod geo;
pub mod ids;
pub mod incident;
pub mod op;
pub mod org;
pub mod policy;
pub mod record;
pub mod registry;
pub mod schema;
#[cfg(feature = "openapi")]
mod schemas;
pub mod sensitive;
pub mod step;
pub mod time;
