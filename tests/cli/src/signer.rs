//! The signing key of a harness phone: secrets in files, marked as software in everything it signs.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use fushan_grid_core::evidence::SoftwareKey;
use fushan_grid_core::model::env::{DeviceSigner, Entropy as _, KeyError, KeyKind, NextKey, SecretKey};

use crate::host::OsEntropy;

/// Signs with `signing.key`; `signing-next.key` is the one to follow.
pub struct FileSigner {
    current: PathBuf,
    next: PathBuf,
}

impl FileSigner {
    /// Uses the key files in the folder; the first is made when it is first asked for.
    pub fn at(dir: &Path) -> Self {
        Self {
            current: dir.join("signing.key"),
            next: dir.join("signing-next.key"),
        }
    }

    fn key(&self) -> Result<SoftwareKey, KeyError> {
        load_or_make(&self.current)
    }
}

fn load_or_make(path: &Path) -> Result<SoftwareKey, KeyError> {
    let mut secret = SecretKey::default();
    match fs::read(path) {
        Ok(bytes) => {
            let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyError::Wrong)?;
            SoftwareKey::from_secret(&SecretKey::new(bytes))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            OsEntropy.fill(&mut *secret);
            let key = SoftwareKey::from_secret(&secret)?;
            let write = || {
                let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
                file.write_all(secret.as_slice())?;
                file.sync_all()
            };
            write().map_err(|_| KeyError::Unavailable)?;
            Ok(key)
        }
        Err(_) => Err(KeyError::Unavailable),
    }
}

impl DeviceSigner for FileSigner {
    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, KeyError> {
        self.key()?.sign(digest)
    }

    fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        self.key()?.public_key()
    }

    fn attestation(&self) -> Result<Vec<Vec<u8>>, KeyError> {
        Ok(Vec::new())
    }

    fn kind(&self) -> KeyKind {
        KeyKind::Software
    }

    fn next_key(&self) -> Result<NextKey, KeyError> {
        Ok(NextKey {
            public_key: load_or_make(&self.next)?.public_key()?,
            attestation: Vec::new(),
        })
    }

    fn use_next(&self) -> Result<(), KeyError> {
        fs::rename(&self.next, &self.current).map_err(|_| KeyError::Missing)
    }
}
