//! Files made of the case's photos: thumbnails, upload copies, redactions. Each is named by its digest, lies in `derived/`, and is
//! recorded in a signed entry: in the capture's manifest or in the custody event that made it.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::{digests, plain_file};
use super::report::{Missing, Report};
use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::blob::BlobHash;
use crate::model::ids::RecordId;
use crate::rules::proof::{self, ProofError};
use crate::store::captures;
use crate::wire::manifest::{Capture, Custody, Derived, EventKind, HexSha256, Media, Source};

/// The folder of the copies.
pub(super) const FOLDER: &str = "derived";
/// Most files of it that are looked at.
const FILES: usize = 100_000;

impl Engine {
    /// Writes what is still here of the files made of these photos; their digests, and how many are gone. The custody log notes
    /// each.
    pub(super) fn write_copies(
        &self,
        photos: &[BlobHash],
        record: RecordId,
        dir: &Path,
    ) -> Result<(Vec<HexSha256>, usize), AppError> {
        let (mut written, mut gone) = (Vec::new(), 0);
        std::fs::create_dir(dir.join(FOLDER))?;
        let mut seen = BTreeSet::new();
        for photo in photos {
            for copy in self.store.read(|r| captures::derived_of(r, *photo))? {
                if !seen.insert(copy.sha256) {
                    continue;
                }
                let hash = BlobHash(copy.sha256.0);
                if self.write_photo(hash, &dir.join(name_of(copy.sha256)))? {
                    self.note_event(EventKind::Exported, hash, Some(record.to_string()))?;
                    written.push(copy.sha256);
                } else {
                    gone += 1;
                }
            }
        }
        Ok((written, gone))
    }
}

/// Copies are JPEG files, whatever they were made of.
pub(super) fn name_of(copy: HexSha256) -> String {
    format!("{FOLDER}/{copy}.jpg")
}

/// What the entries of a folder record about copies, as the walk over them goes.
#[derive(Default)]
pub(super) struct Copies {
    own: BTreeSet<HexSha256>,
    recorded: BTreeSet<HexSha256>,
}

impl Copies {
    /// The copies made at an intake; those of other cases' photos are not in the folder.
    pub(super) fn capture(&mut self, report: &mut Report, at: &str, dir: &Path, case: &str, capture: &Capture) {
        if capture.subject.case != case {
            return;
        }
        self.own.insert(capture.media.sha256);
        for copy in &capture.derived {
            self.copy(report, at, dir, capture.media.sha256, copy);
        }
    }

    /// The copies made later.
    pub(super) fn custody(&mut self, report: &mut Report, at: &str, dir: &Path, custody: &Custody) {
        for event in &custody.events {
            let makes = matches!(event.event, EventKind::Derived | EventKind::Redacted);
            if let (true, true, Some(copy)) = (makes, self.own.contains(&event.media), &event.derived) {
                self.copy(report, at, dir, event.media, copy);
            }
        }
    }

    fn copy(&mut self, report: &mut Report, at: &str, dir: &Path, of: HexSha256, copy: &Derived) {
        if self.recorded.insert(copy.sha256) {
            report.add(at, "derived", check(dir, of, copy));
        }
    }

    /// A file that no entry speaks of is no evidence.
    pub(super) fn ends(&self, report: &mut Report, dir: &Path) {
        let known: BTreeSet<String> = self.recorded.iter().map(|copy| name_of(*copy)).collect();
        let files = std::fs::read_dir(dir.join(FOLDER)).into_iter().flatten().take(FILES);
        let names = files
            .flatten()
            .map(|file| file.file_name().to_string_lossy().into_owned());
        let unknown = names.filter(|name| !known.contains(&format!("{FOLDER}/{name}")));
        for _ in unknown {
            report.add("", "derived", Err(Missing::wrong("derived_unrecorded")));
        }
    }
}

/// A copy against its record, and the record against the photo.
fn check(dir: &Path, of: HexSha256, copy: &Derived) -> Result<(), Missing> {
    if copy.of != of {
        return Err(Missing::wrong("derived_of_other"));
    }
    let file = plain_file(&dir.join(name_of(copy.sha256))).ok_or_else(|| Missing::absent("derived_missing"))?;
    let (bytes, sha256, sm3) = digests(file, copy.bytes).map_err(|_| Missing::wrong("media_size"))?;
    let told = Media {
        sha256: copy.sha256,
        sm3: copy.sm3,
        bytes: copy.bytes,
        mime: String::new(),
        w: None,
        h: None,
        source: Source::Import,
    };
    let wrong = |error: ProofError| Missing::of(&error);
    // the digest is told before the size: a cut file shows in both
    proof::check_media(&told, copy.bytes, &sha256, &sm3).map_err(wrong)?;
    proof::check_media(&told, bytes, &sha256, &sm3).map_err(wrong)
}
