//! Bytes that arrive: hashed by the platform itself, written into the log, compared with what entries have said of them.

use fushan_grid_core::model::fault::Coded as _;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::proof::check_media;
use fushan_grid_core::wire::log::leaf::{Leaf, StoredLeaf};
use fushan_grid_core::wire::manifest::{Entry, HexSha256, HexSm3, canonical};
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::store::{Flag, StoreError, Stored, StoredMedia, Tx};

/// Both digests in one pass.
#[derive(Default)]
pub(crate) struct Hasher {
    sha256: Sha256,
    sm3: Sm3,
    bytes: u64,
}

impl Hasher {
    /// Takes a part of the file.
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.sha256.update(part);
        self.sm3.update(part);
        self.bytes += part.len() as u64;
    }

    /// SHA-256, SM3, size.
    pub(crate) fn finish(self) -> (HexSha256, HexSm3, u64) {
        (
            HexSha256(self.sha256.finalize().into()),
            HexSm3(self.sm3.finalize().into()),
            self.bytes,
        )
    }
}

/// Most entries of one photo that are compared.
const CAPTURES: u32 = 20;

/// Notes that the bytes are here; once for each file.
pub(crate) fn note(tx: &mut Tx<'_>, (media, sm3, bytes): (HexSha256, HexSm3, u64), now: UtcMillis) -> Stored<()> {
    let first = tx.append_to_log(&[])?;
    if tx.stored_media(media)?.is_some() {
        return Ok(());
    }
    let leaf = Leaf::Stored(StoredLeaf {
        v: Leaf::VERSION,
        at: now.to_string(),
        media,
        sm3,
        bytes,
    });
    tx.put_stored_media(&StoredMedia {
        media,
        sm3,
        bytes,
        leaf: first,
    })?;
    tx.append_to_log(&[leaf.text().map_err(|_| StoreError::Shape)?])?;
    for (entry, subject, signed) in tx.captures_of(media, CAPTURES)? {
        let Ok(Entry::Capture(capture)) = canonical::read(&signed.manifest) else {
            continue;
        };
        if let Err(error) = check_media(&capture.media, bytes, &media, &sm3) {
            tx.raise(&Flag {
                entry,
                code: error.fault().code.to_owned(),
                subject: canonical::plain(&subject, 200),
                grid: canonical::plain(&capture.actor.grid, 200),
                detail: String::new(),
                raised_at: now,
                closed_at: None,
                decision: String::new(),
                decided_by: String::new(),
            })?;
        }
    }
    Ok(())
}
