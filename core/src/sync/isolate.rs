//! Finding the one operation that a platform cannot digest: batches are halved until it stands alone, then it is set aside, so
//! that it delays no operation on another record.

use crate::wire::limits::OPS_PER_PUSH;

/// How the batches of a run are bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Isolation {
    /// Whether this run looks for it at all: only when the run before has failed as well.
    looks: bool,
    most: usize,
    sent: usize,
    /// Nothing smaller than the batch that failed can be sent: one operation, or one group.
    alone: bool,
    /// An operation was set aside and no batch was answered since: the platform itself is sick.
    unproven: bool,
    parked: bool,
}

impl Isolation {
    pub(super) fn new(looks: bool) -> Self {
        Self {
            looks,
            most: OPS_PER_PUSH,
            sent: 0,
            alone: false,
            unproven: false,
            parked: false,
        }
    }

    /// Most operations of the next batch.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    pub(super) fn sent(&mut self, operations: usize) {
        self.sent = operations;
    }

    pub(super) fn answered(&mut self) {
        self.unproven = false;
        self.most = (self.most * 2).min(OPS_PER_PUSH);
    }

    /// The batch failed. Tells whether to try on with less; after an operation was set aside in vain it is not.
    pub(super) fn narrow(&mut self) -> bool {
        if !self.looks || self.unproven || self.sent == 0 {
            return false;
        }
        self.alone = self.sent == 1 || self.most == 1;
        self.most = (self.sent / 2).max(1);
        true
    }

    /// Whether the batch that failed was one operation or one group alone.
    pub(super) fn found(&mut self) -> bool {
        if !self.alone {
            return false;
        }
        self.unproven = true;
        self.parked = true;
        true
    }

    /// Whether an operation was set aside in this run.
    pub(super) fn parked(&self) -> bool {
        self.parked
    }
}
