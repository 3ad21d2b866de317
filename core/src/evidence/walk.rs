//! Looks at a picture's structure while its bytes stream by: size in pixels, and whether the file is whole.

use super::format::PictureFormat;
use super::jpeg_walk::JpegWalk;

/// A walk over one picture.
#[derive(Debug)]
pub(super) enum Walk {
    Jpeg(JpegWalk),
    Png(ChunkWalk),
    Heic(ChunkWalk),
}

impl Walk {
    pub(super) fn new(format: PictureFormat) -> Self {
        match format {
            PictureFormat::Jpeg => Self::Jpeg(JpegWalk::new()),
            PictureFormat::Png => Self::Png(ChunkWalk::new(8)),
            PictureFormat::Heic => Self::Heic(ChunkWalk::new(0)),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Jpeg(walk) => walk.push(bytes),
            Self::Png(walk) => walk.push(bytes, png_header),
            Self::Heic(walk) => walk.push(bytes, box_header),
        }
    }

    /// Width and height, when the format tells them here.
    pub(super) fn size(&self) -> Option<(u32, u32)> {
        match self {
            Self::Jpeg(walk) => walk.size(),
            Self::Png(walk) => walk.size,
            Self::Heic(_) => None,
        }
    }

    /// Scans of compressed data so far, of a JPEG.
    pub(super) fn scans(&self) -> u32 {
        match self {
            Self::Jpeg(walk) => walk.scans(),
            _ => 0,
        }
    }

    /// Whether the picture's end was reached.
    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::Jpeg(walk) => walk.is_complete(),
            Self::Png(walk) => walk.ended && walk.skip == 0,
            Self::Heic(walk) => walk.ended || (walk.skip == 0 && walk.header.is_empty()),
        }
    }

    /// Whether the format states its size where this walk looks.
    pub(super) fn tells_size(&self) -> bool {
        !matches!(self, Self::Heic(_))
    }
}

/// What a chunk's header says.
enum Chunk {
    /// More header bytes are wanted, this many in all.
    More(usize),
    /// Skip this many bytes.
    Body(u64),
    /// Skip this many bytes; it is the last chunk.
    Last(u64),
    /// The first chunk tells the size and goes on.
    Size(u32, u32, u64),
}

/// Walks over chunks with a length in front: PNG chunks, ISO boxes.
#[derive(Debug)]
pub(super) struct ChunkWalk {
    header: Vec<u8>,
    want: usize,
    skip: u64,
    ended: bool,
    size: Option<(u32, u32)>,
}

/// Bytes of a chunk's header: length and type.
const HEADER: usize = 8;

impl ChunkWalk {
    fn new(signature: u64) -> Self {
        Self {
            header: Vec::new(),
            want: HEADER,
            skip: signature,
            ended: false,
            size: None,
        }
    }

    fn push(&mut self, bytes: &[u8], read: fn(&[u8]) -> Chunk) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.skip > 0 {
                let take = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rest.len());
                self.skip = self.skip.saturating_sub(u64::try_from(take).unwrap_or(u64::MAX));
                rest = rest.get(take..).unwrap_or(&[]);
            } else if self.ended {
                return;
            } else {
                rest = self.collect(rest, read);
            }
        }
    }

    fn collect<'a>(&mut self, rest: &'a [u8], read: fn(&[u8]) -> Chunk) -> &'a [u8] {
        let take = self.want.saturating_sub(self.header.len()).min(rest.len());
        let (part, after) = rest.split_at_checked(take).unwrap_or((rest, &[]));
        self.header.extend_from_slice(part);
        if self.header.len() < self.want {
            return after;
        }
        match read(&self.header) {
            Chunk::More(want) if want > self.want => {
                self.want = want;
                return after;
            }
            Chunk::More(_) => self.ended = false,
            Chunk::Body(skip) => self.skip = skip,
            Chunk::Last(skip) => (self.skip, self.ended) = (skip, true),
            Chunk::Size(width, height, skip) => {
                self.size = self.size.or((width > 0 && height > 0).then_some((width, height)));
                self.skip = skip;
            }
        }
        self.header.clear();
        self.want = HEADER;
        after
    }
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    let four = bytes
        .get(at..at.saturating_add(4))
        .and_then(|b| <[u8; 4]>::try_from(b).ok());
    u32::from_be_bytes(four.unwrap_or_default())
}

/// Length, type, then the data and four bytes of checksum.
fn png_header(header: &[u8]) -> Chunk {
    let body = u64::from(be32(header, 0)).saturating_add(4);
    match (header.get(4..8), header.len()) {
        (Some(b"IHDR"), HEADER) => Chunk::More(16),
        (Some(b"IHDR"), _) => Chunk::Size(be32(header, 8), be32(header, 12), body.saturating_sub(8)),
        (Some(b"IEND"), _) => Chunk::Last(body),
        _ => Chunk::Body(body),
    }
}

/// Size with its own header, type; size 1 puts a 64-bit size behind, size 0 means up to the end.
fn box_header(header: &[u8]) -> Chunk {
    match (be32(header, 0), header.len()) {
        (0, _) => Chunk::Last(0),
        (1, HEADER) => Chunk::More(16),
        (1, _) => {
            let size = u64::from(be32(header, 8)) << 32 | u64::from(be32(header, 12));
            Chunk::Body(size.saturating_sub(16))
        }
        (size, _) => Chunk::Body(u64::from(size).saturating_sub(8)),
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
