//! Takes a picture in: one pass through digest, structure check and cipher, then published under its digest.

use sha2::{Digest, Sha256};
use sm3::Sm3;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::Path;

use super::camera::{self, ExifSummary, HEAD_BYTES};
use super::error::EvidenceError;
use super::format::PictureFormat;
use super::seal::{SEGMENT, Sealer, read_full};
use super::vault;
use super::walk::Walk;
use crate::model::blob::BlobHash;
use crate::model::env::{Entropy, MediaStore, SecretKey};
use crate::wire::limits::BLOB_BYTES;
use crate::wire::manifest::HexSm3;

/// Most pixels a side that a header may claim; the largest sensors of phones have 16,320.
const MOST_SIDE: u32 = 20_000;
/// Most pixels in all that a header may claim.
const MOST_PIXELS: u64 = 250_000_000;
/// Free space that stays for the database and the system.
const RESERVE: u64 = 16 * 1024 * 1024;

/// Looks up the key that is stored for a digest. A lookup that fails is an error, never "none": a file whose key is
/// only out of reach must stay.
pub type KnownKey<'a> = dyn Fn(&BlobHash) -> Result<Option<SecretKey>, EvidenceError> + 'a;

/// What an intake may take, and what it will take as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a file.
    pub max_bytes: u64,
    /// Size in bytes that the source announces, for the check of free space.
    pub expected_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: BLOB_BYTES,
            expected_bytes: None,
        }
    }
}

/// Size of a picture as its header states it, before orientation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageFacts {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// A picture that is in the vault now.
#[derive(Clone)]
pub struct Intake {
    /// Digest of the original bytes, the picture's name.
    pub hash: BlobHash,
    /// SM3 of the same bytes, for authorities that ask for a national algorithm.
    pub sm3: HexSm3,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// Media type by content.
    pub media_type: &'static str,
    /// The key that opens the vault file: to be stored with the picture's row, in place of any other.
    pub key: SecretKey,
    /// Whether the same picture was in the vault already and opens under the key that was known for it.
    pub already_there: bool,
    /// What the camera wrote.
    pub exif: ExifSummary,
    /// Size in pixels, when the format tells it here.
    pub image: Option<ImageFacts>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Intake");
        shown.field("hash", &self.hash).field("bytes", &self.bytes);
        shown
            .field("already_there", &self.already_there)
            .finish_non_exhaustive()
    }
}

/// Takes a picture in. It is durable in the vault when this returns; its row is to be committed afterwards.
///
/// `known` gives the key that the caller has stored for a digest. When the vault holds that picture and the key opens
/// it, that file and key stay. Otherwise nothing could open the file any more, and the new one replaces it. So one
/// intake at a time, from the call to the commit of the row.
///
/// # Errors
/// [`EvidenceError`] with nothing left in the vault.
pub fn intake(
    media: &dyn MediaStore,
    entropy: &dyn Entropy,
    source: impl Read,
    limits: &Limits,
    known: &KnownKey<'_>,
) -> Result<Intake, EvidenceError> {
    take_in(media, entropy, source, limits, known, &|_| true)
}

/// As [`intake`]; `unchanged` is asked with the number of bytes read before the file gets its name.
fn take_in(
    media: &dyn MediaStore,
    entropy: &dyn Entropy,
    mut source: impl Read,
    limits: &Limits,
    known: &KnownKey<'_>,
    unchanged: &dyn Fn(u64) -> bool,
) -> Result<Intake, EvidenceError> {
    check_space(media, limits)?;
    let mut key = SecretKey::default();
    entropy.fill(&mut *key);
    let mut sealer = Sealer::start(media.create()?, &key, entropy)?;
    let mut look = Look::new(limits.max_bytes);
    let mut segment = vec![0; SEGMENT];
    loop {
        let count = read_full(&mut source, &mut segment)?;
        let part = segment.get(..count).filter(|p| !p.is_empty());
        let Some(part) = part else { break };
        look.push(part)?;
        sealer.push(part)?;
    }
    if !unchanged(look.bytes) {
        return Err(EvidenceError::SourceChanged);
    }
    let seen = look.finish()?;
    let (key, already_there) = settle(media, sealer, &seen.hash, key, known)?;
    Ok(Intake {
        hash: seen.hash,
        sm3: seen.sm3,
        bytes: seen.bytes,
        media_type: seen.format.media_type(),
        key,
        already_there,
        exif: seen.exif,
        image: seen.image,
    })
}

/// Takes a picture in from a path. A folder, a pipe or a device is refused before it is opened.
///
/// # Errors
/// [`EvidenceError`], also [`EvidenceError::SourceChanged`] when the file changed while it was read.
pub fn intake_file(
    media: &dyn MediaStore,
    entropy: &dyn Entropy,
    path: &Path,
    limits: &Limits,
    known: &KnownKey<'_>,
) -> Result<Intake, EvidenceError> {
    if !fs::metadata(path)?.is_file() {
        return Err(EvidenceError::NotAFile);
    }
    let file = File::open(path)?;
    let before = file.metadata()?;
    let announced = Limits {
        expected_bytes: Some(before.len()),
        ..*limits
    };
    let unchanged = |bytes| {
        file.metadata()
            .is_ok_and(|after| bytes == before.len() && is_same(&before, &after))
    };
    take_in(media, entropy, &file, &announced, known, &unchanged)
}

fn is_same(before: &Metadata, after: &Metadata) -> bool {
    before.len() == after.len() && before.modified().ok() == after.modified().ok()
}

/// Tells before a capture whether a photo of about this size can be kept safely.
///
/// # Errors
/// [`EvidenceError::NoSpace`], [`EvidenceError::TooManyBytes`].
pub fn check_room(media: &dyn MediaStore, bytes: u64) -> Result<(), EvidenceError> {
    let limits = Limits {
        expected_bytes: Some(bytes),
        ..Limits::default()
    };
    check_space(media, &limits)
}

fn check_space(media: &dyn MediaStore, limits: &Limits) -> Result<(), EvidenceError> {
    let expected = limits.expected_bytes.unwrap_or(0);
    if expected > limits.max_bytes {
        return Err(EvidenceError::TooManyBytes {
            limit: limits.max_bytes,
        });
    }
    match media.free_space() {
        Some(free) if free < expected.saturating_add(RESERVE) => Err(EvidenceError::NoSpace),
        _ => Ok(()),
    }
}

/// Publishes the new file, unless the one that is there still opens under its known key.
fn settle(
    media: &dyn MediaStore,
    sealer: Sealer,
    hash: &BlobHash,
    key: SecretKey,
    known: &KnownKey<'_>,
) -> Result<(SecretKey, bool), EvidenceError> {
    let name = hash.hex();
    if media.size(&name)?.is_some() {
        if let Some(old) = known(hash)? {
            match vault::verify(media, hash, &old) {
                Ok(_) => return Ok((old, true)),
                Err(EvidenceError::MediaChanged | EvidenceError::MissingMedia) => {}
                Err(other) => return Err(other),
            }
        }
        media.remove(&name)?;
    }
    sealer.publish(&name)?;
    Ok((key, false))
}

/// What was seen of a picture that streamed by.
struct Seen {
    hash: BlobHash,
    sm3: HexSm3,
    bytes: u64,
    format: PictureFormat,
    exif: ExifSummary,
    image: Option<ImageFacts>,
}

/// Looks at a picture's bytes as they stream by.
struct Look {
    max_bytes: u64,
    bytes: u64,
    digest: Sha256,
    sm3: Sm3,
    head: Vec<u8>,
    walk: Option<(PictureFormat, Walk)>,
}

impl Look {
    fn new(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            bytes: 0,
            digest: Sha256::new(),
            sm3: Sm3::new(),
            head: Vec::new(),
            walk: None,
        }
    }

    fn push(&mut self, part: &[u8]) -> Result<(), EvidenceError> {
        self.bytes = self.bytes.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        if self.bytes > self.max_bytes {
            return Err(EvidenceError::TooManyBytes { limit: self.max_bytes });
        }
        let room = HEAD_BYTES.saturating_sub(self.head.len()).min(part.len());
        self.head.extend_from_slice(part.get(..room).unwrap_or(part));
        let (_, walk) = match &mut self.walk {
            Some(going) => going,
            none => {
                let format = PictureFormat::sniff(part).ok_or(EvidenceError::NotAnImage)?;
                none.insert((format, Walk::new(format)))
            }
        };
        walk.push(part);
        check_size(walk.size())?;
        self.digest.update(part);
        self.sm3.update(part);
        Ok(())
    }

    fn finish(self) -> Result<Seen, EvidenceError> {
        let (format, walk) = self.walk.ok_or(EvidenceError::Empty)?;
        let image = walk.size().map(|(width, height)| ImageFacts { width, height });
        if walk.tells_size() && image.is_none() {
            return Err(EvidenceError::NotAnImage);
        }
        if !walk.is_complete() {
            return Err(EvidenceError::Truncated);
        }
        Ok(Seen {
            hash: BlobHash(self.digest.finalize().into()),
            sm3: HexSm3(self.sm3.finalize().into()),
            bytes: self.bytes,
            format,
            exif: camera::read(&self.head),
            image,
        })
    }
}

fn check_size(size: Option<(u32, u32)>) -> Result<(), EvidenceError> {
    match size {
        Some((width, height))
            if width.max(height) > MOST_SIDE || u64::from(width).saturating_mul(u64::from(height)) > MOST_PIXELS =>
        {
            Err(EvidenceError::ImageTooLarge { width, height })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;
