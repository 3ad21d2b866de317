//! Whether a photo was used before: the same bytes by the database, the same picture by its perceptual hash.

use std::sync::{Mutex, PoisonError};

use fushan_grid_core::wire::manifest::{Capture, Entry, Named256, canonical};

use super::arrival::Finding;
use crate::Platform;
use crate::store::{self, Stored, Tx};

/// Bits of dHash-256 in which the same picture may differ.
const SAME_PICTURE: u32 = 24;
/// Captures read at once.
const PAGE: u32 = 1000;
/// Most captures of the same bytes that are looked at.
const SAME_BYTES: u32 = 5;

/// A picture seen in a case.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    hash: [u64; 4],
    case: String,
}

impl Picture {
    /// The picture of a capture; none for what could not be decoded.
    pub(super) fn of(capture: &Capture) -> Option<Self> {
        let likeness = capture.ph.as_ref()?;
        let mut hash = [0; 4];
        for (word, bytes) in hash.iter_mut().zip(likeness.dhash256.0.chunks_exact(8)) {
            *word = u64::from_be_bytes(bytes.try_into().ok()?);
        }
        Some(Self {
            hash,
            case: capture.subject.case.clone(),
        })
    }

    fn distance(&self, other: &Self) -> u32 {
        self.hash
            .iter()
            .zip(&other.hash)
            .map(|(a, b)| (a ^ b).count_ones())
            .sum()
    }
}

/// All pictures of committed captures.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Held>);

#[derive(Default)]
struct Held {
    pictures: Vec<Picture>,
    /// First leaf that was not looked at yet.
    next: u64,
}

impl Seen {
    /// Reads what was committed since, also by other processes.
    pub(super) fn catch_up(&self, platform: &Platform) -> Stored<()> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let next = held.next;
            let page = store::read(&*platform.store, |tx| tx.captures_after(next, PAGE))?;
            let last = page.len() < PAGE as usize;
            for (leaf, signed) in page {
                held.next = leaf + 1;
                if let Ok(Entry::Capture(capture)) = canonical::read(&signed.manifest) {
                    held.pictures.extend(Picture::of(&capture));
                }
            }
            if last {
                return Ok(());
            }
        }
    }

    /// The nearest picture of another case.
    fn nearest(&self, picture: &Picture, fresh: &[Picture]) -> Option<(u32, Picture)> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let others = held.pictures.iter().chain(fresh).filter(|p| p.case != picture.case);
        let near = others
            .map(|p| (p.distance(picture), p))
            .filter(|(distance, _)| *distance <= SAME_PICTURE);
        near.min_by_key(|(distance, _)| *distance)
            .map(|(distance, p)| (distance, p.clone()))
    }
}

/// Findings about reuse; `fresh` are the pictures of this message that are not committed yet.
pub(super) fn check(
    platform: &Platform,
    tx: &mut Tx<'_>,
    entry: Named256,
    capture: &Capture,
    fresh: &[Picture],
) -> Stored<Vec<Finding>> {
    let mut found = Vec::new();
    let same = tx.captures_of(capture.media.sha256, SAME_BYTES)?;
    if let Some((_, case, _)) = same.into_iter().find(|(other, _, _)| *other != entry) {
        found.push(Finding::of("reuse_exact", format!("case={case}")));
        return Ok(found);
    }
    if let Some((distance, other)) = Picture::of(capture).and_then(|p| platform.witness.reuse.nearest(&p, fresh)) {
        found.push(Finding::of(
            "reuse_near",
            format!("case={} distance={distance}", other.case),
        ));
    }
    Ok(found)
}
