//! Verification of evidence entries: text, signature, chain, bytes. Pure; phone, platform and verifier use the same.
//!
//! Every way to fail has its own name ([`ProofError`]), so that a report tells what was tampered with.

mod bytes;
mod chain;
mod signature;

pub use bytes::check_media;
pub use chain::{Head, follow};
pub use signature::{Opened, key_digest, open, verify};

use crate::model::fault::{Coded, Fault};
use crate::wire::manifest::canonical::CanonicalError;

/// What does not hold about an entry or a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ProofError {
    /// The text is no entry.
    #[error(transparent)]
    Text(#[from] CanonicalError),
    /// The entry was never signed.
    #[error("the entry is not signed")]
    SignatureAbsent,
    /// No DER signature in base64.
    #[error("the signature has another form")]
    SignatureMalformed,
    /// The signature is not one of this key over this text.
    #[error("the signature does not fit the text and the key")]
    SignatureWrong,
    /// No P-256 key as SubjectPublicKeyInfo in base64.
    #[error("the key has another form")]
    KeyMalformed,
    /// The entry names another key than the one it came with.
    #[error("the entry names another key")]
    KeyMismatch,
    /// The entry is signed by a key that the chain does not use at this place.
    #[error("the chain uses another key here")]
    KeyNotOfChain,
    /// The first entry of a chain that is no start, or a start that is not first.
    #[error("the chain does not begin here")]
    ChainStart,
    /// The entry belongs to another chain.
    #[error("the entry belongs to another chain")]
    ChainOther,
    /// Entries between are missing.
    #[error("entries are missing between {after} and {found}")]
    ChainGap {
        /// Last place before the gap.
        after: u64,
        /// Place of the entry behind it.
        found: u64,
    },
    /// The entry's place was passed already.
    #[error("the place {found} was passed already")]
    ChainOrder {
        /// Place of the entry.
        found: u64,
    },
    /// The entry names another one before it.
    #[error("the entry names another one before it")]
    ChainPrev,
    /// The bytes have another SHA-256.
    #[error("the bytes have another SHA-256")]
    Sha256Wrong,
    /// The bytes have another SM3.
    #[error("the bytes have another SM3")]
    Sm3Wrong,
    /// The file has another size.
    #[error("the file has another size")]
    SizeWrong,
}

impl Coded for ProofError {
    fn fault(&self) -> Fault {
        Fault::of(match self {
            Self::Text(e) => return e.fault(),
            Self::SignatureAbsent => "signature_absent",
            Self::SignatureMalformed => "signature_malformed",
            Self::SignatureWrong => "signature_wrong",
            Self::KeyMalformed => "signing_key_malformed",
            Self::KeyMismatch => "signing_key_mismatch",
            Self::KeyNotOfChain => "signing_key_not_of_chain",
            Self::ChainStart => "chain_start",
            Self::ChainOther => "chain_other",
            Self::ChainGap { after, found } => {
                return Fault::of("chain_gap").with("after", after).with("found", found);
            }
            Self::ChainOrder { found } => return Fault::of("chain_order").with("found", found),
            Self::ChainPrev => "chain_prev",
            Self::Sha256Wrong => "media_sha256",
            Self::Sm3Wrong => "media_sm3",
            Self::SizeWrong => "media_size",
        })
    }
}

#[cfg(test)]
mod tests;
