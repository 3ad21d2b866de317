//! Evidence for people outside: a case's photos with everything that speaks for them, in a folder that `sha256sum` and `openssl`
//! check, and the verification of such a folder link by link.
//!
//! `docs/evidence-verification.md` describes the folder. Nothing in it comes from a name that somebody else chose: entries are
//! numbered, files are named by us.

mod copies;
mod enrolment;
mod exported;
mod files;
mod folder;
mod gather;
mod page;
mod readme;
mod report;
mod verify;

use std::path::Path;

use serde::Serialize;

pub use exported::{Exported, exported};
pub use report::{Link, Report, Tally, Told};
pub use verify::{Known, verify};

use self::gather::Exhibit;
use super::Engine;
use super::error::AppError;
use crate::evidence;
use crate::model::blob::BlobHash;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;
use crate::store::blobs;
use crate::wire::manifest::{EventKind, Named256};

/// Verifies a time-stamp: reply of the authority, stamped bytes, trusted certificates; the time, or the code of what is wrong.
/// Handed in by the host, so that the phone carries no reader of certificates.
pub type StampCheck<'a> = &'a dyn Fn(&[u8], &[u8], &[u8]) -> Result<UtcMillis, &'static str>;

/// Verifies a key store's certificates: the chain in DER with the key's own first, the key (SubjectPublicKeyInfo), trusted roots (PEM),
/// and the time that counts; or the code of what is wrong. Handed in by the host as well.
pub type AttestationCheck<'a> = &'a dyn Fn(&[Vec<u8>], &[u8], &[u8], UtcMillis) -> Result<(), &'static str>;

/// Verifies a copy with Content Credentials: the file, the manifest it must speak of, trusted authorities (PEM); or whether it is wrong
/// or cannot be told, with the code.
pub type CredentialCheck<'a> = &'a dyn Fn(&[u8], Named256, Option<&[u8]>) -> Result<(), (Told, &'static str)>;

/// What the host checks for us.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Time-stamps.
    pub stamps: StampCheck<'a>,
    /// Certificates of key stores.
    pub attestation: AttestationCheck<'a>,
    /// Content Credentials.
    pub credentials: CredentialCheck<'a>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Entries of the chain.
    pub entries: usize,
    /// Photos, byte for byte.
    pub photos: usize,
    /// Photos whose bytes are not on this phone any more.
    pub photos_absent: usize,
    /// Files made of the photos.
    pub copies: usize,
    /// Such files that are not on this phone any more.
    pub copies_absent: usize,
}

impl Engine {
    /// Writes a case's evidence into a new folder: the entries of this phone's chain from the first to the last that speak of it,
    /// with signatures, keys, receipts, log proofs, time-stamps, original photos and the files made of them. The custody log notes
    /// each photo and each copy.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when this phone has no entry about the case, [`AppError::Evidence`] for a damaged photo,
    /// [`AppError::Io`]; a folder that is there and not empty is not touched.
    pub fn evidence_dossier(
        &self,
        record: RecordId,
        dir: &Path,
        certificates: Option<&[u8]>,
        outside: &Outside<'_>,
    ) -> Result<Written, AppError> {
        let case = self.store.read(|r| gather::case(r, record))?;
        folder::prepare(dir)?;
        let log = self.store.read(crate::store::entries::seen)?;
        folder::write(dir, &case, log.as_ref().map(|seen| &seen.key), certificates)?;
        let mut written = Written {
            entries: case.exhibits.len(),
            photos: 0,
            photos_absent: 0,
            copies: 0,
            copies_absent: 0,
        };
        let (mut thumbnails, mut sums) = (Vec::new(), String::new());
        for (number, exhibit) in (1..).zip(&case.exhibits) {
            let Some((photo, extension)) = exhibit.photo() else {
                continue;
            };
            let name = format!("photo.{extension}");
            if self.write_photo(photo, &folder::entry_dir(dir, number).join(&name))? {
                sums.push_str(&format!("{}  entries/{number:04}/{name}\n", photo.hex()));
                written.photos += 1;
                self.note_event(EventKind::Exported, photo, Some(record.to_string()))?;
            } else {
                written.photos_absent += 1;
            }
            thumbnails.push((number, self.evidence_thumbnail(photo).ok().flatten()));
        }
        let photos: Vec<BlobHash> = case
            .exhibits
            .iter()
            .filter_map(Exhibit::photo)
            .map(|(p, _)| p)
            .collect();
        let (made, gone) = self.write_copies(&photos, record, dir)?;
        (written.copies, written.copies_absent) = (made.len(), gone);
        for copy in made {
            sums.push_str(&format!("{copy}  {}\n", copies::name_of(copy)));
        }
        std::fs::write(dir.join("SHA256SUMS"), sums)?;
        let report = verify(dir, &Known::default(), outside)?;
        readme::write(dir, &report)?;
        page::write(dir, &case, &report, &thumbnails)?;
        Ok(written)
    }

    /// Writes a photo's bytes; `false` when they are gone from the vault.
    fn write_photo(&self, photo: BlobHash, path: &Path) -> Result<bool, AppError> {
        let blob = self.store.read(|r| blobs::get(r, photo).map_err(AppError::from))?;
        let Some(blob) = blob else { return Ok(false) };
        let mut original = match evidence::open(&*self.env.media, &blob.hash, &blob.key) {
            Err(evidence::EvidenceError::MissingMedia) => return Ok(false),
            other => other?,
        };
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
        std::io::copy(&mut original, &mut file).map_err(evidence::EvidenceError::from)?;
        file.sync_all()?;
        Ok(true)
    }
}
