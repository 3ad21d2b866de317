//! What the credentials say: facts of the phone's manifest and of the platform's log, no name of a person or case.

use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::evidence::Receipt;
use fushan_grid_core::wire::manifest::{Capture, Fix, HexSha256, HexSm3, Named256, SignedEntry, Source, canonical};
use serde::{Deserialize, Serialize};

use super::Place;

/// Label of the assertion that holds the [`Statement`].
pub const LABEL: &str = "fushan.grid.capture";

/// The assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Version of the form.
    pub v: u32,
    /// Digest of the phone's signed manifest; whoever has the exported folder finds it there.
    pub manifest: Named256,
    /// Digest of the key that signed it.
    pub device_key: Named256,
    /// SHA-256 of the original bytes.
    pub sha256: HexSha256,
    /// SM3 of the original bytes.
    pub sm3: HexSm3,
    /// Size of the original in bytes.
    pub bytes: u64,
    /// How the bytes came into the app.
    pub source: Source,
    /// The phone's wall clock at the capture, RFC 3339 in UTC.
    pub captured_at: String,
    /// Where, as far as it is told.
    pub place: Shown,
    /// When the platform received the manifest; absent without a receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<UtcMillis>,
    /// The manifest's number in the platform's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_index: Option<u64>,
}

/// The place of the capture, or why it is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Shown {
    /// As the phone's positioning said.
    Given(Fix),
    /// Known and left out, here and in the file's own metadata.
    Withheld,
    /// The phone had no position.
    Absent,
}

impl Statement {
    /// Version of the form written here.
    pub const VERSION: u32 = 1;

    pub(super) fn of(signed: &SignedEntry, capture: &Capture, receipt: Option<&Receipt>, place: Place) -> Self {
        Self {
            v: Self::VERSION,
            manifest: canonical::digest(&signed.manifest),
            device_key: capture.actor.device_key,
            sha256: capture.media.sha256,
            sm3: capture.media.sm3,
            bytes: capture.media.bytes,
            source: capture.media.source,
            captured_at: capture.time.wall.clone(),
            place: match (&capture.place, place) {
                (None, _) => Shown::Absent,
                (Some(_), Place::Withheld) => Shown::Withheld,
                (Some(fix), Place::Given) => Shown::Given(fix.clone()),
            },
            received_at: receipt.map(|r| r.received_at),
            log_index: receipt.map(|r| r.place.index),
        }
    }
}
