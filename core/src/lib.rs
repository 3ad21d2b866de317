//! Fushan Grid: the engine of the app that grid workers of a district carry on their phones.
//!
//! Start at `app`, the use cases. Rooms and which way dependencies run: `docs/architecture.md`.

pub mod app;
pub mod evidence;
pub mod forms;
pub mod merge;
pub mod model;
pub mod planted;
pub mod platform;
pub mod rules;
pub mod store;
pub mod sync;
pub mod wire;
