//! Scopes in whole: the file a new one is filled from, and the word that a revoked one is gone.

use serde::{Deserialize, Serialize};

use super::digest::Sum;
use crate::model::blob::BlobHash;
use crate::model::ids::DeviceId;
use crate::model::op::Operation;
use crate::model::record::Scope;
use crate::model::time::UtcMillis;

/// Answer to `GET /v1/snapshot/{scope}`: an immutable file of all records of the scope at one moment, zstd over one JSON line
/// per record ([`crate::model::record::Record`]), by ascending id, bodies in canonical text. `GET` on its path takes `Range`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SnapshotReply {
    /// Path of the file, below our own origin.
    pub path: String,
    /// SHA-256 of the file.
    pub sha256: BlobHash,
    /// Size of the file.
    pub bytes: u64,
    /// Epoch of the sequence.
    pub epoch: i64,
    /// Sequence to pull on from.
    pub seq: i64,
    /// Records in it.
    pub count: u64,
    /// Sum of their hashes.
    pub digest: Sum,
}

/// `POST /v1/purged`: the receipt that nothing of a revoked scope is left on the phone. The answer is empty JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PurgedRequest {
    /// The phone.
    pub device: DeviceId,
    /// The scope; `*` for everything, after a wipe.
    pub scope: Scope,
    /// Epoch its cursor had.
    pub epoch: i64,
    /// Records that went.
    pub records: u64,
    /// Files that went.
    pub blobs: u64,
    /// The phone's wall clock.
    pub at: UtcMillis,
}

/// `POST /v1/handover`: refused operations of a revoked scope, kept for the supervisor. The answer is empty JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HandoverRequest {
    /// The phone.
    pub device: DeviceId,
    /// The scope.
    pub scope: Scope,
    /// The operations, at most 100.
    pub ops: Vec<Operation>,
}

/// Empty JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Taken {}
