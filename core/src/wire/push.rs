//! Push: operations up, one result for each.

use serde::{Deserialize, Serialize};

use crate::model::ids::{DeviceId, Incarnation, OpId, RecordId};
use crate::model::op::Operation;
use crate::model::record::Record;
use crate::model::time::UtcMillis;

/// `POST /v1/push`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushRequest {
    /// The phone.
    pub device: DeviceId,
    /// Life of its database.
    pub incarnation: Incarnation,
    /// Every operation up to this number has its answer on the phone: the platform may prune those receipts.
    pub acked_through: u64,
    /// The phone's wall clock at sending.
    pub sent_at: UtcMillis,
    /// Operations, by ascending `n`.
    pub ops: Vec<NumberedOp>,
}

/// An operation with its place in the phone's sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberedOp {
    /// Contiguous per incarnation, from 1; given at the first sending.
    pub n: u64,
    /// The operation.
    #[serde(flatten)]
    pub op: Operation,
}

/// Answer to [`PushRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PushReply {
    /// One result for each operation sent, in their order.
    pub results: Vec<OpResult>,
    /// The number the next push must start with at the latest.
    pub expected_n: u64,
    /// The platform's clock.
    pub server_time: UtcMillis,
}

/// What became of one operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpResult {
    /// The operation.
    pub op: OpId,
    /// Outcome.
    pub status: OpStatus,
    /// Revision of the record afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<i64>,
    /// The record afterwards, so that the phone's mirror moves at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// The conflict record that was raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<RecordId>,
    /// Why it was rejected or held, or a note on how it was taken (`late_evidence`, `late_scope`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Fields the reason is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The record that was touched in the place of the operation's own, which had been merged into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirected: Option<RecordId>,
}

/// Outcome of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpStatus {
    /// Taken as sent.
    Applied,
    /// Taken, joined with changes of others.
    Merged,
    /// The platform held that value already.
    Same,
    /// A conflict record holds what was not taken.
    Conflict,
    /// Refused for good; the phone shows it as a dead letter.
    Rejected,
    /// Not looked at: an earlier number is missing, or a member of its group failed to arrive.
    Held,
}
