//! What this phone has to say about a case.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::error::AppError;
use crate::model::blob::BlobHash;
use crate::model::ids::RecordId;
use crate::store::Reader;
use crate::store::entries::{self, Kept};
use crate::wire::evidence::Receipt;
use crate::wire::manifest::{Capture, Entry, HexSha256, canonical};

/// Entries read at once.
const PAGE: u32 = 500;

/// One entry with what came to it.
pub(super) struct Exhibit {
    pub(super) kept: Kept,
    pub(super) entry: Entry,
    pub(super) receipt: Option<Receipt>,
    /// The photo is of this case, so its bytes go along.
    pub(super) own: bool,
}

impl Exhibit {
    /// The photo of a capture of this case, and its file's extension.
    pub(super) fn photo(&self) -> Option<(BlobHash, &'static str)> {
        let capture = self.capture().filter(|_| self.own)?;
        let extension = match capture.media.mime.as_str() {
            "image/png" => "png",
            "image/heic" | "image/heif" => "heic",
            _ => "jpg",
        };
        Some((BlobHash(capture.media.sha256.0), extension))
    }

    pub(super) fn capture(&self) -> Option<&Capture> {
        match &self.entry {
            Entry::Capture(capture) => Some(capture),
            _ => None,
        }
    }
}

/// A case: the entries that speak of it, and those between them.
pub(super) struct Case {
    pub(super) id: RecordId,
    pub(super) exhibits: Vec<Exhibit>,
    /// First and last place in each chain, without holes between.
    pub(super) ranges: BTreeMap<String, (u64, u64)>,
}

/// Reads a case from the phone's chains. A chain's start and its changes of key go along wherever they stand: they tell whose key
/// it is.
pub(super) fn case(r: &Reader<'_>, record: RecordId) -> Result<Case, AppError> {
    let id = record.to_string();
    let mut media = BTreeSet::new();
    let mut ranges: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    each(r, |_, entry| {
        if speaks_of(entry, &id, &mut media) {
            let link = entry.link();
            let range = ranges.entry(link.of.clone()).or_insert((link.seq, link.seq));
            *range = (range.0.min(link.seq), range.1.max(link.seq));
        }
        Ok(())
    })?;
    if media.is_empty() {
        return Err(AppError::NotFound);
    }
    let mut exhibits = Vec::new();
    each(r, |kept, entry| {
        let link = entry.link();
        let of_keys = matches!(entry, Entry::Start(_) | Entry::Rotation(_));
        if ranges
            .get(&link.of)
            .is_some_and(|(from, to)| of_keys || (*from..=*to).contains(&link.seq))
        {
            let own = matches!(entry, Entry::Capture(c) if c.subject.case == id);
            let receipt = kept
                .receipt
                .clone()
                .and_then(|value| serde_json::from_value(value).ok());
            exhibits.push(Exhibit {
                kept: kept.clone(),
                entry: entry.clone(),
                receipt,
                own,
            });
        }
        Ok(())
    })?;
    Ok(Case {
        id: record,
        exhibits,
        ranges,
    })
}

fn speaks_of(entry: &Entry, case: &str, media: &mut BTreeSet<HexSha256>) -> bool {
    match entry {
        Entry::Capture(capture) if capture.subject.case == case => {
            media.insert(capture.media.sha256);
            true
        }
        Entry::Custody(custody) => custody.events.iter().any(|event| media.contains(&event.media)),
        _ => false,
    }
}

/// Walks over all entries; one that cannot be read any more is passed over, the hole shows.
fn each(r: &Reader<'_>, mut f: impl FnMut(&Kept, &Entry) -> Result<(), AppError>) -> Result<(), AppError> {
    let mut after = 0;
    loop {
        let page = entries::page(r, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.row;
        for kept in &page {
            if let Ok(entry) = canonical::read(&kept.signed.manifest) {
                f(kept, &entry)?;
            }
        }
    }
}
