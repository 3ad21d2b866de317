//! Reads the files of a folder of evidence, bounded: they come from strangers.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use super::report::Missing;
use crate::wire::evidence::Receipt;
use crate::wire::log::NodeHash;
use crate::wire::log::leaf::Place;
use crate::wire::manifest::{HexSha256, HexSm3, SignedEntry};

/// Largest file that is read whole.
const FILE_BYTES: u64 = 1024 * 1024;

/// An entry from its files.
pub(super) fn signed(path: &Path) -> Result<SignedEntry, Missing> {
    let manifest = match small(&path.join("manifest.json")) {
        Some(manifest) => manifest,
        None if path.join("manifest.json").is_file() => return Err(Missing::wrong("entry_too_long")),
        None => return Err(Missing::absent("manifest_missing")),
    };
    let manifest = text(manifest).ok_or_else(|| Missing::wrong("entry_not_json"))?;
    let pem = small(&path.join("device.spki.pem")).and_then(text).unwrap_or_default();
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    Ok(SignedEntry {
        manifest,
        signature: small(&path.join("manifest.sig"))
            .map(|der| BASE64.encode(der))
            .unwrap_or_default(),
        public_key: lines.map(str::trim).collect(),
    })
}

/// A receipt; leaf, head and proof as the files say that `openssl` is shown.
pub(super) fn receipt_of(path: &Path) -> Result<Receipt, Missing> {
    let bytes = small(&path.join("receipt.json")).ok_or_else(|| Missing::absent("receipt_missing"))?;
    let mut receipt: Receipt = serde_json::from_slice(&bytes).map_err(|_| Missing::wrong("log_malformed"))?;
    receipt.place = place_at(path, receipt.place.index)?;
    Ok(receipt)
}

pub(super) fn place_of(path: &Path, name: &str) -> Result<Place, Missing> {
    let bytes = small(&path.join(name)).ok_or_else(|| Missing::absent("stored_missing"))?;
    let place: Place = serde_json::from_slice(&bytes).map_err(|_| Missing::wrong("log_malformed"))?;
    place_at(path, place.index)
}

pub(super) fn place_at(path: &Path, index: u64) -> Result<Place, Missing> {
    let read = |name: &str| {
        small(&path.join(name))
            .and_then(text)
            .ok_or_else(|| Missing::wrong("log_malformed"))
    };
    let mut names: Vec<_> = std::fs::read_dir(path.join("inclusion"))
        .map_err(|_| Missing::wrong("log_malformed"))?
        .take(crate::wire::log::merkle::PROOF_HASHES)
        .flatten()
        .map(|entry| entry.path())
        .collect();
    names.sort();
    let hash = |name: &PathBuf| small(name).and_then(|b| b.try_into().ok()).map(NodeHash);
    Ok(Place {
        leaf: read("leaf.json")?,
        index,
        checkpoint: read("checkpoint.txt")?,
        inclusion: names.iter().filter_map(hash).collect(),
    })
}

/// A regular file: nothing that waits or never ends.
pub(super) fn plain_file(path: &Path) -> Option<File> {
    let regular = std::fs::symlink_metadata(path).ok()?.is_file();
    regular.then(|| File::open(path).ok())?
}

/// Size and digests of a file in one pass, reading one byte more than it should have: that tells that there is more.
pub(super) fn digests(file: File, bytes: u64) -> std::io::Result<(u64, HexSha256, HexSm3)> {
    let mut file = file.take(bytes.saturating_add(1));
    let (mut sha256, mut sm3, mut count) = (Sha256::new(), Sm3::new(), 0);
    let mut part = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut part)?;
        let Some(read) = part.get(..read).filter(|p| !p.is_empty()) else {
            break;
        };
        sha256.update(read);
        sm3.update(read);
        count += read.len() as u64;
    }
    Ok((
        count,
        HexSha256(sha256.finalize().into()),
        HexSm3(sm3.finalize().into()),
    ))
}

/// A file of bounded size, whole.
pub(super) fn small(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    plain_file(path)?.take(FILE_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= FILE_BYTES).then_some(bytes)
}

pub(super) fn text(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok()
}
