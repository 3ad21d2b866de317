//! What a run did, what is left, and when to come again.

use serde::Serialize;

use super::run::Tally;
use crate::store::blobs::BlobCounts;
use crate::store::ops::OpCounts;

/// How a run ended. None of these is an error: whatever is not settled is kept for the next run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SyncOutcome {
    /// Everything that could be settled is.
    Done,
    /// Cancelled.
    Cancelled,
    /// Another run is under way.
    Busy,
    /// The wait after a failed run is not over, and the host only asked by its schedule.
    Waiting,
    /// The platform needs a newer app; what still works was done, and all work is kept.
    NeedsUpgrade {
        /// The platform's code.
        code: String,
    },
    /// Everything on this phone was wiped, as the district ordered. The engine cannot be used any more.
    Wiped {
        /// Whether work that could not be sent is kept, sealed for the district's recovery key alone.
        sealed: bool,
    },
    /// Time or bytes are used up; there is more to do.
    Budget,
    /// The network or the platform failed.
    Offline {
        /// Code.
        code: String,
    },
    /// The platform does not accept this phone's credentials.
    Locked {
        /// The platform's code.
        code: String,
    },
}

/// Report of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// How it ended.
    #[serde(flatten)]
    pub outcome: SyncOutcome,
    /// Operations taken, one way or another.
    pub taken: u32,
    /// Operations that raised a conflict.
    pub conflicts: u32,
    /// Operations refused.
    pub refused: u32,
    /// Lines of records published.
    pub pulled: u64,
    /// Records fetched because they differed from the platform's digest.
    pub repaired: u64,
    /// Records that left the phone with a revoked scope.
    pub purged: u64,
    /// Photos the platform has stored.
    pub photos_stored: u32,
    /// Bytes of messages and photos sent, as they travelled.
    pub bytes_up: u64,
    /// Bytes received, as they travelled.
    pub bytes_down: u64,
    /// Duration in milliseconds.
    pub duration_ms: u64,
    /// Operations by state afterwards.
    pub ops_left: OpCounts,
    /// Photos by state afterwards.
    pub photos_left: BlobCounts,
    /// When to come again, in milliseconds; nothing when the host's own schedule will do.
    pub next_attempt_ms: Option<u64>,
}

impl SyncReport {
    /// Whether another run would find work.
    #[must_use]
    pub fn more_work(&self) -> bool {
        self.ops_left.unsent() > 0 || self.photos_left.due > 0 || self.outcome == SyncOutcome::Budget
    }

    /// The last report of a phone.
    pub(super) fn wiped(sealed: bool, tally: &Tally, duration_ms: u64) -> Self {
        Self::of(
            SyncOutcome::Wiped { sealed },
            tally,
            duration_ms,
            OpCounts::default(),
            BlobCounts::default(),
        )
    }

    pub(super) fn of(
        outcome: SyncOutcome,
        tally: &Tally,
        duration_ms: u64,
        ops_left: OpCounts,
        photos_left: BlobCounts,
    ) -> Self {
        Self {
            outcome,
            taken: tally.settled.taken,
            conflicts: tally.settled.conflicts,
            refused: tally.settled.refused,
            pulled: tally.pulled,
            repaired: tally.repaired,
            purged: tally.purged,
            photos_stored: tally.photos,
            bytes_up: tally.up,
            bytes_down: tally.down,
            duration_ms,
            ops_left,
            photos_left,
            next_attempt_ms: None,
        }
    }

    /// Whether something waits for a person: a conflict raised or an operation refused in this run.
    #[must_use]
    pub fn waits_for_person(&self) -> bool {
        self.conflicts > 0 || self.refused > 0 || self.ops_left.dead > 0
    }
}
