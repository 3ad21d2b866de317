//! The versions this engine speaks and opens.

use crate::rules::packs;
use crate::store;
use crate::wire::PROTOCOL;

/// Versions of protocol and schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The protocol spoken with the platform.
    pub protocol: u32,
    /// The newest schema of the phone's database.
    pub database: u32,
    /// The registry schema that ships with the engine; 0 should it not read.
    pub registry: u32,
}

/// The versions of this engine.
#[must_use]
pub fn versions() -> Versions {
    Versions {
        protocol: PROTOCOL,
        database: store::schema_known(),
        registry: packs::registry().map_or(0, |schema| schema.schema),
    }
}
