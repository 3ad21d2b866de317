//! The app's signing key for evidence.

use std::sync::Arc;

use fushan_grid_core::model::env::{self, KeyError, KeyKind, NextKey};

use super::HostError;
use super::bounded::Limit;
use super::keys::key_error;

/// Where a signing key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SigningKeyKind {
    /// In a file: for tests only.
    Software,
    /// In the phone's trusted execution environment.
    Tee,
    /// In a secure chip of its own (Android StrongBox).
    Strongbox,
    /// In Apple's Secure Enclave.
    SecureEnclave,
}

/// A signing key that is to follow the one in use.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NewSigningKey {
    /// Its public half as SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
    /// Certificates of the key store about it, DER, its own first; none for a software key.
    pub attestation: Vec<Vec<u8>>,
}

/// The phone's signing key, P-256. The private half never leaves the key store.
#[uniffi::export(foreign)]
pub trait DeviceSigner: Send + Sync {
    /// Signs a SHA-256 digest of 32 bytes (the digest itself, it is not hashed again): ES256, as DER.
    fn sign(&self, digest: Vec<u8>) -> Result<Vec<u8>, HostError>;
    /// The public key as SubjectPublicKeyInfo, DER.
    fn public_key(&self) -> Result<Vec<u8>, HostError>;
    /// Certificates of the key store about the key, DER, the key's own first; none for a software key.
    fn attestation(&self) -> Result<Vec<Vec<u8>>, HostError>;
    /// Where the key lives.
    fn kind(&self) -> Result<SigningKeyKind, HostError>;
    /// Makes the key that is to follow, beside the one in use; asked again it gives the same.
    fn next_key(&self) -> Result<NewSigningKey, HostError>;
    /// Takes the key that followed into use, once the change is written down; the old one may be destroyed then.
    fn use_next(&self) -> Result<(), HostError>;
}

/// The app's signer as the engine sees it.
pub(crate) struct HostSigner {
    signer: Arc<dyn DeviceSigner>,
    limit: Limit,
}

impl HostSigner {
    pub(crate) fn new(signer: Arc<dyn DeviceSigner>, limit: Limit) -> Self {
        Self { signer, limit }
    }

    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn DeviceSigner) -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let signer = Arc::clone(&self.signer);
        self.limit.call(move || ask(&*signer)).map_err(key_error)
    }
}

impl env::DeviceSigner for HostSigner {
    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, KeyError> {
        let digest = digest.to_vec();
        self.ask(|signer| signer.sign(digest))
    }

    fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        self.ask(|signer| signer.public_key())
    }

    fn attestation(&self) -> Result<Vec<Vec<u8>>, KeyError> {
        self.ask(|signer| signer.attestation())
    }

    fn kind(&self) -> KeyKind {
        // a key store that does not say is not believed to be secure
        self.ask(|signer| signer.kind())
            .map_or(KeyKind::Software, KeyKind::from)
    }

    fn next_key(&self) -> Result<NextKey, KeyError> {
        let next = self.ask(|signer| signer.next_key())?;
        Ok(NextKey {
            public_key: next.public_key,
            attestation: next.attestation,
        })
    }

    fn use_next(&self) -> Result<(), KeyError> {
        self.ask(|signer| signer.use_next())
    }
}

impl From<SigningKeyKind> for KeyKind {
    fn from(kind: SigningKeyKind) -> Self {
        match kind {
            SigningKeyKind::Software => Self::Software,
            SigningKeyKind::Tee => Self::Tee,
            SigningKeyKind::Strongbox => Self::Strongbox,
            SigningKeyKind::SecureEnclave => Self::SecureEnclave,
        }
    }
}
