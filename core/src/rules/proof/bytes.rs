//! The bytes of a photo against its manifest.

use super::ProofError;
use crate::wire::manifest::{HexSha256, HexSm3, Media};

/// Compares a file's size and digests with what its manifest says.
///
/// # Errors
/// [`ProofError::SizeWrong`], [`ProofError::Sha256Wrong`], [`ProofError::Sm3Wrong`].
pub fn check_media(media: &Media, bytes: u64, sha256: &HexSha256, sm3: &HexSm3) -> Result<(), ProofError> {
    if media.bytes != bytes {
        return Err(ProofError::SizeWrong);
    }
    if media.sha256 != *sha256 {
        return Err(ProofError::Sha256Wrong);
    }
    if media.sm3 != *sm3 {
        return Err(ProofError::Sm3Wrong);
    }
    Ok(())
}
