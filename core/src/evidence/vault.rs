//! Gives a picture's bytes back: exactly those that went in, or an error.

use aead_stream::DecryptorBE32;
use chacha20poly1305::ChaCha20Poly1305;
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::{self, ErrorKind, Read};

use super::error::EvidenceError;
use super::seal::{HEADER, SEALED, nonce_of, read_full};
use crate::model::blob::BlobHash;
use crate::model::env::{MediaStore, SecretKey};

/// Opens a picture for reading. Every byte that comes out has been authenticated; the digest of the whole is
/// compared before the last bytes come out.
///
/// # Errors
/// [`EvidenceError::MissingMedia`], or [`EvidenceError::MediaChanged`] for a file that is none of ours. Reading fails
/// with [`EvidenceError::MediaChanged`] inside the [`io::Error`]; `EvidenceError::from` finds it again.
pub fn open(media: &dyn MediaStore, hash: &BlobHash, key: &SecretKey) -> Result<VaultReader, EvidenceError> {
    let mut file = media.open(&hash.hex()).map_err(|e| match e.kind() {
        ErrorKind::NotFound => EvidenceError::MissingMedia,
        _ => EvidenceError::from(e),
    })?;
    let mut header = [0; HEADER];
    let read = read_full(&mut file, &mut header)?;
    let nonce = nonce_of(&header)
        .filter(|_| read == HEADER)
        .ok_or(EvidenceError::MediaChanged)?;
    Ok(VaultReader {
        file,
        cipher: Some(DecryptorBE32::new(&(**key).into(), &nonce)),
        header,
        digest: Sha256::new(),
        expected: *hash,
        ahead: Vec::new(),
        plain: Vec::new(),
        given: 0,
    })
}

/// Reads a whole picture and compares its digest; its size in bytes.
///
/// # Errors
/// As [`open`] and reading.
pub fn verify(media: &dyn MediaStore, hash: &BlobHash, key: &SecretKey) -> Result<u64, EvidenceError> {
    let mut reader = open(media, hash, key)?;
    Ok(io::copy(&mut reader, &mut io::sink())?)
}

/// The original bytes of one picture.
pub struct VaultReader {
    file: Box<dyn Read + Send>,
    /// Gone once the last segment is open, or after a failure.
    cipher: Option<DecryptorBE32<ChaCha20Poly1305>>,
    header: [u8; HEADER],
    digest: Sha256,
    expected: BlobHash,
    /// The sealed segment that comes next.
    ahead: Vec<u8>,
    plain: Vec<u8>,
    given: usize,
}

impl fmt::Debug for VaultReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultReader")
            .field("of", &self.expected)
            .finish_non_exhaustive()
    }
}

impl Read for VaultReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.plain.len() && self.cipher.is_some() {
            self.next_segment()?;
        }
        let fresh = self.plain.get(self.given..).unwrap_or(&[]);
        let count = fresh.len().min(out.len());
        for (to, from) in out.iter_mut().zip(fresh) {
            *to = *from;
        }
        self.given = self.given.saturating_add(count);
        Ok(count)
    }
}

impl VaultReader {
    fn sealed_segment(&mut self) -> io::Result<Vec<u8>> {
        let mut segment = vec![0; SEALED];
        let read = read_full(&mut self.file, &mut segment)?;
        segment.truncate(read);
        Ok(segment)
    }

    /// Opens the next segment. Whether it is the last is told by what lies behind it.
    fn next_segment(&mut self) -> io::Result<()> {
        self.plain.clear();
        self.given = 0;
        let changed = || io::Error::from(EvidenceError::MediaChanged);
        let mut cipher = self.cipher.take().ok_or_else(changed)?;
        let mut segment = match std::mem::take(&mut self.ahead) {
            first if first.is_empty() => self.sealed_segment()?,
            ahead => ahead,
        };
        self.ahead = self.sealed_segment()?;
        let last = self.ahead.is_empty();
        if last {
            cipher
                .decrypt_last_in_place(&self.header, &mut segment)
                .map_err(|_| changed())?;
        } else {
            cipher
                .decrypt_next_in_place(&self.header, &mut segment)
                .map_err(|_| changed())?;
            self.cipher = Some(cipher);
        }
        self.digest.update(&segment);
        if last && <[u8; 32]>::from(self.digest.clone().finalize()) != self.expected.0 {
            return Err(changed());
        }
        self.plain = segment;
        Ok(())
    }
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
