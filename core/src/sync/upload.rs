//! How far the upload of one photo is, and how large its next chunk.

use super::pace::WISHED_MS;
use crate::model::blob::BlobHash;
use crate::wire::limits::CHUNK_BYTES;

/// A photo whose upload is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobTask {
    /// Digest.
    pub hash: BlobHash,
    /// Size in bytes.
    pub bytes: u64,
    /// Number of its lane.
    pub lane: u8,
}

/// The upload in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The photo.
    pub task: BlobTask,
    /// Bytes the platform has confirmed.
    pub offset: u64,
    /// Repairs of the offset, and new beginnings, so far.
    pub(super) repairs: u32,
    /// Whether the platform has once found another digest at the end.
    pub(super) mismatched: bool,
}

/// Bounds of a chunk. The least is what a link of 20 kbit/s carries in the time that a request shall take; the first chunk of a run knows nothing of the link and is as small.
const SMALLEST: u64 = 12 * 1024;
pub(super) const FIRST_CHUNK: u64 = SMALLEST;

impl Upload {
    pub(super) fn of(task: BlobTask) -> Self {
        Self {
            task,
            offset: 0,
            repairs: 0,
            mismatched: false,
        }
    }

    /// Bytes of the next chunk.
    pub(super) fn next_len(&self, chunk: u64) -> u64 {
        chunk.min(self.task.bytes.saturating_sub(self.offset))
    }
}

/// The chunk size that follows a chunk of `len` bytes which took `took_ms`.
pub(super) fn adapted(chunk: u64, len: u64, took_ms: u64) -> u64 {
    let per_wish = len.saturating_mul(WISHED_MS) / took_ms.max(1);
    // at most four times at once: one quick chunk proves little
    per_wish
        .min(chunk.saturating_mul(4))
        .clamp(SMALLEST, CHUNK_BYTES as u64)
}
