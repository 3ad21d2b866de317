//! Entries that arrive: checked one after the other, kept with what was found, written into the log, all in one transaction.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::fault::Coded as _;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::likeness::Pictured;
use fushan_grid_core::rules::proof::{self, Head, Opened, ProofError};
use fushan_grid_core::wire::evidence::{EntryResult, EntryStatus};
use fushan_grid_core::wire::log::leaf::{EntryLeaf, Leaf};
use fushan_grid_core::wire::manifest::{Capture, Entry, Named256, SignedEntry, Verdict, canonical};
use sha2::{Digest, Sha256};

use super::plausible::{self, Last};
use super::receipts;
use super::reuse::{self, pictured};
use crate::Platform;
use crate::store::{self, Device, Flag, Kept, StoreError, Stored, Tx};

/// Something amiss, with what was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: String,
    pub(super) detail: String,
}

impl Finding {
    pub(super) fn of(code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

/// Takes a phone's entries. The phone behind the credentials counts, whatever an entry says.
pub(crate) fn take(platform: &Platform, device: &Device, entries: &[SignedEntry]) -> Stored<Vec<EntryResult>> {
    let now = platform.now();
    platform.witness.reuse.catch_up(platform)?;
    store::write(&*platform.store, |tx| {
        // taken first: numbers of leaves are known before they are written
        let first = tx.append_to_log(&[])?;
        let mut taker = Taker {
            platform,
            tx,
            device,
            now,
            first,
            leaves: Vec::new(),
            fresh: Vec::new(),
        };
        let mut results = Vec::with_capacity(entries.len());
        for signed in entries {
            results.push(taker.entry(signed)?);
        }
        let leaves = std::mem::take(&mut taker.leaves);
        tx.append_to_log(&leaves)?;
        let kept: Vec<Named256> = results
            .iter()
            .filter(|r| r.status != EntryStatus::Refused)
            .map(|r| r.entry)
            .collect();
        let mut given = receipts::receipts(platform, tx, &kept)?.into_iter();
        for result in results.iter_mut().filter(|r| r.status != EntryStatus::Refused) {
            result.receipt = given.next();
        }
        Ok(results)
    })
}

pub(super) struct Taker<'a, 't, 's> {
    pub(super) platform: &'a Platform,
    pub(super) tx: &'t mut Tx<'s>,
    pub(super) device: &'a Device,
    pub(super) now: UtcMillis,
    first: u64,
    leaves: Vec<String>,
    fresh: Vec<(Pictured, String)>,
}

impl Taker<'_, '_, '_> {
    fn entry(&mut self, signed: &SignedEntry) -> Stored<EntryResult> {
        let digest = canonical::digest(&signed.manifest);
        let answer = |status, findings| EntryResult {
            entry: digest,
            status,
            findings,
            receipt: None,
        };
        let entry = match canonical::read(&signed.manifest) {
            Ok(entry) => entry,
            Err(error) => return Ok(answer(EntryStatus::Refused, vec![error.fault().code.to_owned()])),
        };
        if let Some((_, leaf, _, _)) = self.tx.kept_entry(digest)? {
            return Ok(answer(EntryStatus::Same, self.findings_of(leaf)?));
        }
        let findings = self.judge(digest, signed, &entry)?;
        let codes: Vec<String> = findings.iter().map(|f| f.code.clone()).collect();
        let leaf = self.leaf(Leaf::Entry(EntryLeaf {
            v: Leaf::VERSION,
            at: self.now.to_string(),
            entry: digest,
            signature: digest_of_base64(&signed.signature),
            key: digest_of_base64(&signed.public_key),
            device: self.device.id,
            findings: codes.clone(),
        }))?;
        let (typ, capture) = kind(&entry);
        let link = entry.link();
        self.tx.keep_entry(&Kept {
            entry: digest,
            device: self.device.id,
            chain: link.of.clone(),
            seq: link.seq,
            typ,
            subject: capture.map(|c| c.subject.case.clone()).unwrap_or_default(),
            media: capture.map(|c| c.media.sha256),
            received_at: self.now,
            leaf,
            signed: signed.clone(),
        })?;
        self.raise(digest, &entry, &findings)?;
        if let Some(capture) = capture {
            self.fresh
                .extend(pictured(capture).map(|p| (p, capture.subject.case.clone())));
        }
        Ok(answer(EntryStatus::Stored, codes))
    }

    /// What was found when an entry first came; it may be a leaf of this very transaction.
    fn findings_of(&mut self, leaf: u64) -> Stored<Vec<String>> {
        let own = leaf
            .checked_sub(self.first)
            .and_then(|at| self.leaves.get(usize::try_from(at).ok()?).cloned());
        let text = match own {
            Some(text) => Some(text),
            None => self.tx.log_leaf(leaf)?,
        };
        match text.as_deref().map(Leaf::read) {
            Some(Ok(Leaf::Entry(leaf))) => Ok(leaf.findings),
            _ => Err(StoreError::Shape),
        }
    }

    /// Everything that can be said about an entry at its arrival; moves the chain's end.
    fn judge(&mut self, digest: Named256, signed: &SignedEntry, entry: &Entry) -> Stored<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut note = |error: ProofError| findings.push(Finding::of(error.fault().code, detail(error)));
        let opened = proof::open(signed);
        let signature = proof::verify(signed);
        for error in [opened.as_ref().err(), signature.as_ref().err()].into_iter().flatten() {
            note(*error);
        }
        findings.extend(self.attested(signed, entry));
        if entry.actor().staff != self.device.staff.0 {
            findings.push(Finding::of("staff_other", ""));
        }
        let row = self.tx.chain(&entry.link().of)?;
        if row.device.is_some_and(|device| device != self.device.id) {
            findings.push(Finding::of("chain_of_other_phone", ""));
            return Ok(findings);
        }
        // what somebody else may have written must not move the chain
        let trusted = matches!(signature, Ok(()) | Err(ProofError::SignatureAbsent));
        let head: Option<Head> = if row.head.is_empty() {
            None
        } else {
            Some(serde_json::from_str(&row.head)?)
        };
        let mut end = row.head.clone();
        if let (Ok(opened), true) = (&opened, trusted) {
            let (next, amiss) = advance(head.as_ref(), opened);
            findings.extend(amiss.map(|e| Finding::of(e.fault().code, detail(e))));
            if let Some(next) = next {
                findings.extend(self.key(opened, head.is_none())?);
                end = serde_json::to_string(&next)?;
            }
        }
        let mut last = row.last;
        if let Entry::Capture(capture) = entry {
            let before: Option<Last> = serde_json::from_str(&last).ok();
            findings.extend(plausible::check(capture, before.as_ref(), self.now));
            findings.extend(self.bytes(capture)?);
            findings.extend(reuse::check(self.platform, self.tx, digest, capture, &self.fresh)?);
            last = serde_json::to_string(&Last::of(capture))?;
        }
        if !end.is_empty() {
            self.tx.put_chain(&entry.link().of, self.device.id, &end, &last)?;
        }
        findings.dedup();
        Ok(findings)
    }

    /// Compares with the bytes, when they came first.
    fn bytes(&mut self, capture: &Capture) -> Stored<Option<Finding>> {
        let Some(stored) = self.tx.stored_media(capture.media.sha256)? else {
            return Ok(None);
        };
        let compared = proof::check_media(&capture.media, stored.bytes, &stored.media, &stored.sm3);
        Ok(compared.err().map(|e| Finding::of(e.fault().code, "")))
    }

    /// What goes to the supervisor: everything found here, and what the phone's own checks flagged.
    fn raise(&mut self, entry: Named256, what: &Entry, findings: &[Finding]) -> Stored<()> {
        let checks = match what {
            Entry::Capture(capture) => capture.checks.as_slice(),
            _ => &[],
        };
        let of_phone = checks.iter().filter(|c| c.verdict == Verdict::Flag).map(|c| Finding {
            code: format!("check_{}", c.id),
            detail: c.score.clone(),
        });
        let subject = kind(what).1.map(|c| c.subject.case.clone()).unwrap_or_default();
        for finding in findings.iter().cloned().chain(of_phone) {
            self.tx.raise(&Flag {
                entry,
                code: bounded(&finding.code),
                subject: bounded(&subject),
                grid: bounded(&what.actor().grid),
                detail: bounded(&finding.detail),
                raised_at: self.now,
                closed_at: None,
                decision: String::new(),
                decided_by: String::new(),
            })?;
        }
        Ok(())
    }

    pub(super) fn leaf(&mut self, leaf: Leaf) -> Stored<u64> {
        let index = self.first + self.leaves.len() as u64;
        self.leaves.push(leaf.text().map_err(|_| StoreError::Shape)?);
        Ok(index)
    }
}

/// The chain's end after an entry, and what is wrong with the step. Behind a gap it goes on, having reported it; an entry that
/// comes late or is signed by another key leaves the end where it was.
fn advance(head: Option<&Head>, next: &Opened) -> (Option<Head>, Option<ProofError>) {
    match proof::follow(head, next) {
        Ok(head) => (Some(head), None),
        Err(error @ (ProofError::ChainGap { .. } | ProofError::ChainPrev)) => {
            let same_key = head.is_some_and(|h| h.key == next.key);
            let end = if same_key { Head::after(next).ok() } else { None };
            (end, Some(error))
        }
        // a chain whose beginning never came
        Err(error @ ProofError::ChainStart) if head.is_none() => (Head::after(next).ok(), Some(error)),
        Err(error) => (None, Some(error)),
    }
}

fn detail(error: ProofError) -> String {
    let args = error.fault().args;
    let texts: Vec<String> = args
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    texts.join(" ")
}

/// Longest text of a flag.
const FLAG_CHARS: usize = 200;

/// A text for people to read: bounded, nothing in it that hides or turns other characters.
fn bounded(text: &str) -> String {
    canonical::plain(text, FLAG_CHARS)
}

fn kind(entry: &Entry) -> (&'static str, Option<&Capture>) {
    match entry {
        Entry::Capture(capture) => ("grid.capture", Some(capture)),
        Entry::Custody(_) => ("grid.custody", None),
        Entry::Rotation(_) => ("grid.rotation", None),
        Entry::Start(_) => ("grid.start", None),
    }
}

fn digest_of_base64(text: &str) -> Named256 {
    // what is no base64 was found amiss already; its digest is that of nothing
    Named256(Sha256::digest(BASE64.decode(text).unwrap_or_default()).into())
}
