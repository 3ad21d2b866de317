//! The evidence record: what a phone says about a photo and about what happened to it since, signed and chained.
//!
//! Everything a phone says is an [`Entry`]. Entries of one phone form a chain: each names the digest of the one before
//! it ([`Link`]). An entry travels and is kept as its exact text ([`SignedEntry::manifest`], canonical by RFC 8785), so
//! that `sha256sum` and `openssl` check what is stored without any tool of ours. Numbers are whole; decimals are texts
//! such as `"37.4983120"`. `docs/evidence.md` explains the fields; [`crate::wire::evidence`] has the messages.

pub mod canonical;
mod capture;
mod chain;
mod custody;
mod digest;
mod place;

use serde::{Deserialize, Serialize};

pub use capture::{
    Actor, CAPTURE_ROLES, Capture, Check, Derived, Likeness, Media, Moment, Origin, Source, Subject, Verdict,
};
pub use chain::{Link, Rotation, Start, StartReason};
pub use custody::{Custody, EVENTS_PER_ENTRY, Event, EventKind};
pub use digest::{HexError, HexSha256, HexSm3, Named256};
pub use place::{Fix, decimal};

/// Version of the entries written here.
pub const VERSION: u32 = 1;
/// Most bytes of one entry's text.
pub const ENTRY_BYTES: usize = 64 * 1024;

/// One entry of a phone's chain, by its `typ`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "typ")]
pub enum Entry {
    /// A photo was taken in.
    #[serde(rename = "grid.capture")]
    Capture(Box<Capture>),
    /// Things happened to photos.
    #[serde(rename = "grid.custody")]
    Custody(Custody),
    /// The phone signs with another key from the next entry on.
    #[serde(rename = "grid.rotation")]
    Rotation(Rotation),
    /// A chain begins.
    #[serde(rename = "grid.start")]
    Start(Start),
}

impl Entry {
    /// Its id, also the key of idempotency.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Capture(e) => &e.id,
            Self::Custody(e) => &e.id,
            Self::Rotation(e) => &e.id,
            Self::Start(e) => &e.id,
        }
    }

    /// Its kind, as its text says it.
    #[must_use]
    pub fn typ(&self) -> &'static str {
        match self {
            Self::Capture(_) => "grid.capture",
            Self::Custody(_) => "grid.custody",
            Self::Rotation(_) => "grid.rotation",
            Self::Start(_) => "grid.start",
        }
    }

    /// Version of its form.
    #[must_use]
    pub fn version(&self) -> u32 {
        match self {
            Self::Capture(e) => e.v,
            Self::Custody(e) => e.v,
            Self::Rotation(e) => e.v,
            Self::Start(e) => e.v,
        }
    }

    /// Its place in the chain.
    #[must_use]
    pub fn link(&self) -> &Link {
        match self {
            Self::Capture(e) => &e.chain,
            Self::Custody(e) => &e.chain,
            Self::Rotation(e) => &e.chain,
            Self::Start(e) => &e.chain,
        }
    }

    /// Who speaks, and with which key.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        match self {
            Self::Capture(e) => &e.actor,
            Self::Custody(e) => &e.actor,
            Self::Rotation(e) => &e.actor,
            Self::Start(e) => &e.actor,
        }
    }
}

/// An entry as it travels and is kept: its exact text, the signature over it, the key that made it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedEntry {
    /// The canonical JSON text (RFC 8785) that was signed, byte for byte.
    pub manifest: String,
    /// ES256 over the text: DER in base64; empty when the phone's key store did not sign.
    pub signature: String,
    /// Public key, SubjectPublicKeyInfo DER in base64.
    pub public_key: String,
}

impl std::fmt::Debug for SignedEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedEntry")
            .field("bytes", &self.manifest.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
