//! Tests that cross crates, through public doors only; what several of them share is here.

pub mod authority;
pub mod checklist;
pub mod entries;
pub mod field;
pub mod hostile;
pub mod signer;
pub mod sources;
