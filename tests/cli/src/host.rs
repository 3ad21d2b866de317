//! What a phone's shell would give the engine: clock, entropy, key store. Here made of files, and marked as such.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::model::env::{Clock, Entropy, Env, KeyError, KeyProvider, SecretKey};
use fushan_grid_core::model::time::UtcMillis;

use crate::signer::FileSigner;

/// The machine's clocks.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts the monotonic count.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> UtcMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UtcMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn boot_id(&self) -> String {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(|_| "unknown".into(), |s| s.trim().into())
    }
}

/// The operating system's random source.
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, out: &mut [u8]) {
        if getrandom::fill(out).is_err() {
            // keys from a broken source are worse than no program
            std::process::abort();
        }
    }
}

/// A wrapping key in a file: for testers only. A phone uses its hardware key store instead.
pub struct FileKeys {
    path: PathBuf,
}

impl FileKeys {
    /// Uses the key file at `path`.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Makes the key file unless it is there.
    pub fn ensure(&self) -> std::io::Result<()> {
        if self.path.exists() {
            return Ok(());
        }
        let mut key = [0; 32];
        OsEntropy.fill(&mut key);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&self.path)?;
        file.write_all(&key)?;
        file.sync_all()
    }

    fn cipher(&self) -> Result<ChaCha20Poly1305, KeyError> {
        let bytes = fs::read(&self.path).map_err(|_| KeyError::Missing)?;
        let key = Key::try_from(bytes.as_slice()).map_err(|_| KeyError::Missing)?;
        Ok(ChaCha20Poly1305::new(&key))
    }
}

impl KeyProvider for FileKeys {
    fn key_id(&self) -> Result<String, KeyError> {
        Ok("harness-file".into())
    }

    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; 12];
        OsEntropy.fill(&mut nonce);
        let sealed = self
            .cipher()?
            .encrypt(&Nonce::from(nonce), key.as_slice())
            .map_err(|_| KeyError::Unavailable)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        let (nonce, sealed) = wrapped.split_at_checked(12).ok_or(KeyError::Wrong)?;
        let nonce = Nonce::try_from(nonce).map_err(|_| KeyError::Wrong)?;
        let bytes = self.cipher()?.decrypt(&nonce, sealed).map_err(|_| KeyError::Wrong)?;
        <[u8; 32]>::try_from(bytes)
            .map(SecretKey::new)
            .map_err(|_| KeyError::Wrong)
    }
}

/// The environment of one phone whose files lie below `dir`.
pub fn env_at(dir: &Path) -> std::io::Result<Env> {
    fs::create_dir_all(dir)?;
    let media = FolderMedia::open(&dir.join("media"))?;
    Ok(Env {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(OsEntropy),
        media: Arc::new(media),
        keys: Arc::new(FileKeys::at(&dir.join("harness.key"))),
        signer: Arc::new(FileSigner::at(dir)),
        tokens: None,
    })
}

/// The clock of this machine for a form, in the offset of the district.
pub fn form_clock() -> fushan_grid_core::forms::FormClock {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| passed.as_millis());
    fushan_grid_core::forms::FormClock {
        now_ms: i64::try_from(now).unwrap_or(i64::MAX),
        offset_min: 480,
    }
}
