//! The phone's encrypted store, the only code that names SQLite.
//!
//! One connection writes, a few read (decision record 3). What the app reads is the platform's last word on a record with
//! this phone's unanswered operations replayed on it; the replay is done when an operation or a pulled line arrives, so that
//! reading is one indexed look-up.

pub mod areas;
pub mod blobs;
pub mod captures;
mod conn;
pub mod custody;
pub mod digest;
mod ending;
pub mod entries;
mod error;
mod files;
pub mod forms;
mod header;
pub mod identity;
pub mod inspections;
pub mod lease;
mod migrate;
mod open;
pub mod ops;
pub mod packs;
pub mod patrols;
pub mod pull;
pub mod purge;
mod quarantine;
pub mod records;
pub mod retention;
pub mod runs;
pub mod search;
pub mod sheets;
pub mod snapshot;
mod terms;
pub mod traffic;
pub mod unsent;
pub mod warnings;

#[cfg(test)]
mod tests;

pub use conn::{Reader, Writer};
pub use error::StoreError;
pub use header::recover;
pub use migrate::schema_known;
pub use open::{OpenReport, Quarantine, Store, StoreConfig};
