//! Settling with the platform: what a run may use, where it is, how it ended, what waits.

use std::time::Duration;

use fushan_grid_core::app::status::{self, LaneStatus};
use fushan_grid_core::app::sync;
use fushan_grid_core::merge::Warning;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::store::ops::DeadLetter;

use super::basics::{Conditions, json};
use super::incident::word;
use crate::error::Told;

/// Why a run is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SyncTrigger {
    /// The worker asked: at once.
    Worker,
    /// The network came or changed: one attempt before the wait is over, unless the platform itself asked for the wait.
    Connectivity,
    /// The app's own schedule: not before the wait is over.
    Schedule,
}

/// What a run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct SyncBudget {
    /// Why it is asked for.
    pub trigger: SyncTrigger,
    /// Most time in milliseconds; what is not done then is done by the next run.
    #[uniffi(default = 600000)]
    pub max_ms: u64,
    /// Most bytes up and down.
    #[uniffi(default = None)]
    pub max_bytes: Option<u64>,
    /// Network and power; what the host's source tells when absent.
    #[uniffi(default = None)]
    pub conditions: Option<Conditions>,
}

/// Where a run is; counts and bytes only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Record)]
pub struct SyncProgress {
    /// Operations that got their answer.
    pub ops_done: u64,
    /// Records that came.
    pub pulled: u64,
    /// Photos the platform has stored in this run.
    pub photos_done: u64,
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes received.
    pub bytes_down: u64,
}

/// How a run ended. None of these is an error: whatever is not settled is kept for the next run.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum SyncOutcome {
    /// Everything that could be settled is.
    Done,
    /// Cancelled.
    Cancelled,
    /// Another run is under way.
    Busy,
    /// The wait after a failed run is not over, and the app only asked by its schedule.
    Waiting,
    /// Time or bytes are used up; there is more to do.
    Budget,
    /// The network or the platform failed, or the app's store of what opens the platform (`tokens_unavailable`).
    Offline {
        /// Code and texts.
        told: Told,
    },
    /// The platform does not accept this phone's credentials: enrol again.
    Locked {
        /// Code and texts.
        told: Told,
    },
    /// The platform needs a newer app; what still works was done, and all work is kept.
    NeedsUpgrade {
        /// Code and texts.
        told: Told,
    },
    /// Everything on this phone was wiped, as the district ordered. The engine cannot be used any more.
    Wiped {
        /// Whether work that could not be sent is kept, sealed for the district's recovery key alone.
        sealed: bool,
    },
}

/// Report of one run.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// How it ended.
    pub outcome: SyncOutcome,
    /// Operations taken, one way or another.
    pub taken: u32,
    /// Operations that raised a conflict.
    pub conflicts: u32,
    /// Operations refused.
    pub refused: u32,
    /// Records published.
    pub pulled: u64,
    /// Records that left the phone with a revoked scope.
    pub purged: u64,
    /// Photos the platform has stored.
    pub photos_stored: u32,
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes received.
    pub bytes_down: u64,
    /// Duration in milliseconds.
    pub duration_ms: u64,
    /// Operations that are not settled yet.
    pub ops_left: u64,
    /// Photos that are not stored yet.
    pub photos_left: u64,
    /// When to come again, in milliseconds; nothing when the app's own schedule will do.
    pub next_attempt_ms: Option<u64>,
    /// Whether another run would find work.
    pub more_work: bool,
    /// Whether something waits for a person: a conflict or a refused operation.
    pub waits_for_person: bool,
}

/// What waits, what is stuck, when the last run was: the sync screen.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncStatus {
    /// Whether the phone is enrolled.
    pub enrolled: bool,
    /// Operations waiting or on their way.
    pub ops_waiting: u64,
    /// Drafts that were never submitted.
    pub drafts: u64,
    /// Operations that were refused and wait for the worker.
    pub refused: u64,
    /// Files of photos whose upload is due; a thumbnail is one of its own.
    pub photos_waiting: u64,
    /// Bytes of photos not stored yet.
    pub photo_bytes_waiting: u64,
    /// Photos whose upload cannot go on.
    pub photos_stuck: u64,
    /// Photos the platform has stored.
    pub photos_stored: u64,
    /// Open conflicts.
    pub conflicts: u64,
    /// Operations that the platform will most likely not take as they are.
    pub warnings: u64,
    /// The five lanes, the most urgent first.
    pub lanes: Vec<SyncLane>,
    /// Scopes this phone holds.
    pub scopes: Vec<String>,
    /// Milliseconds until the next attempt after a failed run.
    pub next_attempt_ms: Option<u64>,
    /// Until when this phone opens without asking the platform, in UTC milliseconds.
    pub lease_until_ms: Option<i64>,
    /// Why this app is too old for the platform.
    pub needs_upgrade: Option<Told>,
    /// How far the platform's clock is ahead of this phone's, in milliseconds.
    pub clock_ahead_ms: Option<i64>,
    /// The last runs, the newest first.
    pub runs: Vec<PastRun>,
}

/// One lane of the upload.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncLane {
    /// Its name, `P0` the most urgent.
    pub lane: String,
    /// Operations that wait in it.
    pub ops: u64,
    /// Photos that wait in it.
    pub photos: u64,
    /// Bytes that wait in it.
    pub bytes: u64,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_ms: Option<u64>,
    /// What stands in its way now: `metered`, `roaming`, `battery`, `bytes_today`; nothing when it may move.
    pub blocked: Option<String>,
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PastRun {
    /// When it started, in UTC milliseconds.
    pub started_ms: i64,
    /// How it ended: `done`, `offline`, …
    pub outcome: String,
    /// Its report as a JSON object.
    pub report_json: String,
}

/// An operation that the platform refused. It stays until the worker edits it, or drops it.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct RefusedOperation {
    /// The operation.
    pub op: String,
    /// The record it is on.
    pub record: String,
    /// Kind of that record.
    pub kind: String,
    /// Why, with texts.
    pub told: Told,
    /// Fields the reason is about.
    pub fields: Vec<String>,
    /// The operation as it was sent, as a JSON object.
    pub op_json: String,
}

/// An operation that the platform will most likely not take as it is. It is sent all the same.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LikelyConflict {
    /// The record.
    pub record: String,
    /// The operation.
    pub op: String,
    /// The kind of conflict it will raise, or the code it will be refused with.
    pub what: String,
    /// Fields it is about.
    pub fields: Vec<String>,
    /// State of the record on the platform.
    pub state: String,
}

impl SyncBudget {
    pub(crate) fn read(self, conditions: Conditions) -> sync::Budget {
        sync::Budget {
            time: Duration::from_millis(self.max_ms),
            bytes: self.max_bytes,
            conditions: conditions.into(),
            trigger: match self.trigger {
                SyncTrigger::Worker => sync::Trigger::Worker,
                SyncTrigger::Connectivity => sync::Trigger::Connectivity,
                SyncTrigger::Schedule => sync::Trigger::Schedule,
            },
        }
    }
}

impl From<&sync::Progress> for SyncProgress {
    fn from(progress: &sync::Progress) -> Self {
        Self {
            ops_done: progress.ops_done,
            pulled: progress.pulled,
            photos_done: progress.photos_done,
            bytes_up: progress.bytes_up,
            bytes_down: progress.bytes_down,
        }
    }
}

impl SyncOutcome {
    /// How it ended, for a log.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Done => "ok",
            Self::Cancelled => "cancelled",
            Self::Busy => "busy",
            Self::Waiting => "waiting",
            Self::Budget => "budget",
            Self::Wiped { .. } => "wiped",
            Self::Offline { told } | Self::Locked { told } | Self::NeedsUpgrade { told } => &told.code,
        }
    }
}

impl From<sync::SyncOutcome> for SyncOutcome {
    fn from(outcome: sync::SyncOutcome) -> Self {
        use sync::SyncOutcome as O;
        let told = |code: String| Told::of_code(&code);
        match outcome {
            O::Done => Self::Done,
            O::Cancelled => Self::Cancelled,
            O::Busy => Self::Busy,
            O::Waiting => Self::Waiting,
            O::Budget => Self::Budget,
            O::Offline { code } => Self::Offline { told: told(code) },
            O::Locked { code } => Self::Locked { told: told(code) },
            O::NeedsUpgrade { code } => Self::NeedsUpgrade { told: told(code) },
            O::Wiped { sealed } => Self::Wiped { sealed },
        }
    }
}

impl From<sync::SyncReport> for SyncReport {
    fn from(report: sync::SyncReport) -> Self {
        Self {
            more_work: report.more_work(),
            waits_for_person: report.waits_for_person(),
            outcome: report.outcome.into(),
            taken: report.taken,
            conflicts: report.conflicts,
            refused: report.refused,
            pulled: report.pulled,
            purged: report.purged,
            photos_stored: report.photos_stored,
            bytes_up: report.bytes_up,
            bytes_down: report.bytes_down,
            duration_ms: report.duration_ms,
            ops_left: report.ops_left.unsent(),
            photos_left: report.photos_left.due,
            next_attempt_ms: report.next_attempt_ms,
        }
    }
}

impl From<status::SyncStatus> for SyncStatus {
    fn from(status: status::SyncStatus) -> Self {
        let run = |(at, report): (fushan_grid_core::model::time::UtcMillis, serde_json::Value)| PastRun {
            started_ms: at.0,
            outcome: report.get("outcome").map(word).unwrap_or_default(),
            report_json: json(&report),
        };
        Self {
            enrolled: status.enrolled,
            ops_waiting: status.ops.unsent(),
            drafts: status.ops.draft,
            refused: status.ops.dead,
            photos_waiting: status.photos.due,
            photo_bytes_waiting: status.photos.bytes_due,
            photos_stuck: status.photos.problems,
            photos_stored: status.photos.stored,
            conflicts: status.conflicts,
            warnings: status.warnings,
            lanes: status.lanes.into_iter().map(SyncLane::from).collect(),
            scopes: status.scopes,
            next_attempt_ms: status.next_attempt_ms,
            lease_until_ms: status.lease_expires_at.map(|at| at.0),
            needs_upgrade: status.needs_upgrade.map(|code| Told::of_code(&code)),
            clock_ahead_ms: status.server_offset_ms,
            runs: status.runs.into_iter().map(run).collect(),
        }
    }
}

impl From<LaneStatus> for SyncLane {
    fn from(lane: LaneStatus) -> Self {
        Self {
            lane: word(&lane.lane),
            ops: lane.waiting.ops,
            photos: lane.waiting.photos,
            bytes: lane.waiting.bytes,
            oldest_ms: lane.oldest_ms,
            blocked: lane.blocked.as_ref().map(word),
        }
    }
}

impl From<DeadLetter> for RefusedOperation {
    fn from(letter: DeadLetter) -> Self {
        Self {
            op: letter.op.op.to_string(),
            record: letter.op.record.to_string(),
            kind: letter.op.kind.0.clone(),
            told: Told::of_code(&letter.code),
            fields: letter.fields,
            op_json: json(&letter.op),
        }
    }
}

impl LikelyConflict {
    pub(crate) fn of((record, warning): (RecordId, Warning)) -> Self {
        Self {
            record: record.to_string(),
            op: warning.op.to_string(),
            what: warning.what,
            fields: warning.fields,
            state: warning.state,
        }
    }
}
