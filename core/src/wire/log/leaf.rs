//! Leaves of the log: what the platform says it has seen, as canonical texts whose hash enters the tree.

use serde::{Deserialize, Serialize};

use super::LogError;
use super::checkpoint::{Checkpoint, LogKey};
use super::merkle::{NodeHash, leaf_hash, verify_inclusion};
use crate::model::ids::DeviceId;
use crate::wire::evidence::Receipt;
use crate::wire::manifest::{Event, HexSha256, HexSm3, Named256, canonical};

/// One leaf, by its `typ`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "typ")]
pub enum Leaf {
    /// An entry of a phone's chain came in.
    #[serde(rename = "grid.log.entry")]
    Entry(EntryLeaf),
    /// A photo's bytes came in; the platform has hashed them itself.
    #[serde(rename = "grid.log.stored")]
    Stored(StoredLeaf),
    /// A phone's key was bound or counts no more.
    #[serde(rename = "grid.log.key")]
    Key(KeyLeaf),
    /// A supervisor decided about something amiss.
    #[serde(rename = "grid.log.decision")]
    Decision(DecisionLeaf),
    /// Something happened to a photo in the platform's hands.
    #[serde(rename = "grid.log.custody")]
    Custody(CustodyLeaf),
}

/// An entry came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLeaf {
    /// Version of the form.
    pub v: u32,
    /// The platform's clock, RFC 3339 in UTC.
    pub at: String,
    /// Digest of the entry's text.
    pub entry: Named256,
    /// Digest of its signature in DER; the signature of nothing when it had none.
    pub signature: Named256,
    /// Digest of the key it came with.
    pub key: Named256,
    /// The phone whose credentials brought it.
    pub device: DeviceId,
    /// What was amiss, by code.
    pub findings: Vec<String>,
}

/// Bytes came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLeaf {
    /// Version of the form.
    pub v: u32,
    /// The platform's clock, RFC 3339 in UTC.
    pub at: String,
    /// SHA-256 of the bytes.
    pub media: HexSha256,
    /// SM3 of the bytes.
    pub sm3: HexSm3,
    /// Size in bytes.
    pub bytes: u64,
}

/// A key's standing changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLeaf {
    /// Version of the form.
    pub v: u32,
    /// The platform's clock, RFC 3339 in UTC.
    pub at: String,
    /// The phone.
    pub device: DeviceId,
    /// Digest of the key.
    pub key: Named256,
    /// What changed.
    pub change: KeyChange,
    /// The chain it is about.
    pub chain: String,
    /// First place in the chain that the change is about.
    pub from_seq: u64,
}

/// Change of a key's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChange {
    /// Bound to the phone at its first chain.
    Bound,
    /// Bound by an entry that the key before it signed.
    Rotated,
    /// Bound by a new chain on a phone that had one already.
    Reinstalled,
    /// Counts no more.
    Revoked,
}

/// A flag was closed: whoever set it aside stands in the log beside what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionLeaf {
    /// Version of the form.
    pub v: u32,
    /// The platform's clock, RFC 3339 in UTC.
    pub at: String,
    /// Digest of the entry that the flag is about.
    pub entry: Named256,
    /// What was amiss, by code.
    pub code: String,
    /// What was decided, in the supervisor's words.
    pub decision: String,
    /// By whom, a pseudonymous staff id.
    pub by: String,
}

/// An event that no phone can sign, for it happened on the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyLeaf {
    /// Version of the form.
    pub v: u32,
    /// What; its time is the platform's clock.
    pub event: Event,
}

impl Leaf {
    /// Version of the leaves written here.
    pub const VERSION: u32 = 1;

    /// The canonical text, whose bytes are hashed.
    ///
    /// # Errors
    /// [`LogError::Malformed`], which does not happen for a leaf of ours.
    pub fn text(&self) -> Result<String, LogError> {
        canonical::text(self).map_err(|_| LogError::Malformed)
    }

    /// Reads a leaf from its canonical text.
    ///
    /// # Errors
    /// [`LogError::Malformed`].
    pub fn read(text: &str) -> Result<Self, LogError> {
        let value = canonical::strict(text).map_err(|_| LogError::Malformed)?;
        let leaf: Self = serde_json::from_value(value).map_err(|_| LogError::Malformed)?;
        if leaf.text()? == text {
            Ok(leaf)
        } else {
            Err(LogError::Malformed)
        }
    }
}

/// A text's place in the log, with the signed head that holds it and the way from one to the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Place {
    /// The leaf's canonical text.
    pub leaf: String,
    /// Its number, from 0.
    pub index: u64,
    /// The log's head, as a signed note.
    pub checkpoint: String,
    /// Inclusion proof of RFC 6962 from the leaf to that head.
    pub inclusion: Vec<NodeHash>,
}

impl Place {
    /// Verifies the head's signature and that the leaf is below it.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn verify(&self, key: &LogKey) -> Result<(Leaf, Checkpoint), LogError> {
        let head = key.open(&self.checkpoint)?;
        verify_inclusion(
            leaf_hash(self.leaf.as_bytes()),
            self.index,
            head.size,
            head.root,
            &self.inclusion,
        )?;
        Ok((Leaf::read(&self.leaf)?, head))
    }
}

/// Verifies a receipt for the entry with this digest; tells what the platform found amiss.
///
/// # Errors
/// [`LogError`]; [`LogError::NotIncluded`] also for a receipt of another entry or with another time.
pub fn verify_receipt(receipt: &Receipt, entry: Named256, key: &LogKey) -> Result<EntryLeaf, LogError> {
    let (leaf, _) = receipt.place.verify(key)?;
    match leaf {
        Leaf::Entry(leaf) if leaf.entry == entry && receipt.entry == entry => {
            let same_time = receipt.received_at.to_string() == leaf.at;
            if same_time {
                Ok(leaf)
            } else {
                Err(LogError::NotIncluded)
            }
        }
        _ => Err(LogError::NotIncluded),
    }
}

/// Verifies a receipt that came again: it holds, and says of its entry and bytes what it said before.
///
/// # Errors
/// [`LogError`]; [`LogError::Rewritten`] when the platform tells another story than before.
pub fn verify_renewed(before: &Receipt, now: &Receipt, key: &LogKey) -> Result<(), LogError> {
    let same = |a: &Place, b: &Place| (&a.leaf, a.index) == (&b.leaf, b.index);
    let same_bytes = match (&before.stored, &now.stored) {
        (Some(before), Some(now)) => same(before, now),
        (before, _) => before.is_none(),
    };
    if !same(&before.place, &now.place) || !same_bytes {
        return Err(LogError::Rewritten);
    }
    if let Some(stored) = &now.stored {
        stored.verify(key)?;
    }
    verify_receipt(now, before.entry, key).map(|_| ())
}

#[cfg(test)]
#[path = "leaf_tests.rs"]
mod tests;
