//! The form of a vault file, and writing one.
//!
//! Header (16 bytes): `FGV1`, algorithm (1 = ChaCha20-Poly1305 in the STREAM construction, 32-bit counter, big
//! endian), power of two of the segment size (16), three zero bytes, a seven-byte nonce. Then the segments, each
//! followed by its 16-byte tag; the header is associated data of every segment, and the last one is sealed as last,
//! so that nothing can be cut off, added, reordered or relabelled.

use aead_stream::{EncryptorBE32, StreamBE32};
use chacha20poly1305::ChaCha20Poly1305;
use std::io::{self, ErrorKind, Read};

use crate::model::env::{Entropy, MediaWriter, SecretKey};

/// Plain bytes of a segment.
pub(super) const SEGMENT: usize = 64 * 1024;
/// Sealed bytes of a full segment.
pub(super) const SEALED: usize = SEGMENT + 16;
/// Bytes of the header.
pub(super) const HEADER: usize = 16;

const MAGIC: &[u8; 4] = b"FGV1";
const ALGORITHM: u8 = 1;
const SEGMENT_POWER: u8 = 16;

pub(super) type Nonce = aead_stream::Nonce<ChaCha20Poly1305, StreamBE32<ChaCha20Poly1305>>;

/// A fresh header around a random nonce.
fn new_header(entropy: &dyn Entropy) -> [u8; HEADER] {
    let mut nonce = [0; 7];
    entropy.fill(&mut nonce);
    let [m0, m1, m2, m3] = *MAGIC;
    let [n0, n1, n2, n3, n4, n5, n6] = nonce;
    [
        m0,
        m1,
        m2,
        m3,
        ALGORITHM,
        SEGMENT_POWER,
        0,
        0,
        0,
        n0,
        n1,
        n2,
        n3,
        n4,
        n5,
        n6,
    ]
}

/// The nonce of a header of this version, `None` for another one.
pub(super) fn nonce_of(header: &[u8; HEADER]) -> Option<Nonce> {
    let [m0, m1, m2, m3, algorithm, power, z0, z1, z2, n @ ..] = *header;
    let known =
        [m0, m1, m2, m3] == *MAGIC && algorithm == ALGORITHM && power == SEGMENT_POWER && [z0, z1, z2] == [0; 3];
    known.then(|| Nonce::from(n))
}

/// Reads until the buffer is full or the source ends; the number of bytes read.
pub(super) fn read_full(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(space) = buffer.get_mut(filled..).filter(|s| !s.is_empty()) {
        match source.read(space) {
            Ok(0) => break,
            Ok(n) => filled = filled.saturating_add(n),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// Seals segments into a file that has no name yet.
pub(super) struct Sealer {
    out: Box<dyn MediaWriter>,
    cipher: EncryptorBE32<ChaCha20Poly1305>,
    header: [u8; HEADER],
    waiting: Vec<u8>,
}

impl Sealer {
    /// Starts a file under a key that seals nothing else.
    pub(super) fn start(mut out: Box<dyn MediaWriter>, key: &SecretKey, entropy: &dyn Entropy) -> io::Result<Self> {
        let header = new_header(entropy);
        let nonce = nonce_of(&header).ok_or(ErrorKind::Other)?;
        out.write_all(&header)?;
        Ok(Self {
            out,
            cipher: EncryptorBE32::new(&(**key).into(), &nonce),
            header,
            waiting: Vec::with_capacity(SEALED),
        })
    }

    /// Adds a segment; all but the last must be full. The last is known only at the end, so one always waits.
    pub(super) fn push(&mut self, segment: &[u8]) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.cipher
                .encrypt_next_in_place(&self.header, &mut self.waiting)
                .map_err(|_| ErrorKind::FileTooLarge)?;
            self.out.write_all(&self.waiting)?;
            self.waiting.clear();
        }
        self.waiting.extend_from_slice(segment);
        Ok(())
    }

    /// Seals the last segment and publishes the file.
    pub(super) fn publish(mut self, name: &str) -> io::Result<()> {
        self.cipher
            .encrypt_last_in_place(&self.header, &mut self.waiting)
            .map_err(|_| ErrorKind::FileTooLarge)?;
        self.out.write_all(&self.waiting)?;
        self.out.publish(name)
    }
}
