//! Photos: taken in, attached, checked, handed out byte for byte.

use std::io::Read;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};

use super::Engine;
use super::error::AppError;
use super::incident::{append, lane_for};
use super::pen::Pen;
use crate::evidence::{self, EvidenceError, Intake, Limits};
use crate::model::blob::{BlobHash, BlobRef};
use crate::model::env::SecretKey;
use crate::model::ids::RecordId;
use crate::model::op::Lane;
use crate::store::blobs::{self, Blob, NewBlob};

/// Longer edge of a thumbnail, in pixels.
const THUMBNAIL_EDGE: u32 = 320;

/// A photo that was attached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attached {
    /// Digest of the original.
    pub sha256: BlobHash,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// Media type by content.
    pub media_type: String,
    /// Digest of the thumbnail; none when the picture cannot be decoded here.
    pub thumbnail: Option<BlobHash>,
}

/// What checking one photo came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// The photo.
    pub sha256: BlobHash,
    /// The verdict.
    pub verdict: Verdict,
}

/// Whether a photo's bytes are what its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every byte is there and the digest fits.
    Intact,
    /// The file is gone from the vault.
    Missing,
    /// The file was changed.
    Changed,
    /// The platform has stored it for long enough, so that it has left the phone.
    OnPlatform,
}

impl Engine {
    /// Takes a photo in from a file and attaches it to a record. The file is copied, never changed.
    ///
    /// # Errors
    /// [`AppError::Evidence`] with nothing attached; [`AppError::NotFound`], [`AppError::Ended`].
    pub fn evidence_add_file(&self, record: RecordId, path: &Path, role: &str) -> Result<Attached, AppError> {
        self.living(record)?;
        let _turn = self.intake_turn();
        let taken = {
            let known = |hash: &BlobHash| self.key_of(*hash);
            evidence::intake_file(&*self.env.media, &*self.env.entropy, path, &Limits::default(), &known)?
        };
        self.attach(record, role, taken)
    }

    /// Takes a photo in from its bytes, read once as they come, and attaches it to a record.
    ///
    /// # Errors
    /// As [`Engine::evidence_add_file`].
    pub fn evidence_add(&self, record: RecordId, source: impl Read, role: &str) -> Result<Attached, AppError> {
        self.living(record)?;
        let _turn = self.intake_turn();
        let known = |hash: &BlobHash| self.key_of(*hash);
        let taken = evidence::intake(&*self.env.media, &*self.env.entropy, source, &Limits::default(), &known)?;
        self.attach(record, role, taken)
    }

    /// Decrypts photos and compares their digests: all of this phone, or those of one record.
    ///
    /// # Errors
    /// Those of the store.
    pub fn evidence_verify(&self, record: Option<RecordId>) -> Result<Vec<Checked>, AppError> {
        let mut checked = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.read(|r| blobs::page(r, after).map_err(AppError::from))?;
            let Some(last) = page.last() else { return Ok(checked) };
            after = Some(last.hash);
            for blob in page.iter().filter(|b| record.is_none_or(|id| b.record == id)) {
                checked.push(Checked {
                    sha256: blob.hash,
                    verdict: self.verdict(blob)?,
                });
            }
        }
    }

    /// Writes a record's photos to a folder, byte for byte, with a list of digests that `sha256sum -c SHA256SUMS` checks. Gives
    /// the names of the files.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Evidence`], or those of the folder; a file that is there already is not
    /// overwritten.
    pub fn evidence_export(&self, record: RecordId, dir: &Path) -> Result<Vec<String>, AppError> {
        let view = self.record(record)?;
        std::fs::create_dir_all(dir)?;
        let mut sums = String::new();
        let mut names = Vec::new();
        for (number, (hash, role)) in attachments(&view.record.body).into_iter().enumerate() {
            let Some(blob) = self.store.read(|r| blobs::get(r, hash).map_err(AppError::from))? else {
                continue;
            };
            let extension = blob.media_type.rsplit('/').next().unwrap_or("bin");
            let name = format!("{:02}-{role}.{extension}", number + 1);
            self.write_out(&blob, &dir.join(&name))?;
            sums.push_str(&format!("{}  {name}\n", hash.hex()));
            names.push(name);
        }
        if names.is_empty() {
            return Err(AppError::NotFound);
        }
        std::fs::write(dir.join("SHA256SUMS"), sums)?;
        names.push("SHA256SUMS".to_owned());
        Ok(names)
    }

    /// The original bytes of a photo, as a stream that fails on any change.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Evidence`].
    pub fn evidence_open(&self, hash: BlobHash) -> Result<impl Read + use<>, AppError> {
        let blob = self
            .store
            .read(|r| blobs::get(r, hash).map_err(AppError::from))?
            .ok_or(AppError::NotFound)?;
        Ok(evidence::open(&*self.env.media, &blob.hash, &blob.key)?)
    }

    fn key_of(&self, hash: BlobHash) -> Result<Option<SecretKey>, EvidenceError> {
        let row = self.store.read(|r| blobs::get(r, hash));
        row.map(|blob| blob.map(|b| b.key))
            .map_err(|_| EvidenceError::KeysUnavailable)
    }

    /// One intake at a time, from the look at the vault to the commit of the row with the key.
    pub(super) fn intake_turn(&self) -> MutexGuard<'_, ()> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the photo's row and thumbnail and cites it from the record, in one transaction.
    fn attach(&self, record: RecordId, role: &str, taken: Intake) -> Result<Attached, AppError> {
        let view = self.living(record)?;
        let thumbnail = self.thumbnail_of(&taken)?;
        let cited = BlobRef {
            sha256: taken.hash,
            bytes: taken.bytes,
            media_type: taken.media_type.to_owned(),
            role: role.to_owned(),
        };
        let attached = Attached {
            sha256: taken.hash,
            bytes: taken.bytes,
            media_type: cited.media_type.clone(),
            thumbnail: thumbnail.as_ref().map(|t| t.hash),
        };
        let row = |of: &Intake, lane, thumbnail| NewBlob {
            hash: of.hash,
            bytes: of.bytes,
            media_type: of.media_type.to_owned(),
            key: of.key.clone(),
            thumbnail,
            record,
            lane,
        };
        let schema = self.dictionaries().schema.schema;
        // small pictures of what is urgent go with its text
        let thumbnail_lane = match lane_for(&view.record.body) {
            Lane::P0 => Lane::P0,
            _ => Lane::P3,
        };
        self.store.write(|w| {
            let pen = Pen::new(w, &self.env, schema);
            blobs::insert(w, &row(&taken, Lane::P4, attached.thumbnail))?;
            if let Some(thumbnail) = &thumbnail {
                blobs::insert(w, &row(thumbnail, thumbnail_lane, None))?;
            }
            let mut item = json!(cited);
            if let Some(item) = item.as_object_mut() {
                item.insert("id".into(), json!(pen.record_id()));
                item.insert("thumbnail".into(), json!(attached.thumbnail));
                item.insert("camera".into(), json!(taken.exif));
                item.insert("taken_in_at".into(), json!(pen.now));
            }
            append(w, &pen, &view, "attachments", item, vec![cited])
        })?;
        Ok(attached)
    }

    /// The thumbnail, itself taken into the vault. A picture that cannot be decoded here is kept as evidence without one.
    fn thumbnail_of(&self, taken: &Intake) -> Result<Option<Intake>, AppError> {
        let original = evidence::open(&*self.env.media, &taken.hash, &taken.key)?;
        let Ok(small) = evidence::thumbnail(original, THUMBNAIL_EDGE) else {
            return Ok(None);
        };
        let known = |hash: &BlobHash| self.key_of(*hash);
        let limits = Limits::default();
        Ok(Some(evidence::intake(
            &*self.env.media,
            &*self.env.entropy,
            small.as_slice(),
            &limits,
            &known,
        )?))
    }

    fn verdict(&self, blob: &Blob) -> Result<Verdict, AppError> {
        if blob.evicted {
            return Ok(Verdict::OnPlatform);
        }
        match evidence::verify(&*self.env.media, &blob.hash, &blob.key) {
            Ok(bytes) if bytes == blob.bytes => Ok(Verdict::Intact),
            Ok(_) | Err(EvidenceError::MediaChanged) => Ok(Verdict::Changed),
            Err(EvidenceError::MissingMedia) => Ok(Verdict::Missing),
            Err(other) => Err(other.into()),
        }
    }

    fn write_out(&self, blob: &Blob, path: &Path) -> Result<(), AppError> {
        let mut original = evidence::open(&*self.env.media, &blob.hash, &blob.key)?;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
        std::io::copy(&mut original, &mut file).map_err(EvidenceError::from)?;
        file.sync_all()?;
        Ok(())
    }
}

/// Digest and role of a body's attachments.
fn attachments(body: &crate::model::record::Body) -> Vec<(BlobHash, String)> {
    let items = body.get("attachments").and_then(Value::as_array);
    let cited = |item: &Value| {
        let hash = item.get("sha256")?.as_str()?.parse().ok()?;
        let role: String = item
            .get("role")?
            .as_str()?
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        Some((hash, role))
    };
    items.into_iter().flatten().filter_map(cited).collect()
}
