//! Signed tree heads as text: the checkpoint of C2SP `tlog-checkpoint` inside a C2SP `signed-note`, signed with Ed25519.
//!
//! ```text
//! fushan.example/370611/log
//! 1234
//! 8Hn…base64 of the root…=
//!
//! — fushan.example/370611/log Az3grl…base64 of key hash and signature…
//! ```
//!
//! The signature is over the lines before the empty one, so that `openssl pkeyutl` checks it too. Our own forty lines: the
//! crate `signed_note` would bring a second generation of the same cryptography.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::LogError;
use super::merkle::{NodeHash, empty_root, verify_consistency};

/// Most bytes of a signed checkpoint that are looked at.
pub const CHECKPOINT_BYTES: usize = 4096;
/// Ed25519 in the signed-note registry.
const ED25519: u8 = 1;

/// A tree head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log, a name without spaces.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root of the tree.
    pub root: NodeHash,
}

impl Checkpoint {
    /// The lines that are signed.
    #[must_use]
    pub fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the signed lines; lines after the third are extensions and are passed over.
    fn parse(body: &str) -> Result<Self, LogError> {
        let mut lines = body.lines();
        let mut next = || lines.next().filter(|l| !l.is_empty()).ok_or(LogError::Malformed);
        let (origin, size, root) = (next()?, next()?, next()?);
        let plain = size.bytes().all(|b| b.is_ascii_digit()) && (size == "0" || !size.starts_with('0'));
        if !plain {
            return Err(LogError::Malformed);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| LogError::Malformed)?,
            root: NodeHash::try_from(root.to_owned())?,
        })
    }
}

/// The log's public key with its name, in the text form of signed notes: `name+hash+base64`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogKey {
    name: String,
    key: [u8; 32],
}

impl LogKey {
    /// The log's name, the origin of its checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Ed25519 public key as a PEM that openssl reads.
    #[must_use]
    pub fn pem(&self) -> String {
        // SubjectPublicKeyInfo of Ed25519 (RFC 8410) is this prefix and the 32 bytes
        const PREFIX: [u8; 12] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];
        let spki = [PREFIX.as_slice(), &self.key].concat();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            BASE64.encode(spki)
        )
    }

    fn hash(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key)
            .finalize();
        let mut hash = [0; 4];
        hash.iter_mut().zip(digest).for_each(|(h, d)| *h = d);
        hash
    }

    /// Verifies a signed checkpoint of this log and reads it.
    ///
    /// # Errors
    /// [`LogError::Malformed`], [`LogError::BadSignature`], [`LogError::OtherLog`].
    pub fn open(&self, signed: &str) -> Result<Checkpoint, LogError> {
        let checkpoint = Checkpoint::parse(&self.signed_text(signed)?)?;
        if checkpoint.origin != self.name {
            return Err(LogError::OtherLog);
        }
        Ok(checkpoint)
    }

    /// The text of a note that this key signed. Signatures of other keys, such as witnesses', are passed over.
    fn signed_text(&self, signed: &str) -> Result<String, LogError> {
        if signed.len() > CHECKPOINT_BYTES {
            return Err(LogError::Malformed);
        }
        let (text, signatures) = signed.rsplit_once("\n\n").ok_or(LogError::Malformed)?;
        let text = format!("{text}\n");
        let key = VerifyingKey::from_bytes(&self.key).map_err(|_| LogError::Malformed)?;
        let own = signatures.lines().filter_map(|line| self.own_signature(line));
        let mut valid = own.map(|s| key.verify_strict(text.as_bytes(), &s).is_ok());
        if valid.next().unwrap_or(false) && valid.all(|v| v) {
            Ok(text)
        } else {
            Err(LogError::BadSignature)
        }
    }

    fn own_signature(&self, line: &str) -> Option<Signature> {
        let encoded = line
            .strip_prefix("— ")?
            .strip_prefix(self.name.as_str())?
            .strip_prefix(' ')?;
        let bytes = BASE64.decode(encoded).ok()?;
        let (hash, signature) = bytes.split_first_chunk::<4>()?;
        (*hash == self.hash()).then(|| Signature::from_slice(signature).ok())?
    }
}

impl TryFrom<String> for LogKey {
    type Error = LogError;
    fn try_from(text: String) -> Result<Self, LogError> {
        let mut parts = text.splitn(3, '+');
        let mut next = || parts.next().ok_or(LogError::Malformed);
        let (name, hash, encoded) = (next()?, next()?, next()?);
        let bytes = BASE64.decode(encoded).map_err(|_| LogError::Malformed)?;
        let Some((&ED25519, key)) = bytes.split_first() else {
            return Err(LogError::Malformed);
        };
        let key = Self {
            name: good_name(name)?.to_owned(),
            key: key.try_into().map_err(|_| LogError::Malformed)?,
        };
        if hex(&key.hash()) != hash {
            return Err(LogError::Malformed);
        }
        Ok(key)
    }
}

impl From<LogKey> for String {
    fn from(key: LogKey) -> Self {
        let typed = [[ED25519].as_slice(), &key.key].concat();
        format!("{}+{}+{}", key.name, hex(&key.hash()), BASE64.encode(typed))
    }
}

fn good_name(name: &str) -> Result<&str, LogError> {
    let bad =
        name.is_empty() || name.len() > 200 || name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control());
    if bad { Err(LogError::Malformed) } else { Ok(name) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Signs checkpoints: the platform's half.
pub struct LogSigner {
    name: String,
    key: SigningKey,
}

impl LogSigner {
    /// A signer for the log of this name with a secret seed of 32 bytes.
    ///
    /// # Errors
    /// [`LogError::Malformed`] for a name with spaces or a plus sign.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, LogError> {
        Ok(Self {
            name: good_name(name)?.to_owned(),
            key: SigningKey::from_bytes(seed),
        })
    }

    /// The public half.
    #[must_use]
    pub fn key(&self) -> LogKey {
        LogKey {
            name: self.name.clone(),
            key: self.key.verifying_key().to_bytes(),
        }
    }

    /// The signed text of a tree head.
    #[must_use]
    pub fn sign(&self, size: u64, root: NodeHash) -> String {
        let checkpoint = Checkpoint {
            origin: self.name.clone(),
            size,
            root,
        };
        let body = checkpoint.body();
        let signature = self.key.sign(body.as_bytes()).to_bytes();
        let signed = [self.key().hash().as_slice(), &signature].concat();
        format!("{body}\n— {} {}\n", self.name, BASE64.encode(signed))
    }
}

impl std::fmt::Debug for LogSigner {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogSigner")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a phone has seen of a log: its key, taken at the first contact, and the last checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The log's key.
    pub key: LogKey,
    /// Entries seen.
    pub size: u64,
    /// Root seen.
    pub root: NodeHash,
    /// The signed text as it came: proof against the platform, should it ever tell another story.
    pub checkpoint: String,
}

impl Seen {
    /// Nothing seen yet of the log with this key.
    #[must_use]
    pub fn nothing(key: LogKey) -> Self {
        Self {
            key,
            size: 0,
            root: empty_root(),
            checkpoint: String::new(),
        }
    }

    /// Takes a newer checkpoint, when it is signed by the known key and its log only grew.
    ///
    /// # Errors
    /// See [`LogError`]; what was seen stays as it was.
    pub fn follow(&self, signed: &str, proof: &[NodeHash]) -> Result<Self, LogError> {
        let new = self.key.open(signed)?;
        verify_consistency((self.size, self.root), (new.size, new.root), proof)?;
        Ok(Self {
            key: self.key.clone(),
            size: new.size,
            root: new.root,
            checkpoint: signed.to_owned(),
        })
    }
}

#[cfg(test)]
#[path = "checkpoint_tests.rs"]
mod tests;
