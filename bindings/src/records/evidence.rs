//! Photos as evidence: their circumstances, what intake said, what is known of them later.

use fushan_grid_core::app::dossier;
use fushan_grid_core::app::evidence::{self as app, CaptureContext};
use fushan_grid_core::evidence::derive::Area;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::manifest;

use super::basics::{Fix, json, maybe_id};
use super::incident::word;
use crate::error::GridError;

/// How the bytes of a photo came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PhotoSource {
    /// The app's own camera view.
    AppCamera,
    /// Picked from the phone's gallery.
    Gallery,
    /// A file of another origin.
    Import,
}

/// An upload-sized copy made beside the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum UploadCopy {
    /// Without a stamp.
    Plain,
    /// With place, time and case written over its foot.
    Stamped,
}

/// The circumstances of one photo. What is not known is left out, and the checks say so.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PhotoContext {
    /// What it shows: `near`, `far`, `before`, `after`, …
    pub role: String,
    /// How the bytes came.
    pub source: PhotoSource,
    /// Step of the case, such as `dispose`.
    #[uniffi(default = None)]
    pub step: Option<String>,
    /// Item of the checklist.
    #[uniffi(default = None)]
    pub item: Option<String>,
    /// Whether the item allows a photo that the app's camera has not taken.
    #[uniffi(default = true)]
    pub gallery_allowed: bool,
    /// Digest that the camera's own pipeline computed, 64 hexadecimal digits: other bytes are refused.
    #[uniffi(default = None)]
    pub camera_sha256: Option<String>,
    /// Where it was taken. Absent: what the host's location source tells, for the app's camera; nothing for other files.
    #[uniffi(default = None)]
    pub fix: Option<Fix>,
    /// App and build.
    #[uniffi(default = "")]
    pub app: String,
    /// Operating system and version.
    #[uniffi(default = "")]
    pub os: String,
    /// Model of the phone.
    #[uniffi(default = "")]
    pub model: String,
    /// What the system told about itself, such as `dev_options_off`.
    #[uniffi(default = [])]
    pub signals: Vec<String>,
    /// An upload-sized copy beside the original; none when absent.
    #[uniffi(default = None)]
    pub copy: Option<UploadCopy>,
}

/// A photo that was taken in and attached.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TakenPhoto {
    /// Digest of the original, `sha256:` and 64 digits: its only name.
    pub sha256: String,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// Media type by content.
    pub media_type: String,
    /// Digest of the thumbnail; none when the picture cannot be decoded here.
    pub thumbnail: Option<String>,
    /// Digest of the upload-sized copy, when one was asked for.
    pub copy: Option<String>,
    /// Digest of the signed manifest.
    pub manifest: String,
    /// The worst verdict of the checks: `ok`, `absent`, `warn`, `flag`. None of them blocks.
    pub verdict: String,
    /// What the checks said.
    pub checks: Vec<PhotoCheck>,
}

/// What one intake check said.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PhotoCheck {
    /// Which check.
    pub id: String,
    /// What was measured; empty when nothing could be.
    pub score: String,
    /// `ok`, `absent`, `warn`, `flag`.
    pub verdict: String,
    /// Why, as a code; empty for `ok`.
    pub reason: String,
}

/// What this phone knows of a photo.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PhotoStatus {
    /// Whether its bytes are still on this phone.
    pub here: bool,
    /// Whether the platform has stored them.
    pub stored: bool,
    /// Manifests, signatures, receipts and derived files as a JSON object.
    pub shown_json: String,
}

/// One event of a photo's custody log.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CustodyEvent {
    /// What happened, such as `viewed`, `exported`.
    pub event: String,
    /// When, RFC 3339.
    pub at: String,
    /// Pseudonymous id of who did it; none for what the engine did by itself.
    pub by: Option<String>,
    /// Why, when a reason was given.
    pub reason: Option<String>,
    /// Whether an entry of the evidence chain has sealed it.
    pub sealed: bool,
}

/// Whether a photo's bytes are what its name says.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VerifiedPhoto {
    /// The photo.
    pub sha256: String,
    /// `intact`, `missing`, `changed`, `on_platform`.
    pub verdict: String,
}

/// What was written for people outside.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Dossier {
    /// Entries of the chain.
    pub entries: u64,
    /// Photos, byte for byte.
    pub photos: u64,
    /// Photos whose bytes are not on this phone any more.
    pub photos_absent: u64,
    /// Files made of the photos, such as redacted copies.
    pub copies: u64,
    /// Such files that are not on this phone any more.
    pub copies_absent: u64,
}

/// How this phone's evidence stands.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct EvidenceStatus {
    /// Entries that wait for the platform.
    pub due: u64,
    /// Entries that the platform refused.
    pub refused: u64,
    /// Size of the platform's log as last seen.
    pub log_size: Option<u64>,
    /// What the platform's log was caught at, by code; none when it keeps its word.
    pub alarm: Option<String>,
}

/// An area of a picture, in pixels of the upright original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct PictureArea {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl PhotoContext {
    /// As the engine takes it; `here` is asked for the app's camera when there is no reading.
    pub(crate) fn read(self, here: impl FnOnce() -> Option<Fix>) -> Result<CaptureContext, GridError> {
        let fix = match (self.fix, self.source) {
            (Some(fix), _) => Some(fix),
            (None, PhotoSource::AppCamera) => here(),
            (None, _) => None,
        };
        Ok(CaptureContext {
            role: self.role,
            step: self.step,
            form: None,
            item: self.item,
            source: self.source.into(),
            gallery_allowed: self.gallery_allowed,
            camera_sha256: maybe_id::<BlobHash>(self.camera_sha256)?,
            gnss: fix.as_ref().and_then(|fix| fix.gnss_ms).map(UtcMillis),
            fix: fix.map(|fix| fix.in_manifest()),
            origin: manifest::Origin {
                app: self.app,
                os: self.os,
                model: self.model,
                signals: self.signals,
            },
            copy: match self.copy {
                None => app::Copy::None,
                Some(UploadCopy::Plain) => app::Copy::Plain,
                Some(UploadCopy::Stamped) => app::Copy::Stamped,
            },
        })
    }
}

impl From<PhotoSource> for manifest::Source {
    fn from(source: PhotoSource) -> Self {
        match source {
            PhotoSource::AppCamera => Self::AppCamera,
            PhotoSource::Gallery => Self::Gallery,
            PhotoSource::Import => Self::Import,
        }
    }
}

impl From<app::Attached> for TakenPhoto {
    fn from(photo: app::Attached) -> Self {
        Self {
            sha256: photo.sha256.to_string(),
            bytes: photo.bytes,
            media_type: photo.media_type,
            thumbnail: photo.thumbnail.map(|hash| hash.to_string()),
            copy: photo.copy.map(|hash| hash.to_string()),
            manifest: word(&photo.manifest),
            verdict: word(&photo.verdict),
            checks: photo.checks.into_iter().map(PhotoCheck::from).collect(),
        }
    }
}

impl From<manifest::Check> for PhotoCheck {
    fn from(check: manifest::Check) -> Self {
        Self {
            id: check.id,
            score: check.score,
            verdict: word(&check.verdict),
            reason: check.reason,
        }
    }
}

impl From<app::Shown> for PhotoStatus {
    fn from(shown: app::Shown) -> Self {
        Self {
            here: shown.bytes_here,
            stored: shown.stored,
            shown_json: json(&shown),
        }
    }
}

impl From<app::Logged> for CustodyEvent {
    fn from(logged: app::Logged) -> Self {
        Self {
            event: word(&logged.event.event),
            at: logged.event.at,
            by: logged.event.by,
            reason: logged.event.reason,
            sealed: logged.sealed,
        }
    }
}

impl From<app::Checked> for VerifiedPhoto {
    fn from(checked: app::Checked) -> Self {
        Self {
            sha256: checked.sha256.to_string(),
            verdict: word(&checked.verdict),
        }
    }
}

impl From<dossier::Written> for Dossier {
    fn from(written: dossier::Written) -> Self {
        Self {
            entries: written.entries as u64,
            photos: written.photos as u64,
            photos_absent: written.photos_absent as u64,
            copies: written.copies as u64,
            copies_absent: written.copies_absent as u64,
        }
    }
}

impl From<app::LogState> for EvidenceStatus {
    fn from(state: app::LogState) -> Self {
        Self {
            due: state.due,
            refused: state.refused,
            log_size: state.size,
            alarm: state.alarm,
        }
    }
}

impl From<PictureArea> for Area {
    fn from(area: PictureArea) -> Self {
        Self {
            x: area.x,
            y: area.y,
            w: area.width,
            h: area.height,
        }
    }
}
