//! Whether a photo was used before: the same bytes by the database, the same picture by its perceptual hash.

use std::sync::{Mutex, PoisonError};

use fushan_grid_core::rules::likeness::{Hash64, Hash256, Pictured, ReuseIndex};
use fushan_grid_core::wire::manifest::{Capture, Entry, Named256, canonical};

use super::arrival::Finding;
use crate::Platform;
use crate::store::{self, Stored, Tx};

/// Captures read at once.
const PAGE: u32 = 1000;
/// Most captures of the same bytes that are looked at.
const SAME_BYTES: u32 = 5;

/// The hashes a capture's manifest tells; none for what could not be decoded.
pub(super) fn pictured(capture: &Capture) -> Option<Pictured> {
    let likeness = capture.ph.as_ref()?;
    let mut picture = Pictured {
        whole: Hash256::from_bytes(&likeness.dhash256.0),
        ..Pictured::default()
    };
    let places = picture.crops.iter_mut().chain(&mut picture.mirrors);
    for (place, text) in places.zip(&likeness.crops) {
        *place = Hash64::from_hex(text)?;
    }
    Some(picture)
}

/// Whether the crops' hashes are there: without them nothing is similar.
fn has_crops(capture: &Capture) -> bool {
    let all = Pictured::default();
    let wanted = all.crops.len() + all.mirrors.len();
    capture.ph.as_ref().is_some_and(|ph| ph.crops.len() == wanted)
}

/// All pictures of committed captures.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Held>);

#[derive(Default)]
struct Held {
    index: ReuseIndex,
    /// The case of each picture, by its number in the index.
    cases: Vec<String>,
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
                let Ok(Entry::Capture(capture)) = canonical::read(&signed.manifest) else {
                    continue;
                };
                if let Some(picture) = pictured(&capture) {
                    held.index.push(&picture);
                    held.cases.push(capture.subject.case.clone());
                }
            }
            if last {
                return Ok(());
            }
        }
    }

    /// The nearest of another case: the same picture, else a similar one.
    fn nearest(&self, picture: &Pictured, case: &str, crops: bool) -> Option<Finding> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let other = |found: Vec<(u32, u32)>| {
            let cases = found
                .into_iter()
                .filter_map(|(number, away)| Some((away, held.cases.get(number as usize)?)));
            cases.filter(|(_, of)| *of != case).min()
        };
        let told = |code, (away, of): (u32, &String)| Finding::of(code, format!("case={of} distance={away}"));
        let same = other(held.index.same(picture)).map(|found| told("reuse_near", found));
        let similar = || crops.then(|| other(held.index.similar(picture)))?;
        same.or_else(|| similar().map(|found| told("reuse_similar", found)))
    }
}

/// Findings about reuse; `fresh` are the pictures of this message that are not committed yet, with their cases.
pub(super) fn check(
    platform: &Platform,
    tx: &mut Tx<'_>,
    entry: Named256,
    capture: &Capture,
    fresh: &[(Pictured, String)],
) -> Stored<Option<Finding>> {
    let same = tx.captures_of(capture.media.sha256, SAME_BYTES)?;
    if let Some((_, case, _)) = same.into_iter().find(|(other, _, _)| *other != entry) {
        return Ok(Some(Finding::of("reuse_exact", format!("case={case}"))));
    }
    let Some(picture) = pictured(capture) else {
        return Ok(None);
    };
    let case = &capture.subject.case;
    let in_message = fresh.iter().filter(|(_, of)| of != case);
    let in_message = in_message.map(|(other, of)| (other.whole.distance(&picture.whole), of));
    let near = in_message
        .filter(|(away, _)| *away <= fushan_grid_core::rules::likeness::SAME_PICTURE)
        .min();
    let near = near.map(|(away, of)| Finding::of("reuse_near", format!("case={of} distance={away}")));
    Ok(near.or_else(|| platform.witness.reuse.nearest(&picture, case, has_crops(capture))))
}
