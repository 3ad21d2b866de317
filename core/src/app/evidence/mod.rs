//! Photos: taken in, checked, signed, attached, looked at, redacted, handed out byte for byte.

mod chain;
mod context;
mod custody;
mod export;
mod facts;
mod take;

use std::io::Read;
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};

use serde::Serialize;

pub use chain::ChainReport;
pub use context::{CaptureContext, Copy};
pub use custody::{LogState, Logged, Shown, ShownManifest};
pub(super) use facts::Known;
pub(super) use take::Keep;

use super::Engine;
use super::error::AppError;
use crate::evidence::{self, EvidenceError};
use crate::model::blob::BlobHash;
use crate::model::env::SecretKey;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;
use crate::store::blobs::{self, Blob};
use crate::store::{Writer, captures, custody as log};
use crate::wire::manifest::{Check, Event, EventKind, HexSha256, Named256, Verdict as CheckVerdict};

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
    /// Digest of the upload-sized copy, when one was asked for.
    pub copy: Option<BlobHash>,
    /// Digest of the signed manifest.
    pub manifest: Named256,
    /// The worst verdict of the checks.
    pub verdict: CheckVerdict,
    /// What the intake checks said.
    pub checks: Vec<Check>,
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
    /// Takes a photo in from a file of which nothing else is known; see [`Engine::evidence_take_file`].
    ///
    /// # Errors
    /// [`AppError::Evidence`] with nothing attached; [`AppError::NotFound`], [`AppError::Ended`].
    pub fn evidence_add_file(&self, record: RecordId, path: &Path, role: &str) -> Result<Attached, AppError> {
        self.evidence_take_file(record, path, &CaptureContext::of_role(role))
    }

    /// Takes a photo in of which nothing else is known; see [`Engine::evidence_take`].
    ///
    /// # Errors
    /// As [`Engine::evidence_add_file`].
    pub fn evidence_add(&self, record: RecordId, source: impl Read, role: &str) -> Result<Attached, AppError> {
        self.evidence_take(record, source, &CaptureContext::of_role(role))
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

    /// The original bytes of a photo, as a stream that fails on any change. The custody log notes who looked.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Evidence`].
    pub fn evidence_open(&self, hash: BlobHash) -> Result<impl Read + use<>, AppError> {
        let blob = self.blob_of(hash)?;
        let reader = evidence::open(&*self.env.media, &blob.hash, &blob.key)?;
        self.note_event(EventKind::Viewed, hash, None)?;
        Ok(reader)
    }

    /// The thumbnail of a photo as JPEG; nothing when there is none on this phone. It does not count as looking at the photo.
    ///
    /// # Errors
    /// Those of the store; [`AppError::Evidence`] for a thumbnail that was changed.
    pub fn evidence_thumbnail(&self, photo: BlobHash) -> Result<Option<Vec<u8>>, AppError> {
        let small = self.store.read(|r| {
            let thumbnail = blobs::get(r, photo)?.and_then(|blob| blob.thumbnail);
            thumbnail.map_or(Ok(None), |hash| blobs::get(r, hash))
        })?;
        let Some(small) = small else { return Ok(None) };
        let mut bytes = Vec::new();
        let mut reader = evidence::open(&*self.env.media, &small.hash, &small.key)?;
        reader.read_to_end(&mut bytes).map_err(EvidenceError::from)?;
        Ok(Some(bytes))
    }

    fn blob_of(&self, hash: BlobHash) -> Result<Blob, AppError> {
        let found = self.store.read(|r| blobs::get(r, hash).map_err(AppError::from))?;
        found.ok_or(AppError::NotFound)
    }

    fn key_of(&self, hash: BlobHash) -> Result<Option<SecretKey>, EvidenceError> {
        let row = self.store.read(|r| blobs::get(r, hash));
        row.map(|blob| blob.map(|b| b.key))
            .map_err(|_| EvidenceError::KeysUnavailable)
    }

    /// One intake at a time, from the look at the vault to the commit of the row with the key; and one writer of the chain.
    pub(in crate::app) fn intake_turn(&self) -> MutexGuard<'_, ()> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what a person did to a photo of this phone, or to a copy made of one: then the original's log names the copy. Of any
    /// other file, nothing.
    pub(in crate::app) fn note_event(
        &self,
        kind: EventKind,
        media: BlobHash,
        reason: Option<String>,
    ) -> Result<(), AppError> {
        let by = self.staff_id()?;
        self.store.write(|w| {
            let photo = !captures::of_media(w, media)?.is_empty();
            let copy = if photo { None } else { captures::derivative(w, media)? };
            let original = copy.as_ref().map_or(media, |copy| BlobHash(copy.of.0));
            if !photo && copy.is_none() {
                return Ok(());
            }
            let mut told = event(kind, original, self.env.clock.wall(), &by);
            (told.reason, told.derived) = (reason, copy);
            Ok(log::add(w, &told)?)
        })
    }

    /// Notes one event that the machine caused by itself, inside a transaction; copies have no log of their own.
    pub(in crate::app) fn log_event(
        &self,
        w: &Writer<'_>,
        kind: EventKind,
        media: BlobHash,
        reason: Option<String>,
    ) -> Result<(), AppError> {
        self.log_event_by(w, kind, media, reason, "")
    }

    /// Notes one event of a photo inside a transaction.
    pub(in crate::app) fn log_event_by(
        &self,
        w: &Writer<'_>,
        kind: EventKind,
        media: BlobHash,
        reason: Option<String>,
        by: &str,
    ) -> Result<(), AppError> {
        if captures::of_media(w, media)?.is_empty() {
            return Ok(());
        }
        let mut told = event(kind, media, self.env.clock.wall(), by);
        told.reason = reason;
        Ok(log::add(w, &told)?)
    }

    pub(in crate::app) fn staff_id(&self) -> Result<String, AppError> {
        let me = self.store.read(crate::store::identity::get)?;
        Ok(me.map(|me| me.staff.id.0).unwrap_or_default())
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
}

/// An event of a photo, by a person or, with an empty id, by the machine.
fn event(kind: EventKind, media: BlobHash, at: UtcMillis, by: &str) -> Event {
    Event {
        event: kind,
        media: HexSha256(media.0),
        at: at.to_string(),
        by: (!by.is_empty()).then(|| by.to_owned()),
        reason: None,
        derived: None,
    }
}
