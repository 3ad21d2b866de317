//! The platform as a witness: it checks what phones say about their photos, writes it into a log that only grows, and
//! gives receipts that anyone can verify (`docs/evidence-verification.md`).

mod arrival;
mod arrived_bytes;
mod chains;
mod decisions;
mod keys;
mod plausible;
mod receipts;
mod reuse;
mod stamps;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use fushan_grid_core::wire::log::{LogError, LogSigner, NodeHash};

pub(crate) use arrival::take;
pub(crate) use arrived_bytes::Hasher;
pub(crate) use arrived_bytes::note as note_bytes;
pub(crate) use chains::{chains, revoke};
pub(crate) use decisions::decide;
#[cfg(feature = "c2pa")]
pub(crate) use decisions::note_copy;
pub(crate) use receipts::{head, leaf_at, receipts};
pub(crate) use reuse::Seen as ReuseIndex;
pub(crate) use stamps::{keep_stamping, stamp_now};

use crate::StartError;
use crate::timestamp::Authority;

/// How the platform keeps its log.
#[derive(Debug, Clone, Default)]
pub struct WitnessConfig {
    /// Name of the log, without spaces; `fushan-platform/log` without one.
    pub name: Option<String>,
    /// File of the log's secret seed, made when it is missing; `log.key` in the folder of photos without one.
    pub key_file: Option<PathBuf>,
    /// The authority that stamps each day's checkpoint; without one there are no time-stamps, and receipts say so.
    pub authority: Option<Authority>,
    /// File of the roots of key stores' certificates that are trusted, PEM, as their makers publish them; without it certificates
    /// are kept and not judged.
    pub attestation_roots: Option<PathBuf>,
    /// Who signs copies with Content Credentials; without it, and without the feature `c2pa`, there are none.
    pub credential: Option<CredentialFiles>,
}

/// Files of the certificate chain and the key that sign Content Credentials, PEM.
#[derive(Debug, Clone)]
pub struct CredentialFiles {
    /// The chain, the signer's first.
    pub certificates: PathBuf,
    /// The key, PKCS #8.
    pub key: PathBuf,
}

/// The log's signer, the authority, and what is remembered of photos.
pub(crate) struct Witness {
    signer: LogSigner,
    pub(crate) authority: Option<Authority>,
    pub(crate) attestation_roots: Option<Vec<u8>>,
    #[cfg(feature = "c2pa")]
    pub(crate) credential: Option<CredentialFiles>,
    reuse: ReuseIndex,
}

impl Witness {
    /// Takes the key from its file.
    pub(crate) fn open(config: WitnessConfig, photos: &Path) -> Result<Self, StartError> {
        let name = config.name.unwrap_or_else(|| "fushan-platform/log".to_owned());
        let seed = seed(&config.key_file.unwrap_or_else(|| photos.join("log.key")))?;
        Ok(Self {
            signer: LogSigner::new(&name, &seed)?,
            authority: config.authority,
            attestation_roots: config.attestation_roots.map(std::fs::read).transpose()?,
            #[cfg(feature = "c2pa")]
            credential: config.credential,
            reuse: ReuseIndex::default(),
        })
    }

    /// The log's public key in the text form of signed notes.
    pub(crate) fn key(&self) -> fushan_grid_core::wire::log::LogKey {
        self.signer.key()
    }

    fn sign(&self, size: u64, root: NodeHash) -> String {
        self.signer.sign(size, root)
    }
}

impl From<LogError> for StartError {
    fn from(_: LogError) -> Self {
        Self::LogName
    }
}

/// The secret seed of the log's key. A file of another length is left alone: the log's past hangs on it.
fn seed(file: &Path) -> Result<[u8; 32], StartError> {
    match std::fs::read(file) {
        Ok(bytes) => bytes.try_into().map_err(|_| StartError::LogKey),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|_| StartError::LogKey)?;
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(file)?;
            file.write_all(&seed)?;
            file.sync_all()?;
            Ok(seed)
        }
        Err(error) => Err(error.into()),
    }
}
