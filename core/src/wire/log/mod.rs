//! The platform's public log: a Merkle tree that only grows, its signed checkpoints, and what anyone can verify with them.
//!
//! The phone keeps the last checkpoint it has seen and takes a new one only with a proof that the log merely grew
//! ([`Seen::follow`]): the platform cannot rewrite the past unseen. `docs/evidence-verification.md` tells it for people.

pub mod checkpoint;
pub mod leaf;
pub mod merkle;

pub use checkpoint::{Checkpoint, LogKey, LogSigner, Seen};
pub use merkle::NodeHash;

use crate::model::fault::{Coded, Fault};

/// What does not hold about a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// A checkpoint, key or hash that does not read.
    #[error("the log's text cannot be read")]
    Malformed,
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log")]
    OtherLog,
    /// No valid signature of the log's key.
    #[error("the checkpoint is not signed by the log's key")]
    BadSignature,
    /// The log has another key than the one known.
    #[error("the log's key has changed")]
    KeyChanged,
    /// Fewer entries than seen before: an old checkpoint, or entries were taken away.
    #[error("the log is shorter than it was")]
    Shrunk,
    /// What was seen before is not the beginning of what is shown now.
    #[error("the log's past was rewritten")]
    Rewritten,
    /// The entry is not in the log, or its proof is of another.
    #[error("the entry is not in the log")]
    NotIncluded,
}

impl Coded for LogError {
    fn fault(&self) -> Fault {
        Fault::of(match self {
            Self::Malformed => "log_malformed",
            Self::OtherLog => "log_other",
            Self::BadSignature => "log_signature",
            Self::KeyChanged => "log_key_changed",
            Self::Shrunk => "log_shrunk",
            Self::Rewritten => "log_rewritten",
            Self::NotIncluded => "log_not_included",
        })
    }
}
