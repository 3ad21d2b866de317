//! Files that new phones are filled from: one immutable file for each state of a scope that was asked for.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::wire::digest::{Sum, canonical, hash_of};
use fushan_grid_core::wire::scopes::SnapshotReply;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::Platform;
use crate::store::{self, StoreError, Stored};

/// A scope with fewer records is quicker by the feed.
const LEAST: i64 = 2_000;
/// A file is used until the scope has moved on by so many changes, or by a tenth of its records.
const STALE: i64 = 1_000;
/// Records read at once.
const PAGE: u32 = 2_000;
/// Level of compression: what zstd itself takes.
const LEVEL: i32 = 3;

#[derive(Serialize)]
struct Line<'a> {
    id: RecordId,
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    grid: &'a str,
    rev: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    state: &'a str,
    body: &'a RawValue,
}

/// The file of a scope, built when there is none that is fresh enough; nothing for a small scope.
pub(crate) fn of(platform: &Platform, scope: &Scope) -> Stored<Option<SnapshotReply>> {
    let head = store::read(&*platform.store, |tx| tx.head(scope))?;
    if head.count < LEAST {
        return Ok(None);
    }
    let folder = platform.blobs.join("snapshots");
    fs::create_dir_all(&folder)?;
    let told = folder.join(format!("{}.json", name_of(scope)));
    let kept: Option<SnapshotReply> = fs::read(&told)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let fresh = |file: &SnapshotReply| {
        file.epoch == head.epoch && file.seq <= head.seq && head.seq - file.seq <= STALE.max(head.count / 10)
    };
    if let Some(file) = kept.filter(|file| fresh(file) && path(platform, scope, &file.sha256.hex()).exists()) {
        return Ok(Some(file));
    }
    let file = build(platform, scope, &folder)?;
    fs::write(&told, serde_json::to_vec(&file)?)?;
    Ok(Some(file))
}

/// Some bytes of a scope's file, and its size.
pub(crate) fn part(path: &Path, start: u64, most: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok((bytes, size))
}

/// Where a file of a scope lies. The scope is part of the name, so that who does not hold the scope cannot name the file.
pub(crate) fn path(platform: &Platform, scope: &Scope, sha256: &str) -> PathBuf {
    platform
        .blobs
        .join("snapshots")
        .join(format!("{}-{sha256}.zst", name_of(scope)))
}

fn name_of(scope: &Scope) -> String {
    let digest: [u8; 32] = Sha256::digest(&scope.0).into();
    BlobHash(digest).hex().chars().take(16).collect()
}

fn build(platform: &Platform, scope: &Scope, folder: &Path) -> Stored<SnapshotReply> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let temporary = folder.join(format!("{:016x}.tmp", u64::from_le_bytes(random)));
    let mut built = store::read(&*platform.store, |tx| {
        let head = tx.head(scope)?;
        let mut out = zstd::stream::write::Encoder::new(Hashing::create(&temporary)?, LEVEL)?;
        let (mut count, mut digest, mut after) = (0, Sum::default(), None);
        loop {
            let page = tx.present(scope, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for record in &page {
                digest.add(hash_of(record));
                count += 1;
                let line = Line {
                    id: record.id,
                    kind: &record.kind.0,
                    grid: record.grid.as_ref().map_or("", |g| g.as_str()),
                    rev: record.rev,
                    state: &record.state,
                    body: &RawValue::from_string(canonical(&record.body))?,
                };
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
        }
        let (sha256, bytes) = out.finish()?.finish()?;
        Ok(SnapshotReply {
            path: String::new(),
            sha256,
            bytes,
            epoch: head.epoch,
            seq: head.seq,
            count,
            digest,
        })
    })?;
    built.path = format!("/v1/snapshots/{}", built.sha256.hex());
    fs::rename(&temporary, path(platform, scope, &built.sha256.hex())).map_err(StoreError::from)?;
    Ok(built)
}

/// Writes a file and hashes what is written.
struct Hashing {
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
}

impl Hashing {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(File::create(path)?),
            hasher: Sha256::new(),
            bytes: 0,
        })
    }

    fn finish(self) -> io::Result<(BlobHash, u64)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((BlobHash(self.hasher.finalize().into()), self.bytes))
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
