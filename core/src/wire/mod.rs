//! The wire: serde shapes of the protocol between phone and district platform (`docs/sync-protocol.md`).
//!
//! Every reply of the platform carries one of our two media types. A reply without them comes from a captive portal
//! or a proxy and is retried, never believed.

pub mod blobs;
pub mod digest;
pub mod enrol;
pub mod evidence;
pub mod fault;
pub mod forms;
pub mod log;
pub mod manifest;
pub mod pull;
pub mod push;
#[cfg(feature = "openapi")]
mod schemas;
pub mod scopes;
pub mod signed;

/// Media type of a JSON message.
pub const JSON: &str = "application/vnd.fushan.v1+json";
/// Media type of a stream of JSON lines.
pub const NDJSON: &str = "application/vnd.fushan.v1+ndjson";
/// Media type of a snapshot: zstd over JSON lines.
pub const ZSTD: &str = "application/vnd.fushan.v1+zstd";
/// Media type of a photo's bytes, whatever they are: who asked knows them by their digest.
pub const BYTES: &str = "application/vnd.fushan.v1+bytes";
/// Version of the protocol spoken here.
pub const PROTOCOL: u32 = 1;

/// Upper bounds that both sides keep.
pub mod limits {
    /// Operations in one push.
    pub const OPS_PER_PUSH: usize = 200;
    /// Bytes of one push body.
    pub const PUSH_BYTES: usize = 2 * 1024 * 1024;
    /// Decoded bytes of one pull reply.
    pub const PULL_BYTES: usize = 8 * 1024 * 1024;
    /// Bytes of one record's body as JSON.
    pub const BODY_BYTES: usize = 256 * 1024;
    /// Evidence entries in one message.
    pub const ENTRIES_PER_MESSAGE: usize = 100;
    /// Bytes of one file.
    pub const BLOB_BYTES: u64 = 64 * 1024 * 1024;
    /// Bytes of one part of a snapshot.
    pub const SNAPSHOT_PART_BYTES: u64 = 1024 * 1024;
    /// Ids of one fetch.
    pub const FETCH_IDS: usize = 1_000;
    /// Operations of one handing over.
    pub const HANDED_OVER: usize = 100;
    /// Bytes of one upload chunk.
    pub const CHUNK_BYTES: usize = 1024 * 1024;
    /// Nesting of a JSON body.
    pub const BODY_DEPTH: usize = 32;
}
