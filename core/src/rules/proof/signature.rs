//! One entry by itself: its text, its key, its signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};

use super::ProofError;
use crate::wire::manifest::{Entry, Named256, SignedEntry, canonical};

/// An entry that was read from its text, with the digests that name it and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub entry: Entry,
    /// Digest of its text.
    pub digest: Named256,
    /// Digest of the key it came with.
    pub key: Named256,
}

/// The digest that names a public key: SHA-256 of its SubjectPublicKeyInfo.
#[must_use]
pub fn key_digest(spki: &[u8]) -> Named256 {
    Named256(Sha256::digest(spki).into())
}

/// Reads an entry and checks that it names the key it came with. The signature is [`verify`]'s matter.
///
/// # Errors
/// [`ProofError::Text`], [`ProofError::KeyMalformed`], [`ProofError::KeyMismatch`].
pub fn open(signed: &SignedEntry) -> Result<Opened, ProofError> {
    let entry = canonical::read(&signed.manifest)?;
    let spki = BASE64
        .decode(&signed.public_key)
        .map_err(|_| ProofError::KeyMalformed)?;
    let key = key_digest(&spki);
    if entry.actor().device_key != key {
        return Err(ProofError::KeyMismatch);
    }
    let digest = canonical::digest(&signed.manifest);
    Ok(Opened { entry, digest, key })
}

/// Checks the signature over the text as it is; what `openssl dgst -sha256 -verify` does.
///
/// # Errors
/// [`ProofError::SignatureAbsent`], [`ProofError::SignatureMalformed`], [`ProofError::SignatureWrong`],
/// [`ProofError::KeyMalformed`].
pub fn verify(signed: &SignedEntry) -> Result<(), ProofError> {
    if signed.signature.is_empty() {
        return Err(ProofError::SignatureAbsent);
    }
    let der = BASE64
        .decode(&signed.signature)
        .map_err(|_| ProofError::SignatureMalformed)?;
    let signature = DerSignature::from_bytes(&der).map_err(|_| ProofError::SignatureMalformed)?;
    let spki = BASE64
        .decode(&signed.public_key)
        .map_err(|_| ProofError::KeyMalformed)?;
    let key = VerifyingKey::from_public_key_der(&spki).map_err(|_| ProofError::KeyMalformed)?;
    key.verify_prehash(&canonical::digest(&signed.manifest).0, &signature)
        .map_err(|_| ProofError::SignatureWrong)
}
