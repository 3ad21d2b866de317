//! Evidence after its intake: what is known of it, who looked, what leaves the phone, how long it stays.

use std::path::PathBuf;

use fushan_grid_core::app::dossier::{Outside, Told};
use fushan_grid_core::evidence::derive::Area;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::time::UtcMillis;

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{
    CustodyEvent, Dossier, EvidenceStatus, PhotoStatus, PictureArea, VerifiedPhoto, id, maybe_id, record_id, word,
};
use crate::work::off_thread;

/// A phone carries no reader of certificates: who checks the folder judges them.
const UNJUDGED: Outside<'static> = Outside {
    stamps: &|_, _, _| Err("tsa_certificates_missing"),
    attestation: &|_, _, _, _| Err("attestation_roots_missing"),
    credentials: &|_, _, _| Err((Told::Absent, "c2pa_not_checked")),
};

#[uniffi::export(async_runtime = "tokio")]
impl Engine {
    /// What this phone knows of a photo.
    pub fn photo_status(&self, sha256: String) -> Result<PhotoStatus, GridError> {
        Ok(self.core()?.evidence_show(id(&sha256)?)?.into())
    }

    /// The custody log of a photo: who looked, what was made of it, what left the phone.
    pub fn photo_log(&self, sha256: String) -> Result<Vec<CustodyEvent>, GridError> {
        let log = self.core()?.evidence_log(id(&sha256)?)?;
        Ok(log.into_iter().map(CustodyEvent::from).collect())
    }

    /// Makes a copy in which areas are black. The original stays. Gives the copy's digest.
    pub async fn photo_redact(
        &self,
        sha256: String,
        areas: Vec<PictureArea>,
        reason: String,
    ) -> Result<String, GridError> {
        let (core, media) = (self.core()?, id::<BlobHash>(&sha256)?);
        let areas: Vec<Area> = areas.into_iter().map(Area::from).collect();
        let made = off_thread(move || Ok(core.evidence_redact(media, &areas, &reason)?)).await?;
        Ok(word(&made.sha256))
    }

    /// Keeps a photo on this phone at least until a moment, in UTC milliseconds, whatever the district's rule.
    pub fn photo_retain(&self, sha256: String, until_ms: i64) -> Result<(), GridError> {
        Ok(self.core()?.evidence_retain(id(&sha256)?, UtcMillis(until_ms))?)
    }

    /// Deletes a photo's bytes from this phone; manifest and log stay. Only when the platform has them and nothing retains them.
    pub fn photo_delete(&self, sha256: String, reason: String) -> Result<(), GridError> {
        Ok(self.core()?.evidence_delete(id(&sha256)?, &reason)?)
    }

    /// Decrypts photos and compares their digests: those of a record, or all of this phone, which takes a while.
    #[uniffi::method(default(record = None))]
    pub async fn photos_verify(&self, record: Option<String>) -> Result<Vec<VerifiedPhoto>, GridError> {
        let (core, record) = (self.core()?, maybe_id(record)?);
        let checked = off_thread(move || Ok(core.evidence_verify(record)?)).await?;
        Ok(checked.into_iter().map(VerifiedPhoto::from).collect())
    }

    /// Writes a record's photos into a folder, byte for byte, with a list that `sha256sum -c SHA256SUMS` checks. Gives the names of
    /// the files.
    pub async fn photos_export(&self, record: String, dir: String) -> Result<Vec<String>, GridError> {
        let (core, record) = (self.core()?, record_id(&record)?);
        off_thread(move || Ok(core.evidence_export(record, &PathBuf::from(dir))?)).await
    }

    /// Writes a case's evidence into a new folder, for people outside: photos, signatures, receipts, proofs. Time-stamps and
    /// certificates are written and not judged here; a phone carries no reader of certificates.
    pub async fn dossier_write(&self, record: String, dir: String) -> Result<Dossier, GridError> {
        let (core, record) = (self.core()?, record_id(&record)?);
        let write = move || {
            Ok(core
                .evidence_dossier(record, &PathBuf::from(dir), None, &UNJUDGED)?
                .into())
        };
        off_thread(write).await
    }

    /// How this phone's evidence stands towards the platform's log.
    pub fn evidence_status(&self) -> Result<EvidenceStatus, GridError> {
        Ok(self.core()?.evidence_log_state()?.into())
    }

    /// Says that this installation follows another one whose data are gone: the next chain of evidence begins as such. The app
    /// knows by a signing key that was there before the database was made.
    pub fn evidence_reinstalled(&self) -> Result<(), GridError> {
        Ok(self.core()?.evidence_reinstalled()?)
    }

    /// Changes the signing key: an entry signed by the old key names the new one. Gives the new key's digest.
    #[uniffi::method(default(reason = None))]
    pub async fn evidence_rotate_key(&self, reason: Option<String>) -> Result<String, GridError> {
        let core = self.core()?;
        let digest = off_thread(move || Ok(core.evidence_rotate_key(reason.as_deref())?)).await?;
        Ok(word(&digest))
    }
}
