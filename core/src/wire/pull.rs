//! Pull: what changed in the phone's scopes since its cursors, as lines of one snapshot.

use serde::{Deserialize, Serialize};

use super::digest::Sum;
use super::enrol::ScopeSet;
use crate::model::ids::{DeviceId, RecordId};
use crate::model::record::{Record, Scope};
use crate::model::time::UtcMillis;

/// `POST /v1/pull`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// The phone.
    pub device: DeviceId,
    /// What it holds, in the order it wants them.
    pub scopes: Vec<ScopeCursor>,
    /// Version of the scope set it knows.
    pub scope_set_version: i64,
    /// Most bytes of the reply.
    pub max_bytes: u64,
    /// The phone's wall clock at sending.
    pub sent_at: UtcMillis,
}

/// How far a phone has followed a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeCursor {
    /// The scope.
    pub scope: Scope,
    /// The life of the platform's data the sequence belongs to; 0 before the first pull.
    pub epoch: i64,
    /// Last sequence seen.
    pub since: i64,
    /// Whether the pull that came this far has not reached the head yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

/// One line of the reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum PullLine {
    /// The assignment has changed.
    ScopeSet {
        /// The new one.
        #[serde(flatten)]
        set: ScopeSet,
    },
    /// A record as it is now in a scope.
    Put {
        /// The scope.
        scope: Scope,
        /// Its place in the scope.
        seq: i64,
        /// The record.
        record: Record,
    },
    /// The record has left the scope but lives on.
    Leave {
        /// The scope.
        scope: Scope,
        /// Its place in the scope.
        seq: i64,
        /// The record.
        id: RecordId,
    },
    /// The record has ended.
    Gone {
        /// The scope.
        scope: Scope,
        /// Its place in the scope.
        seq: i64,
        /// The record.
        id: RecordId,
        /// Its last revision.
        rev: i64,
    },
    /// The cursor is of another epoch or below the floor: start this scope again; own operations are kept.
    Resync {
        /// The scope.
        scope: Scope,
        /// The epoch to start in.
        epoch: i64,
    },
    /// End of a scope's lines.
    ScopeDone {
        /// The scope.
        scope: Scope,
        /// Epoch of the sequence.
        epoch: i64,
        /// Cursor after these lines.
        seq: i64,
        /// Records present in the scope at the head.
        count: i64,
        /// Whether the head was reached: only then may the lines be published.
        complete: bool,
        /// Sum of the hashes of the records present at the head.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<Sum>,
    },
    /// End of the reply; without it the reply was cut.
    End {
        /// The platform's clock.
        server_time: UtcMillis,
    },
}
