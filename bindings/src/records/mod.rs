//! The records that cross the door, one file per family, with their conversions from the engine's own types.

mod basics;
mod conflict;
mod dictionary;
mod evidence;
mod incident;
mod inspect;
mod open;
mod patrol;
mod plan;
mod registry;
mod sync;

pub use basics::*;
pub(crate) use basics::{body, id, json, maybe_id};
pub use conflict::*;
pub use dictionary::*;
pub use evidence::*;
pub(crate) use incident::word;
pub use incident::*;
pub use inspect::*;
pub use open::*;
pub use patrol::*;
pub use plan::*;
pub(crate) use registry::record_id;
pub use registry::*;
pub use sync::*;
