//! What the run knows of one phone from outside.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::RecordId;

use crate::ledger::Write;

/// A use case that has been begun: what it will have written when it succeeds.
#[derive(Debug, Clone, Default)]
pub struct Begun {
    /// Operations it makes.
    pub ops: u64,
    /// Values it writes.
    pub writes: Vec<Write>,
    /// The record it ends.
    pub ends: Option<RecordId>,
}

/// The run's books of one phone.
#[derive(Debug, Default)]
pub struct Books {
    /// Operations it has ever made.
    pub made: u64,
    /// The use case under way.
    pub begun: Option<Begun>,
    /// The last revision it showed of each record, with the life of the platform's data then.
    pub revs: BTreeMap<RecordId, i64>,
    /// When its files were last set aside, and how many operations there were then.
    pub aside: Option<(i64, u64)>,
}
