//! What happens to a photo later: shown, redacted into a new file, kept until a date, its bytes deleted.

use serde::Serialize;
use serde_json::Value;

use super::event;
use super::take::{derived, new_blob};
use crate::app::Engine;
use crate::app::error::AppError;
use crate::evidence::derive::{self, Area, REDACTED};
use crate::evidence::{EvidenceError, Intake, decode};
use crate::model::blob::BlobHash;
use crate::model::op::Lane;
use crate::model::time::UtcMillis;
use crate::rules::proof;
use crate::store::blobs::{self, Blob};
use crate::store::{captures, custody as log, entries, identity};
use crate::wire::manifest::{Derived, Event, EventKind, Named256, canonical};

/// A photo with everything this phone knows about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// Its manifests, the first being that of its intake; more when it was attached more than once.
    pub manifests: Vec<ShownManifest>,
    /// Files made of it.
    pub derived: Vec<Derived>,
    /// Whether its bytes are still on this phone.
    pub bytes_here: bool,
    /// Whether the platform has stored them.
    pub stored: bool,
}

/// One manifest and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownManifest {
    /// Digest of its text.
    pub digest: Named256,
    /// What it says.
    pub manifest: Value,
    /// `ok`, or the code of what does not hold about its signature.
    pub signature: &'static str,
    /// `due`, `kept` by the platform, or `refused` by it.
    pub state: String,
    /// What the platform found amiss.
    pub findings: Vec<String>,
    /// The platform's receipt.
    pub receipt: Option<Value>,
}

/// One event of the custody log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logged {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// Whether an entry of the chain has sealed it.
    pub sealed: bool,
}

/// What this phone has sent and seen of the platform's log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogState {
    /// Entries that wait for the platform.
    pub due: u64,
    /// Entries that the platform refused.
    pub refused: u64,
    /// Size of the log as last seen; none before the first look.
    pub size: Option<u64>,
    /// What the log was caught at, by code: a past rewritten, another key.
    pub alarm: Option<String>,
}

impl Engine {
    /// What this phone has sent and seen of the platform's log.
    ///
    /// # Errors
    /// Those of the store.
    pub fn evidence_log_state(&self) -> Result<LogState, AppError> {
        self.store.read(|r| {
            let (due, refused) = entries::counts(r)?;
            Ok(LogState {
                due,
                refused,
                size: entries::seen(r)?.map(|seen| seen.size),
                alarm: entries::alarm(r)?.map(|(code, _)| code),
            })
        })
    }

    /// Everything this phone knows about a photo. It does not count as looking at the photo itself.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn evidence_show(&self, media: BlobHash) -> Result<Shown, AppError> {
        self.store.read(|r| {
            let mut manifests = Vec::new();
            for digest in captures::manifests(r, media)? {
                manifests.extend(entries::get(r, digest)?.map(shown));
            }
            if manifests.is_empty() {
                return Err(AppError::NotFound);
            }
            let blob = blobs::get(r, media)?;
            Ok(Shown {
                manifests,
                derived: captures::derived_of(r, media)?,
                bytes_here: blob.is_some(),
                stored: blob.is_none_or(|b| b.stored),
            })
        })
    }

    /// The custody log of a photo.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a photo that this phone has never had.
    pub fn evidence_log(&self, media: BlobHash) -> Result<Vec<Logged>, AppError> {
        let found = self.store.read(|r| log::of_media(r, media))?;
        if found.is_empty() {
            return Err(AppError::NotFound);
        }
        let logged = |(sealed, event)| Logged { event, sealed };
        Ok(found.into_iter().map(logged).collect())
    }

    /// Makes a copy in which areas are black, as a new file of the vault that is uploaded too. The original stays.
    ///
    /// # Errors
    /// [`AppError::Evidence`]: an area outside the picture, or a picture that cannot be decoded here.
    pub fn evidence_redact(&self, media: BlobHash, areas: &[Area], reason: &str) -> Result<Derived, AppError> {
        let _turn = self.intake_turn();
        let blob = self.blob_of(media)?;
        let open = || -> Result<Box<dyn std::io::Read>, EvidenceError> {
            Ok(Box::new(crate::evidence::open(
                &*self.env.media,
                &blob.hash,
                &blob.key,
            )?))
        };
        let made = derive::redacted(&decode::decode(&open, REDACTED)?, areas)?;
        let intake = self.put_in_vault(made.jpeg.as_slice())?;
        let derived = derived(media, &intake, &made);
        self.keep_derived(&blob, &intake, &derived, reason)?;
        Ok(derived)
    }

    fn keep_derived(&self, blob: &Blob, intake: &Intake, derived: &Derived, reason: &str) -> Result<(), AppError> {
        let by = self.staff_id()?;
        self.store.write(|w| {
            blobs::insert(w, &new_blob(intake, Lane::P3, None, blob.record))?;
            captures::insert_derived(w, derived)?;
            let mut told = event(EventKind::Redacted, blob.hash, self.env.clock.wall(), &by);
            (told.reason, told.derived) = (short(reason), Some(derived.clone()));
            Ok(log::add(w, &told)?)
        })
    }

    /// Says until when a photo must be kept; before, its bytes are not deleted.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn evidence_retain(&self, media: BlobHash, until: UtcMillis) -> Result<(), AppError> {
        self.evidence_log(media)?;
        self.note_event(EventKind::RetainedUntil, media, Some(until.to_string()))
    }

    /// Deletes the bytes of a photo and of the files made of it from this phone. Digest, manifest and custody log stay, so
    /// the chain stays whole.
    ///
    /// # Errors
    /// [`AppError::NotStored`] while the platform does not have the bytes, [`AppError::Retained`] before the date they
    /// must be kept until; nothing is deleted then.
    pub fn evidence_delete(&self, media: BlobHash, reason: &str) -> Result<(), AppError> {
        let _turn = self.intake_turn();
        let by = self.staff_id()?;
        let now = self.env.clock.wall();
        let gone = self.store.write(|w| {
            let mut files = vec![media];
            files.extend(captures::derived_of(w, media)?.iter().map(|d| BlobHash(d.sha256.0)));
            let found: Vec<Blob> = files
                .iter()
                .filter_map(|hash| blobs::get(w, *hash).transpose())
                .collect::<Result<_, _>>()?;
            if !found.iter().any(|blob| blob.hash == media) {
                return Err(AppError::NotFound);
            }
            if found.iter().any(|blob| !blob.stored) {
                return Err(AppError::NotStored);
            }
            // the platform's clock decides, as last seen: this phone's own may be set
            let seen = identity::server_seen(w)?.map(|seen| seen.time).unwrap_or_default();
            if kept_until(&log::of_media(w, media)?).is_some_and(|until| seen < until) {
                return Err(AppError::Retained);
            }
            let mut told = event(EventKind::Deleted, media, now, &by);
            told.reason = short(reason);
            log::add(w, &told)?;
            for blob in &found {
                blobs::delete(w, blob.hash)?;
            }
            Ok(found)
        })?;
        // the keys are gone with the rows: killed here, what stays in the vault opens for nobody
        for blob in gone {
            self.env.media.remove(&blob.hash.hex()).map_err(EvidenceError::from)?;
        }
        Ok(())
    }
}

fn short(reason: &str) -> Option<String> {
    Some(canonical::plain(reason, 200)).filter(|r| !r.is_empty())
}

/// The last date that was said.
fn kept_until(events: &[(bool, Event)]) -> Option<UtcMillis> {
    let said = events.iter().rev().find(|(_, e)| e.event == EventKind::RetainedUntil)?;
    UtcMillis::parse_rfc3339(said.1.reason.as_deref()?)
}

fn shown(kept: entries::Kept) -> ShownManifest {
    use crate::model::fault::Coded as _;
    ShownManifest {
        digest: kept.digest,
        manifest: serde_json::from_str(&kept.signed.manifest).unwrap_or_default(),
        signature: proof::verify(&kept.signed).map_or_else(|e| e.fault().code, |()| "ok"),
        state: kept.state,
        findings: kept.findings,
        receipt: kept.receipt,
    }
}
