//! What the app knows when a photo is taken: for what, where, by which clocks, from which source.

use crate::model::blob::BlobHash;
use crate::model::time::UtcMillis;
use crate::wire::manifest::{Fix, Named256, Origin, Source};

/// The circumstances of one capture. What is not known is absent, and the checks say so.
#[derive(Debug, Clone, PartialEq)]
pub struct CaptureContext {
    /// What the photo shows: `near`, `far`, `before`, `after`, …
    pub role: String,
    /// Step of the case.
    pub step: Option<String>,
    /// Digest of the checklist in force.
    pub form: Option<Named256>,
    /// Item of the checklist.
    pub item: Option<String>,
    /// How the bytes came.
    pub source: Source,
    /// Whether the item allows a photo that the app's camera has not taken.
    pub gallery_allowed: bool,
    /// Digest that the camera's own pipeline computed: other bytes are refused.
    pub camera_sha256: Option<BlobHash>,
    /// The position fix.
    pub fix: Option<Fix>,
    /// Time of the satellites.
    pub gnss: Option<UtcMillis>,
    /// App, system, model.
    pub origin: Origin,
    /// Make an upload-sized copy too.
    pub copy: Copy,
}

/// Whether an upload-sized copy is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    /// None.
    None,
    /// Without a stamp.
    Plain,
    /// With place, time and case written over its foot.
    Stamped,
}

impl CaptureContext {
    /// A file of any origin, with nothing else known about it.
    #[must_use]
    pub fn of_role(role: &str) -> Self {
        Self {
            role: role.to_owned(),
            step: None,
            form: None,
            item: None,
            source: Source::Import,
            gallery_allowed: true,
            camera_sha256: None,
            fix: None,
            gnss: None,
            origin: Origin::default(),
            copy: Copy::None,
        }
    }
}
