//! Everything outside the engine's control, in one struct. Built once by the shell, the harness or the simulator.
//!
//! Functions of the trade take times and ids as arguments; only the facade (`core::app`) and the openers of
//! store and vault read an [`Env`].

use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;
use zeroize::Zeroizing;

use super::time::UtcMillis;

/// A 256-bit secret that is wiped when dropped.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// Secret bytes that are wiped when dropped.
pub type SecretBytes = Zeroizing<Vec<u8>>;

/// Clock, entropy, media store and keys.
#[derive(Clone)]
pub struct Env {
    /// Wall and monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// Source of random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// Where encrypted photo files live.
    pub media: Arc<dyn MediaStore>,
    /// The host's key store.
    pub keys: Arc<dyn KeyProvider>,
    /// The phone's signing key; [`NoSigner`] where there is none.
    pub signer: Arc<dyn DeviceSigner>,
    /// Where the host keeps what opens the platform; without one it lies in the encrypted database.
    pub tokens: Option<Arc<dyn TokenStore>>,
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env")
    }
}

/// The phone's clocks. The wall clock may jump; nothing is decided by it.
pub trait Clock: Send + Sync {
    /// The wall clock as the phone shows it.
    fn wall(&self) -> UtcMillis;
    /// Milliseconds since some fixed moment of this boot; never goes back while the boot id stays.
    fn monotonic_ms(&self) -> u64;
    /// Names the boot that [`Clock::monotonic_ms`] counts from.
    fn boot_id(&self) -> String;
}

/// Random bytes fit for keys.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, out: &mut [u8]);
}

/// Ten random bytes, as a version 7 id wants them.
#[must_use]
pub fn ten_random(entropy: &dyn Entropy) -> [u8; 10] {
    let mut bytes = [0; 10];
    entropy.fill(&mut bytes);
    bytes
}

/// Why the host's key store did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key is gone: device restored, keystore reset.
    #[error("the host's wrapping key is gone")]
    Missing,
    /// The wrapped bytes do not open under the host's key.
    #[error("the host's key does not open this database")]
    Wrong,
    /// The key store is locked or did not answer; try again after unlock.
    #[error("the host's key store is not available now")]
    Unavailable,
}

/// The host's key store: wraps and unwraps the data key that encrypts the database.
pub trait KeyProvider: Send + Sync {
    /// Names the wrapping key, so that a header tells which key it wants.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn key_id(&self) -> Result<String, KeyError>;
    /// Wraps a fresh data key.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError>;
    /// Unwraps a data key.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError>;
}

/// A store of the host's for what opens the platform, one value that is replaced again and again.
pub trait TokenStore: Send + Sync {
    /// The value last kept; `None` when there is none.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn load(&self) -> Result<Option<SecretBytes>, KeyError>;
    /// Keeps a value in the place of the one before, whole or not at all; it is on the disk when this returns.
    ///
    /// # Errors
    /// See [`KeyError`]; either value may be the one that is kept then.
    fn save(&self, secret: &[u8]) -> Result<(), KeyError>;
    /// Forgets the value; none to forget is no error.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn clear(&self) -> Result<(), KeyError>;
}

/// Where a signing key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// In a file: testers' harness only.
    Software,
    /// In the phone's trusted execution environment.
    Tee,
    /// In a secure chip of its own (Android StrongBox).
    Strongbox,
    /// In Apple's Secure Enclave.
    SecureEnclave,
}

/// A key that is to follow the one in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextKey {
    /// Its public half as SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
    /// Certificates of the key store about it; none for a software key.
    pub attestation: Vec<Vec<u8>>,
}

/// The phone's signing key, P-256. The private half never leaves the host's key store.
pub trait DeviceSigner: Send + Sync {
    /// ES256 over a SHA-256 digest, as DER.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, KeyError>;
    /// The public key as SubjectPublicKeyInfo, DER.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn public_key(&self) -> Result<Vec<u8>, KeyError>;
    /// Certificates of the key store about the key, DER, the key's own first; none for a software key.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn attestation(&self) -> Result<Vec<Vec<u8>>, KeyError>;
    /// Where the key lives.
    fn kind(&self) -> KeyKind;
    /// Makes the key that is to follow, beside the one in use; asked again it gives the same.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn next_key(&self) -> Result<NextKey, KeyError>;
    /// Takes the key that followed into use, once the change is written down; the old one may be destroyed then.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn use_next(&self) -> Result<(), KeyError>;
}

/// A host without a signing key: photos are taken in, their manifests stay unsigned and say so.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSigner;

impl DeviceSigner for NoSigner {
    fn sign(&self, _: &[u8; 32]) -> Result<Vec<u8>, KeyError> {
        Err(KeyError::Missing)
    }
    fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        Err(KeyError::Missing)
    }
    fn attestation(&self) -> Result<Vec<Vec<u8>>, KeyError> {
        Err(KeyError::Missing)
    }
    fn kind(&self) -> KeyKind {
        KeyKind::Software
    }
    fn next_key(&self) -> Result<NextKey, KeyError> {
        Err(KeyError::Missing)
    }
    fn use_next(&self) -> Result<(), KeyError> {
        Err(KeyError::Missing)
    }
}

/// A file being written that has no name yet.
pub trait MediaWriter: Write + Send {
    /// Makes the bytes durable under `name`: flush, fsync, rename, fsync of the folder. A file of that name that is
    /// there already is kept, and this one is dropped.
    ///
    /// # Errors
    /// Those of the file system; nothing is left under the name then.
    fn publish(self: Box<Self>, name: &str) -> std::io::Result<()>;
}

/// Whole-file verbs over the folder of encrypted photos; hides temporary names, fsync and rename.
pub trait MediaStore: Send + Sync {
    /// Starts a file. Dropping the writer without publishing leaves nothing.
    ///
    /// # Errors
    /// Those of the file system.
    fn create(&self) -> std::io::Result<Box<dyn MediaWriter>>;
    /// Opens a published file.
    ///
    /// # Errors
    /// `NotFound`, or those of the file system.
    fn open(&self, name: &str) -> std::io::Result<Box<dyn Read + Send>>;
    /// Size of a published file in bytes, `None` when there is none.
    ///
    /// # Errors
    /// Those of the file system.
    fn size(&self, name: &str) -> std::io::Result<Option<u64>>;
    /// Removes a published file; a missing one is no error.
    ///
    /// # Errors
    /// Those of the file system.
    fn remove(&self, name: &str) -> std::io::Result<()>;
    /// Names of all published files, sorted.
    ///
    /// # Errors
    /// Those of the file system.
    fn list(&self) -> std::io::Result<Vec<String>>;
    /// Free space in bytes, when the system tells.
    fn free_space(&self) -> Option<u64>;
}
