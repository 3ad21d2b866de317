//! The bytes of photos and of snapshots, behind one trait: a folder now, an S3-style store by another constructor, so that all
//! platform processes of a district see the same.
//!
//! An upload lies in parts that are written once and never changed, so that nothing depends on which process took them; at its
//! end the parts are joined under the name of their digest, after that digest was computed from the bytes that are joined.

use std::io::Read;
use std::path::Path as Folder;
use std::sync::Arc;

use axum::body::Bytes;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::wire::manifest::{HexSha256, HexSm3};
use futures_executor::block_on;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::witness::Hasher;

/// SHA-256, SM3 and size of a file.
pub(crate) type Digests = (HexSha256, HexSm3, u64);

/// The object store failed; no name and no content is in it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    /// There is no such object.
    #[error("no such object")]
    Missing,
    /// Anything else.
    #[error("the object store failed")]
    Storage,
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            _ => Self::Storage,
        }
    }
}

/// Where bytes are kept. All calls wait; they belong on a thread that may.
pub(crate) trait Blobs: Send + Sync {
    /// Keeps a part of an upload; on return it is on disk.
    ///
    /// # Errors
    /// [`BlobError`].
    fn put_part(&self, name: &str, bytes: Bytes) -> Result<(), BlobError>;

    /// Joins parts to the file of this digest; `None`, and nothing joined, when their digest is another.
    ///
    /// # Errors
    /// [`BlobError`].
    fn join(&self, parts: &[String], hash: BlobHash) -> Result<Option<Digests>, BlobError>;

    /// A stored file.
    ///
    /// # Errors
    /// [`BlobError`].
    fn read(&self, hash: BlobHash) -> Result<Bytes, BlobError>;

    /// Drops whatever is left of an upload.
    ///
    /// # Errors
    /// [`BlobError`].
    fn drop_upload(&self, id: &str) -> Result<(), BlobError>;

    /// Keeps what a reader gives under a name of our own, in the place of whatever had it.
    ///
    /// # Errors
    /// [`BlobError`]; [`BlobError::Storage`] too when the reader fails.
    fn put(&self, name: &str, from: &mut dyn Read) -> Result<(), BlobError>;

    /// At most `most` bytes of a named object from `start` on, none beyond its end, and its size.
    ///
    /// # Errors
    /// [`BlobError`].
    fn part(&self, name: &str, start: u64, most: u64) -> Result<(Bytes, u64), BlobError>;

    /// Lets all objects whose names begin so go, but for the newest `keep`.
    ///
    /// # Errors
    /// [`BlobError`].
    fn thin_out(&self, prefix: &str, keep: usize) -> Result<(), BlobError>;
}

/// Bytes written at once: an S3-style store takes no smaller part but the last.
const AT_ONCE: usize = 8 * 1024 * 1024;

/// Any store the crate `object_store` knows.
pub(crate) struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    /// A folder; what is written is on disk before a call returns.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn folder(folder: &Folder) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let files = LocalFileSystem::new_with_prefix(folder).map_err(std::io::Error::other)?;
        Ok(Self(Arc::new(files.with_fsync(true))))
    }
}

impl Objects {
    /// Writes the parts one after another; gives the digests of what was written.
    async fn copy(&self, parts: &[String], target: &mut dyn MultipartUpload) -> Result<Digests, BlobError> {
        let mut digest = Hasher::default();
        let mut waiting = Vec::new();
        for name in parts {
            let bytes = self.0.get(&Path::from(name.as_str())).await?.bytes().await?;
            digest.update(&bytes);
            waiting.extend_from_slice(&bytes);
            if waiting.len() >= AT_ONCE {
                target.put_part(std::mem::take(&mut waiting).into()).await?;
            }
        }
        if !waiting.is_empty() {
            target.put_part(waiting.into()).await?;
        }
        Ok(digest.finish())
    }
}

/// The folder of an upload's parts.
fn parts_of(id: &str) -> Path {
    Path::from_iter(["uploads", id])
}

impl Blobs for Objects {
    fn put_part(&self, name: &str, bytes: Bytes) -> Result<(), BlobError> {
        block_on(self.0.put(&Path::from(name), bytes.into()))?;
        Ok(())
    }

    fn join(&self, parts: &[String], hash: BlobHash) -> Result<Option<Digests>, BlobError> {
        block_on(async {
            let mut target = self.0.put_multipart(&Path::from(hash.hex())).await?;
            let copied = self.copy(parts, &mut *target).await;
            if copied.as_ref().is_ok_and(|(sha256, _, _)| sha256.0 == hash.0) {
                target.complete().await?;
                return copied.map(Some);
            }
            target.abort().await?;
            copied.map(|_| None)
        })
    }

    fn read(&self, hash: BlobHash) -> Result<Bytes, BlobError> {
        Ok(block_on(async {
            self.0.get(&Path::from(hash.hex())).await?.bytes().await
        })?)
    }

    fn drop_upload(&self, id: &str) -> Result<(), BlobError> {
        block_on(async {
            let mut parts = self.0.list(Some(&parts_of(id)));
            while let Some(part) = parts.next().await {
                self.0.delete(&part?.location).await?;
            }
            Ok(())
        })
    }

    fn put(&self, name: &str, from: &mut dyn Read) -> Result<(), BlobError> {
        let path = Path::from(name);
        let first = piece(from)?;
        if first.len() < AT_ONCE {
            block_on(self.0.put(&path, first.into()))?;
            return Ok(());
        }
        block_on(async {
            let mut target = self.0.put_multipart(&path).await?;
            let mut next = first;
            while !next.is_empty() {
                target.put_part(next.into()).await?;
                next = match piece(from) {
                    Ok(piece) => piece,
                    Err(error) => {
                        target.abort().await?;
                        return Err(error);
                    }
                };
            }
            target.complete().await?;
            Ok(())
        })
    }

    fn part(&self, name: &str, start: u64, most: u64) -> Result<(Bytes, u64), BlobError> {
        let path = Path::from(name);
        let size = block_on(self.0.head(&path))?.size;
        let end = start.saturating_add(most).min(size);
        if start >= end {
            return Ok((Bytes::new(), size));
        }
        Ok((block_on(self.0.get_range(&path, start..end))?, size))
    }

    fn thin_out(&self, prefix: &str, keep: usize) -> Result<(), BlobError> {
        block_on(async {
            let folder = prefix.rsplit_once('/').map(|(folder, _)| Path::from(folder));
            let listed = self.0.list(folder.as_ref());
            let all: Vec<ObjectMeta> = listed.try_collect().await?;
            let mut found: Vec<_> = all
                .into_iter()
                .filter(|object| object.location.as_ref().starts_with(prefix))
                .collect();
            found.sort_by_key(|object| std::cmp::Reverse(object.last_modified));
            for old in found.into_iter().skip(keep) {
                self.0.delete(&old.location).await?;
            }
            Ok(())
        })
    }
}

/// The next bytes of a reader, fewer than asked only at its end.
fn piece(from: &mut dyn Read) -> Result<Vec<u8>, BlobError> {
    let mut bytes = Vec::new();
    let read = from.take(AT_ONCE as u64).read_to_end(&mut bytes);
    read.map_err(|_| BlobError::Storage)?;
    Ok(bytes)
}

/// A new name for a part: parts that were written for nothing never meet those that count.
pub(crate) fn part_name(id: &str, start: u64, mark: &str) -> String {
    format!("uploads/{id}/{start:012}-{mark}")
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn parts_are_joined_only_under_their_own_digest() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Objects::folder(dir.path()).unwrap();
        let names: Vec<String> = ["one ", "two"]
            .iter()
            .zip(0..)
            .map(|(text, at)| {
                let name = part_name("u1", at, "x");
                blobs.put_part(&name, Bytes::from_static(text.as_bytes())).unwrap();
                name
            })
            .collect();
        let right = BlobHash(Sha256::digest("one two").into());
        let wrong = BlobHash(Sha256::digest("one three").into());
        assert!(blobs.join(&names, wrong).unwrap().is_none());
        assert!(matches!(blobs.read(wrong), Err(BlobError::Missing)));
        assert!(blobs.join(&names, right).unwrap().is_some());
        assert!(
            blobs.join(&names, right).unwrap().is_some(),
            "joining again does no harm"
        );
        assert_eq!(blobs.read(right).unwrap(), "one two");
        blobs.drop_upload("u1").unwrap();
        assert!(matches!(blobs.join(&names, right), Err(BlobError::Missing)));
        assert_eq!(blobs.read(right).unwrap(), "one two");
        let left: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .flatten()
            .filter(|f| f.path().is_file())
            .collect();
        assert_eq!(left.len(), 1, "nothing half-made stays");
    }

    #[test]
    fn a_large_object_comes_back_in_parts_and_old_ones_are_thinned_out() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Objects::folder(dir.path()).unwrap();
        let large: Vec<u8> = (0..AT_ONCE + 5_000).map(|n| (n % 251) as u8).collect();
        for name in ["s/a-1", "s/a-2", "s/a-3", "s/b-1"] {
            blobs.put(name, &mut large.as_slice()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let size = large.len() as u64;
        let (bytes, told) = blobs.part("s/a-3", AT_ONCE as u64 - 10, 100).unwrap();
        assert_eq!((&bytes[..], told), (&large[AT_ONCE - 10..AT_ONCE + 90], size));
        let (rest, _) = blobs.part("s/a-3", size - 3, 100).unwrap();
        assert_eq!(rest.len(), 3);
        assert!(blobs.part("s/a-3", size, 100).unwrap().0.is_empty());
        assert!(matches!(blobs.part("s/none", 0, 1), Err(BlobError::Missing)));
        blobs.thin_out("s/a-", 2).unwrap();
        assert!(matches!(blobs.part("s/a-1", 0, 1), Err(BlobError::Missing)));
        for kept in ["s/a-2", "s/a-3", "s/b-1"] {
            blobs.part(kept, 0, 1).unwrap();
        }
    }
}
