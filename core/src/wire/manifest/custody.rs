//! The custody log: who had a photo in hands since, and what they did.

use serde::{Deserialize, Serialize};

use super::capture::{Actor, Derived};
use super::chain::Link;
use super::digest::HexSha256;

/// Most events of one entry.
pub const EVENTS_PER_ENTRY: usize = 100;

/// Events since the last entry, sealed together: a hardware key takes its time for each signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custody {
    /// Version of the form.
    pub v: u32,
    /// Id.
    pub id: String,
    /// Who speaks.
    pub actor: Actor,
    /// What happened, in its order; at most [`EVENTS_PER_ENTRY`].
    pub events: Vec<Event>,
    /// Place.
    pub chain: Link,
}

/// One thing that happened to a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub event: EventKind,
    /// The photo: SHA-256 of its original bytes.
    pub media: HexSha256,
    /// The wall clock, RFC 3339 in UTC.
    pub at: String,
    /// Who: a pseudonymous staff id; absent for what the machine did by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why, or to where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The new file, of `derived` and `redacted`; the copy that was looked at or handed out, of `viewed` and `exported`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Taken in.
    Captured,
    /// The intake checks ran.
    Checked,
    /// Cited by a record.
    Attached,
    /// Taken from the item it was placed at; what was cited stays cited.
    Detached,
    /// Another file was made of it.
    Derived,
    /// Queued for upload.
    Queued,
    /// The platform confirmed a part.
    ChunkAcked,
    /// The platform has it and compared the digest.
    Stored,
    /// The platform's receipt came.
    Receipt,
    /// Somebody looked at it.
    Viewed,
    /// Written out of the vault.
    Exported,
    /// Areas were blacked out, in a new file.
    Redacted,
    /// A date until which it must be kept.
    RetainedUntil,
    /// The bytes are gone; digest and manifest stay.
    Deleted,
}
