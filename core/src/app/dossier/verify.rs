//! Verifies a folder of evidence, link by link, with nothing but the folder and what the reader knows from elsewhere.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Outside;
use super::copies::Copies;
use super::enrolment;
use super::files::{digests, place_of, plain_file, receipt_of, signed, small, text};
use super::report::{Missing, Report, Told};
use crate::app::error::AppError;
use crate::model::time::UtcMillis;
use crate::rules::proof::{self, Head, Opened, ProofError};
use crate::wire::evidence::{Receipt, StampState};
use crate::wire::log::LogKey;
use crate::wire::log::leaf::{EntryLeaf, Leaf, verify_receipt};
use crate::wire::manifest::{Capture, Entry, Named256};

/// What the reader knows from elsewhere. Without it the keys in the folder are taken, and the report says that nobody vouched for
/// them.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The log's key, as the district publishes it.
    pub log_key: Option<LogKey>,
    /// The authority's certificates, PEM.
    pub certificates: Option<Vec<u8>>,
    /// Roots of the key stores' certificates as their makers publish them, PEM. The folder has none: it cannot vouch for itself.
    pub attestation_roots: Option<Vec<u8>>,
    /// Authorities that vouch for who signs Content Credentials, PEM.
    pub credential_anchors: Option<Vec<u8>>,
}

/// Most entries of a folder.
const ENTRIES: usize = 100_000;
/// How far a phone's clock may be ahead of the platform's, and away from the satellites', milliseconds.
const CLOCK_MS: i64 = 600_000;

/// Verifies a folder.
///
/// # Errors
/// [`AppError::Io`] when it is no folder of evidence at all.
pub fn verify(dir: &Path, known: &Known, outside: &Outside<'_>) -> Result<Report, AppError> {
    let mut report = Report::default();
    let own = small(&dir.join("log.key")).and_then(|t| LogKey::try_from(text(t)?.trim().to_owned()).ok());
    let log_key = known.log_key.clone().or_else(|| own.clone());
    report.add("", "log_key", vouched(known.log_key.as_ref(), own.as_ref()));
    let certificates = known.certificates.clone().or_else(|| small(&dir.join("tsa.pem")));
    let mut walk = Walk {
        report: &mut report,
        log_key,
        certificates,
        known,
        outside,
        ranges: ranges(dir),
        heads: BTreeMap::new(),
        dir,
        case: case_of(dir),
        copies: Copies::default(),
    };
    for (at, path) in entries(dir)? {
        walk.entry(&at, &path);
    }
    walk.ends();
    Ok(report)
}

fn vouched(known: Option<&LogKey>, own: Option<&LogKey>) -> Result<(), Missing> {
    match (known, own) {
        (Some(known), Some(own)) if known == own => Ok(()),
        (Some(_), Some(_)) => Err(Missing::wrong("log_key_changed")),
        (_, None) => Err(Missing::absent("log_key_missing")),
        (None, Some(_)) => Err(Missing::absent("key_not_vouched")),
    }
}

/// Entries' folders in their order.
pub(super) fn entries(dir: &Path) -> Result<Vec<(String, PathBuf)>, AppError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir.join("entries"))?.take(ENTRIES) {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && name.bytes().all(|b| b.is_ascii_digit()) {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// What the folder says of itself.
fn case_file(dir: &Path) -> Value {
    let case = small(&dir.join("case.json")).and_then(|b| serde_json::from_slice(&b).ok());
    case.unwrap_or_default()
}

fn case_of(dir: &Path) -> String {
    let case = case_file(dir);
    case.get("case").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// First and last place of each chain that the folder claims to hold without holes.
fn ranges(dir: &Path) -> BTreeMap<String, (u64, u64)> {
    let case = case_file(dir);
    let chains = case.get("chains").and_then(Value::as_array);
    let range = |chain: &Value| {
        let number = |name: &str| chain.get(name)?.as_u64();
        Some((
            chain.get("chain")?.as_str()?.to_owned(),
            (number("from")?, number("to")?),
        ))
    };
    chains.into_iter().flatten().filter_map(range).collect()
}

struct Walk<'a> {
    report: &'a mut Report,
    log_key: Option<LogKey>,
    certificates: Option<Vec<u8>>,
    known: &'a Known,
    outside: &'a Outside<'a>,
    ranges: BTreeMap<String, (u64, u64)>,
    heads: BTreeMap<String, Head>,
    dir: &'a Path,
    case: String,
    copies: Copies,
}

impl Walk<'_> {
    fn entry(&mut self, at: &str, path: &Path) {
        let signed = match signed(path) {
            Ok(signed) => signed,
            Err(missing) => return self.report.add(at, "text", Err(missing)),
        };
        let opened = match proof::open(&signed) {
            Ok(opened) => opened,
            Err(error @ ProofError::Text(_)) => return self.report.add(at, "text", Err(Missing::of(&error))),
            Err(error) => {
                self.report.add(at, "text", Ok(()));
                return self.report.add(at, "key", Err(Missing::of(&error)));
            }
        };
        self.report.add(at, "text", Ok(()));
        self.report.add(at, "key", Ok(()));
        self.report
            .add(at, "signature", proof::verify(&signed).map_err(|e| absent_or_wrong(&e)));
        let chain = self.chain(&opened);
        self.report.add(at, "chain", chain);
        let receipt = self.receipt(at, path, &opened);
        if let Entry::Capture(capture) = &opened.entry {
            self.report.add(at, "bytes", bytes(path, capture));
            self.report
                .add(at, "time", time(capture, receipt.as_ref().map(|(_, leaf)| leaf)));
            let stored = self.stored(path, capture);
            self.report.add(at, "stored", stored);
            self.copies.capture(self.report, at, self.dir, &self.case, capture);
            if let Some(told) = credentials(path, opened.digest, self.known, self.outside) {
                self.report.add(at, "c2pa", told);
            }
        }
        if let Entry::Custody(custody) = &opened.entry {
            self.copies.custody(self.report, at, self.dir, custody);
        }
        let received = receipt.as_ref().map(|(receipt, _)| receipt.received_at);
        if let Some(told) = enrolment::check(path, &signed, &opened.entry, self.known, received, self.outside) {
            self.report.add(at, "attestation", told);
        }
        let stamp = self.stamp(path, receipt.map(|(receipt, _)| receipt));
        self.report.add(at, "stamp", stamp);
    }

    /// The step from the entry before. What the folder does not claim to hold may be missing.
    fn chain(&mut self, opened: &Opened) -> Result<(), Missing> {
        let link = opened.entry.link();
        let head = self.heads.get(&link.of);
        let followed = proof::follow(head, opened);
        let next = followed.clone().or_else(|_| Head::after(opened));
        let before = head.map_or(0, |h| h.seq);
        let first = self.ranges.get(&link.of).map_or(0, |range| range.0);
        if let Ok(next) = next {
            self.heads.insert(link.of.clone(), next);
        }
        match followed {
            Ok(_) => Ok(()),
            // the beginning of the chain, or entries of other cases before this one's first
            Err(ProofError::ChainStart) if before == 0 && link.seq > 1 && link.seq <= first => {
                Err(Missing::absent("chain_not_included"))
            }
            Err(ProofError::ChainGap { after, .. }) if after < first && link.seq <= first => {
                Err(Missing::absent("chain_not_included"))
            }
            Err(error) => Err(Missing::of(&error)),
        }
    }

    /// What the folder claims to hold must be there up to its end.
    fn ends(&mut self) {
        for (chain, (_, to)) in &self.ranges {
            if self.heads.get(chain).is_none_or(|head| head.seq < *to) {
                self.report.add("", "chain", Err(Missing::wrong("chain_gap")));
            }
        }
        self.copies.ends(self.report, self.dir);
    }

    fn receipt(&mut self, at: &str, path: &Path, opened: &Opened) -> Option<(Receipt, EntryLeaf)> {
        let (receipt, key) = match (receipt_of(path), &self.log_key) {
            (Ok(receipt), Some(key)) => (receipt, key),
            (Err(missing), _) => {
                self.report.add(at, "receipt", Err(missing));
                return None;
            }
            (_, None) => {
                self.report.add(at, "receipt", Err(Missing::absent("log_key_missing")));
                return None;
            }
        };
        match verify_receipt(&receipt, opened.digest, key) {
            Ok(leaf) => {
                self.report.add(at, "receipt", Ok(()));
                let told = leaf.findings.iter().map(|code| (at.to_owned(), code.clone()));
                self.report.findings.extend(told);
                Some((receipt, leaf))
            }
            Err(error) => {
                self.report.add(at, "receipt", Err(Missing::of(&error)));
                None
            }
        }
    }

    /// The platform's word on the bytes.
    fn stored(&self, path: &Path, capture: &Capture) -> Result<(), Missing> {
        let place = place_of(&path.join("stored"), "place.json")?;
        let key = self
            .log_key
            .as_ref()
            .ok_or_else(|| Missing::absent("log_key_missing"))?;
        match place.verify(key).map_err(|e| Missing::of(&e))? {
            (Leaf::Stored(stored), _) => {
                let told = proof::check_media(&capture.media, stored.bytes, &stored.media, &stored.sm3);
                told.map_err(|e| Missing::of(&e))
            }
            _ => Err(Missing::wrong("log_not_included")),
        }
    }

    fn stamp(&self, path: &Path, receipt: Option<Receipt>) -> Result<(), Missing> {
        let receipt = receipt.ok_or_else(|| Missing::absent("receipt_missing"))?;
        if receipt.stamp.state != StampState::Stamped {
            let state = serde_json::to_value(receipt.stamp.state).unwrap_or_default();
            return Err(Missing::absent(&format!("stamp_{}", state.as_str().unwrap_or("none"))));
        }
        let reply = small(&path.join("checkpoint.tsr")).ok_or_else(|| Missing::absent("stamp_missing"))?;
        let trusted = self
            .certificates
            .as_ref()
            .ok_or_else(|| Missing::absent("tsa_certificates_missing"))?;
        (self.outside.stamps)(&reply, receipt.place.checkpoint.as_bytes(), trusted).map_err(Missing::wrong)?;
        Ok(())
    }
}

fn absent_or_wrong(error: &ProofError) -> Missing {
    match error {
        ProofError::SignatureAbsent => Missing::absent("signature_absent"),
        other => Missing::of(other),
    }
}

/// Largest copy with Content Credentials that is read.
const COPY_BYTES: u64 = 64 * 1024 * 1024;

/// The copy with Content Credentials beside the photo; nothing when none was made.
fn credentials(path: &Path, manifest: Named256, known: &Known, outside: &Outside<'_>) -> Option<Result<(), Missing>> {
    let file = plain_file(&path.join("photo.c2pa.jpg"))?;
    let mut bytes = Vec::new();
    let read = file.take(COPY_BYTES).read_to_end(&mut bytes);
    if read.is_err() {
        return Some(Err(Missing::wrong("c2pa_unreadable")));
    }
    let told = (outside.credentials)(&bytes, manifest, known.credential_anchors.as_deref());
    Some(told.map_err(|(told, code)| match told {
        Told::Absent => Missing::absent(code),
        _ => Missing::wrong(code),
    }))
}

/// The photo's file, when it is here.
pub(super) fn photo_in(path: &Path) -> Option<PathBuf> {
    let mut names = ["photo.jpg", "photo.png", "photo.heic"]
        .iter()
        .map(|name| path.join(name));
    names.find(|file| plain_file(file).is_some())
}

/// The photo's bytes against its manifest, in one pass.
fn bytes(path: &Path, capture: &Capture) -> Result<(), Missing> {
    let file = photo_in(path).and_then(|file| plain_file(&file));
    let file = file.ok_or_else(|| Missing::absent("photo_missing"))?;
    let (count, sha256, sm3) = digests(file, capture.media.bytes).map_err(|_| Missing::wrong("media_size"))?;
    // a changed file of the same size shows in its digests, one of another size in all three: the digest is told
    let digests = proof::check_media(&capture.media, capture.media.bytes, &sha256, &sm3);
    digests
        .and_then(|()| proof::check_media(&capture.media, count, &sha256, &sm3))
        .map_err(|e| Missing::of(&e))
}

/// The phone's clock beside the satellites' and the platform's.
fn time(capture: &Capture, leaf: Option<&EntryLeaf>) -> Result<(), Missing> {
    let wall = UtcMillis::parse_rfc3339(&capture.time.wall).ok_or_else(|| Missing::wrong("clock_unreadable"))?;
    let gnss = capture.time.gnss.as_deref().and_then(UtcMillis::parse_rfc3339);
    if gnss.is_some_and(|gnss| wall.since(gnss).abs() > CLOCK_MS) {
        return Err(Missing::wrong("clock_gnss"));
    }
    let arrived = leaf.and_then(|leaf| UtcMillis::parse_rfc3339(&leaf.at));
    match arrived {
        Some(arrived) if wall.since(arrived) > CLOCK_MS => Err(Missing::wrong("clock_ahead")),
        Some(_) => Ok(()),
        None if gnss.is_some() => Ok(()),
        None => Err(Missing::absent("receipt_missing")),
    }
}
