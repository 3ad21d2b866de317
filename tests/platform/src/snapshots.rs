//! Files that new phones are filled from: one immutable file for each state of a scope that was asked for. They lie where the
//! photos lie, so that a phone may ask one process of the platform for the file and another for its bytes.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use axum::body::Bytes;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::{Record, Scope};
use fushan_grid_core::wire::digest::{Sum, canonical, hash_of};
use fushan_grid_core::wire::scopes::SnapshotReply;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::Platform;
use crate::blobs::BlobError;
use crate::http::Fault;
use crate::store::{self, StoreError, Stored};

/// A scope with fewer records is quicker by the feed.
const LEAST: i64 = 2_000;
/// A file is used until the scope has moved on by so many changes, or by a tenth of its records.
const STALE: i64 = 1_000;
/// Records read at once.
const PAGE: u32 = 2_000;
/// Level of compression: what zstd itself takes.
const LEVEL: i32 = 3;

/// Longest note of a file.
const NOTE_BYTES: u64 = 4096;

#[derive(Serialize)]
struct Line<'a> {
    id: RecordId,
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    grid: &'a str,
    rev: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    state: &'a str,
    body: Box<RawValue>,
}

impl<'a> Line<'a> {
    fn of(record: &'a Record) -> Stored<Self> {
        Ok(Self {
            id: record.id,
            kind: &record.kind.0,
            grid: record.grid.as_ref().map_or("", |g| g.as_str()),
            rev: record.rev,
            state: &record.state,
            body: RawValue::from_string(canonical(&record.body))?,
        })
    }
}

/// Files of a scope that are kept: the newest, and the one before it, which a phone may be in the middle of.
const KEPT: usize = 2;

/// The file of a scope, built when there is none that is fresh enough; nothing for a small scope.
pub(crate) fn of(platform: &Platform, scope: &Scope) -> Result<Option<SnapshotReply>, Fault> {
    let head = store::read(&*platform.store, |tx| tx.head(scope))?;
    if head.count < LEAST {
        return Ok(None);
    }
    let fresh = |file: &SnapshotReply| {
        file.epoch == head.epoch && file.seq <= head.seq && head.seq - file.seq <= STALE.max(head.count / 10)
    };
    if let Some(file) = kept(platform, scope)?.filter(fresh)
        && part(platform, scope, &file.sha256.hex(), 0, 1)?.is_some()
    {
        return Ok(Some(file));
    }
    build(platform, scope).map(Some)
}

/// Some bytes of a scope's file, and its size; nothing when the scope has no such file.
pub(crate) fn part(
    platform: &Platform,
    scope: &Scope,
    sha256: &str,
    start: u64,
    most: u64,
) -> Result<Option<(Bytes, u64)>, BlobError> {
    match platform.blobs.part(&file_name(scope, sha256), start, most) {
        Ok(part) => Ok(Some(part)),
        Err(BlobError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What was told last of a scope's file, by any process of this platform.
fn kept(platform: &Platform, scope: &Scope) -> Result<Option<SnapshotReply>, BlobError> {
    match platform.blobs.part(&note_name(scope), 0, NOTE_BYTES) {
        Ok((bytes, _)) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(BlobError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The scope is part of a file's name, so that who does not hold the scope cannot name the file.
fn file_name(scope: &Scope, sha256: &str) -> String {
    format!("{}{sha256}.zst", prefix(scope))
}

fn prefix(scope: &Scope) -> String {
    format!("snapshots/{}-", name_of(scope))
}

/// Where it is noted which file of a scope is the newest.
fn note_name(scope: &Scope) -> String {
    format!("snapshots/{}.json", name_of(scope))
}

fn name_of(scope: &Scope) -> String {
    let digest: [u8; 32] = Sha256::digest(&scope.0).into();
    BlobHash(digest).hex().chars().take(16).collect()
}

fn build(platform: &Platform, scope: &Scope) -> Result<SnapshotReply, Fault> {
    let (told, mut file) = store::read(&*platform.store, |tx| {
        let head = tx.head(scope)?;
        let mut out = zstd::stream::write::Encoder::new(Hashing::create()?, LEVEL)?;
        let (mut count, mut digest, mut after) = (0, Sum::default(), None);
        loop {
            let page = tx.present(scope, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for record in &page {
                digest.add(hash_of(record));
                count += 1;
                serde_json::to_writer(&mut out, &Line::of(record)?)?;
                out.write_all(b"\n")?;
            }
        }
        let (file, sha256, bytes) = out.finish()?.finish()?;
        let told = SnapshotReply {
            path: format!("/v1/snapshots/{}", sha256.hex()),
            sha256,
            bytes,
            epoch: head.epoch,
            seq: head.seq,
            count,
            digest,
        };
        Ok((told, file))
    })?;
    file.seek(SeekFrom::Start(0))?;
    platform.blobs.put(&file_name(scope, &told.sha256.hex()), &mut file)?;
    let note = serde_json::to_vec(&told).map_err(StoreError::from)?;
    platform.blobs.put(&note_name(scope), &mut note.as_slice())?;
    platform.blobs.thin_out(&prefix(scope), KEPT)?;
    Ok(told)
}

/// Writes a file without a name and hashes what is written.
struct Hashing {
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl Hashing {
    fn create() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile()?),
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    fn finish(self) -> io::Result<(File, BlobHash, u64)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((file, BlobHash(self.hasher.finalize().into()), self.bytes))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
