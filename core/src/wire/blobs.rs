//! Photos: asked for by digest, uploaded by offset (tus 1.0 core), fetched by digest.
//!
//! `POST /v1/uploads` makes an upload (`Upload-Length`, `Repr-Digest`, `Upload-Metadata: media_type …`), `HEAD` tells its
//! offset, `PATCH` adds bytes at an offset. A 409 carries the current offset in `Upload-Offset`.

use serde::{Deserialize, Serialize};

use crate::model::blob::BlobHash;

/// `POST /v1/blobs/probe`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProbeRequest {
    /// Digests asked about, at most 100.
    pub blobs: Vec<ProbeItem>,
}

/// One digest asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProbeItem {
    /// Digest.
    pub sha256: BlobHash,
    /// Size in bytes.
    pub bytes: u64,
}

/// Answer to [`ProbeRequest`], in its order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ProbeReply {
    /// One answer for each.
    pub blobs: Vec<ProbeAnswer>,
}

/// What the platform holds of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ProbeAnswer {
    /// Digest.
    pub sha256: BlobHash,
    /// State.
    #[serde(flatten)]
    pub state: BlobState,
}

/// State of a file on the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BlobState {
    /// Stored, digest checked.
    Stored,
    /// An upload of this phone is open.
    Partial {
        /// Path of the upload, below our own origin.
        upload: String,
        /// Bytes held.
        offset: u64,
    },
    /// Not held, or not known to this caller.
    Missing,
}
