//! A sealed phone at the district's desk: the private recovery key gives back the work that could not be sent. Nothing is
//! changed; whoever holds the key decides what becomes of it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::error::AppError;
use crate::evidence::{self, EvidenceError};
use crate::model::blob::BlobHash;
use crate::model::env::MediaStore;
use crate::model::ids::RecordId;
use crate::model::op::Operation;
use crate::store::{Store, StoreError, sheets, unsent};

/// A sealed phone that was opened.
#[derive(Debug)]
pub struct Recovery(Store);

/// What was on it alone.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveredWork {
    /// Operations without an answer, and refused ones, in the order of making.
    pub operations: Vec<Operation>,
    /// Photos the platform does not have.
    pub photos: Vec<RecoveredPhoto>,
    /// Evidence entries without an answer, as their signed texts.
    pub entries: Vec<String>,
    /// Checklists that were being filled in.
    pub sheets: Vec<RecoveredSheet>,
}

/// A photo of a sealed phone.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveredPhoto {
    /// Digest of its bytes.
    pub sha256: BlobHash,
    /// Media type.
    pub media_type: String,
    /// The record it belongs to.
    pub record: RecordId,
}

/// A checklist of a sealed phone.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveredSheet {
    /// The inspection it would have become.
    pub id: RecordId,
    /// Digest of its form.
    pub form: String,
    /// Its answers by path.
    pub nodes: BTreeMap<String, String>,
}

impl Recovery {
    /// Opens the database of a sealed phone.
    ///
    /// # Errors
    /// [`StoreError::KeyMissing`] when it was made without a recovery key, [`StoreError::KeyWrong`] for another key.
    pub fn open(dir: &Path, private_key: &[u8; 32]) -> Result<Self, AppError> {
        Ok(Self(Store::open_with_recovery_key(dir, private_key)?))
    }

    /// What was on the phone alone.
    ///
    /// # Errors
    /// Those of the store.
    pub fn work(&self) -> Result<RecoveredWork, AppError> {
        self.0.read(|r| {
            let photo = |blob: crate::store::blobs::Blob| RecoveredPhoto {
                sha256: blob.hash,
                media_type: blob.media_type,
                record: blob.record,
            };
            let sheet = |sheet: sheets::Sheet| {
                Ok::<_, StoreError>(RecoveredSheet {
                    id: sheet.id,
                    nodes: sheets::nodes(r, sheet.id)?,
                    form: sheet.form,
                })
            };
            Ok(RecoveredWork {
                operations: unsent::operations(r)?,
                photos: unsent::photos(r)?.into_iter().map(photo).collect(),
                entries: unsent::due_entries(r)?,
                sheets: sheets::drafts(r)?.into_iter().map(sheet).collect::<Result<_, _>>()?,
            })
        })
    }

    /// Writes a photo's bytes out, compared with its digest.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a photo this phone never had, and those of the vault.
    pub fn photo(&self, media: &dyn MediaStore, hash: BlobHash, out: &mut dyn Write) -> Result<(), AppError> {
        let blob = self.0.read(|r| crate::store::blobs::get(r, hash))?;
        let blob = blob.ok_or(AppError::NotFound)?;
        let mut reader = evidence::open(media, &hash, &blob.key)?;
        io::copy(&mut reader, out).map_err(EvidenceError::from)?;
        Ok(())
    }
}
