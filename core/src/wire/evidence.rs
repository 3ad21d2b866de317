//! Evidence entries up, receipts down (`docs/sync-protocol.md`, "Evidence").
//!
//! Entries travel apart from operations and photos, in the order of their chain. The platform keeps what it is sent, also
//! what does not verify: it says so in `findings` and reports it to the supervisor, and never asks the phone to change a
//! past entry. Only a text that is no entry at all is refused.

use serde::{Deserialize, Serialize};

use super::log::leaf::Place;
use super::log::{LogKey, NodeHash};
use super::manifest::{Named256, SignedEntry};
use crate::model::ids::DeviceId;
use crate::model::time::UtcMillis;

/// `POST /v1/evidence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntriesRequest {
    /// The phone.
    pub device: DeviceId,
    /// Entries by ascending place in their chain, at most [`super::limits::ENTRIES_PER_MESSAGE`].
    pub entries: Vec<SignedEntry>,
}

/// Answer to [`EntriesRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntriesReply {
    /// One result for each entry, in their order.
    pub results: Vec<EntryResult>,
    /// The platform's clock.
    pub server_time: UtcMillis,
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryResult {
    /// Digest of the entry's text, which names it.
    pub entry: Named256,
    /// Outcome.
    pub status: EntryStatus,
    /// What the platform found amiss, by code (`signature_wrong`, `chain_gap`, …); empty when nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// The receipt of an entry that was kept; absent while the platform keeps no log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// Outcome of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// Kept now.
    Stored,
    /// Kept before; the receipt is that of then.
    Same,
    /// No entry at all; `findings` has the reason. The phone keeps it and shows it.
    Refused,
}

/// The platform's word that it had an entry at a time: its place in the log, and the log's head that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Digest of the entry's text.
    pub entry: Named256,
    /// The platform's clock at arrival.
    pub received_at: UtcMillis,
    /// Its leaf, the log's head, and the way from one to the other.
    #[serde(flatten)]
    pub place: Place,
    /// For a capture whose bytes the platform has hashed: the leaf that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<Place>,
    /// The time-stamp over the head.
    #[serde(default)]
    pub stamp: Stamp,
}

/// A time-stamp of an authority (RFC 3161) over a checkpoint, or why there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Whether there is one.
    pub state: StampState,
    /// Why the last try failed, by code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The authority's reply, DER in base64.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
}

/// State of a time-stamp. Its absence is told, never passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampState {
    /// The district has no authority.
    #[default]
    None,
    /// Not asked yet; it comes with the day's checkpoint.
    Pending,
    /// Asked in vain; it is asked again.
    Failed,
    /// There.
    Stamped,
}

/// `POST /v1/evidence/receipts`: asks for receipts again, for what came to them since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptsRequest {
    /// Digests of entries of this phone, at most [`super::limits::ENTRIES_PER_MESSAGE`].
    pub entries: Vec<Named256>,
}

/// Answer to [`ReceiptsRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptsReply {
    /// Receipts of those entries that are kept.
    pub receipts: Vec<Receipt>,
}

/// `POST /v1/evidence/checkpoint`: asks for the log's head and the proof that it continues the one last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointRequest {
    /// Size of the log at the head last seen; 0 when none was.
    pub from: u64,
}

/// Answer to [`CheckpointRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointReply {
    /// The log's public key; a phone believes the first it sees.
    pub key: LogKey,
    /// The log's head, as a signed note.
    pub checkpoint: String,
    /// Consistency proof of RFC 6962; empty from 0.
    pub consistency: Vec<NodeHash>,
}
