//! A signing key in memory, for the testers' harness and tests. A phone signs in its hardware key store instead.

use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::pkcs8::EncodePublicKey;

use crate::model::env::{KeyError, SecretKey};

/// A P-256 key whose private half the program holds.
pub struct SoftwareKey(SigningKey);

impl std::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SoftwareKey")
    }
}

impl SoftwareKey {
    /// The key with this secret.
    ///
    /// # Errors
    /// [`KeyError::Wrong`] for the few numbers that are no secret of the curve.
    pub fn from_secret(secret: &SecretKey) -> Result<Self, KeyError> {
        let key = SigningKey::from_slice(secret.as_slice()).map_err(|_| KeyError::Wrong)?;
        Ok(Self(key))
    }

    /// ES256 over a digest, as DER; the same each time (RFC 6979).
    ///
    /// # Errors
    /// [`KeyError::Unavailable`], which does not happen.
    pub fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, KeyError> {
        let signature: Signature = self.0.sign_prehash(digest).map_err(|_| KeyError::Unavailable)?;
        Ok(DerSignature::from(signature).as_bytes().to_vec())
    }

    /// The public half as SubjectPublicKeyInfo, DER.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`], which does not happen.
    pub fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        let der = self.0.verifying_key().to_public_key_der();
        Ok(der.map_err(|_| KeyError::Unavailable)?.into_vec())
    }
}
