//! Time-stamps of RFC 3161 over a checkpoint: asked of an authority, and verified with nothing but its certificates.
//!
//! `openssl ts -verify` checks the same token. What we check and it does not is that the token fits the request we sent.

mod ask;
pub mod local;
mod named;
mod token;

pub use ask::{Authority, ask};
pub(crate) use token::ALGORITHMS;
pub use token::verify;

/// Why there is no time-stamp, or why one is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// The authority cannot be reached, or answers with something else than a reply.
    #[error("the authority cannot be reached")]
    Unreachable,
    /// The authority has said no.
    #[error("the authority refused")]
    Refused,
    /// No reply of RFC 3161.
    #[error("the time-stamp cannot be read")]
    Malformed,
    /// The time-stamp is over other bytes.
    #[error("the time-stamp is of other bytes")]
    OtherData,
    /// The reply is to another request.
    #[error("the time-stamp answers another request")]
    OtherRequest,
    /// The signature does not fit.
    #[error("the time-stamp's signature is wrong")]
    BadSignature,
    /// The signer is not vouched for by the given authorities, or not for time-stamps.
    #[error("the time-stamp's signer is not trusted")]
    Untrusted,
    /// The signer's certificate is another one of the same key than the time-stamp names.
    #[error("the time-stamp names another certificate")]
    OtherCertificate,
}

impl StampError {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "stamp_unreachable",
            Self::Refused => "stamp_refused",
            Self::Malformed => "stamp_malformed",
            Self::OtherData => "stamp_other_data",
            Self::OtherRequest => "stamp_other_request",
            Self::BadSignature => "stamp_signature",
            Self::Untrusted => "stamp_untrusted",
            Self::OtherCertificate => "stamp_other_certificate",
        }
    }
}
