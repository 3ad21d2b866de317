//! The phone's side of the chain: entries are linked, signed and kept, and none is ever lost for want of a signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::env::{Env, ten_random};
use crate::model::ids::RecordId;
use crate::rules::proof::{self, Head, ProofError};
use crate::store::entries::{self, Kept, NewEntry};
use crate::store::{StoreError, Writer, custody, identity};
use crate::wire::manifest::{
    Actor, Custody, EVENTS_PER_ENTRY, Entry, Link, Named256, Rotation, SignedEntry, Start, StartReason, VERSION,
    canonical,
};

/// The end of the chain, and entries to be joined to it in one transaction.
pub(in crate::app) struct Chain<'e> {
    env: &'e Env,
    staff: String,
    head: Option<Head>,
    /// The key in use, SubjectPublicKeyInfo; empty when there is none.
    key: Vec<u8>,
    entries: Vec<NewEntry>,
}

/// What a walk over this phone's own chains came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainReport {
    /// Entries looked at.
    pub entries: u64,
    /// Chains they form.
    pub chains: u64,
    /// Entries without signature.
    pub unsigned: u64,
    /// What does not hold, by the entry's digest and code.
    pub failures: Vec<(Named256, &'static str)>,
}

impl Engine {
    /// The chain in use. It begins when there is none, when its key is gone, or when something has broken it.
    pub(in crate::app) fn chain(&self) -> Result<Chain<'_>, AppError> {
        let (last, broken, me) = self
            .store
            .read(|r| Ok::<_, AppError>((entries::last(r)?, entries::broken(r)?, identity::get(r)?)))?;
        let end = last.as_ref().and_then(end_of);
        let key = self.signing_key(end.as_ref().map(|(head, _)| head));
        let mut chain = Chain {
            env: &self.env,
            staff: me.map(|me| me.staff.id.0).unwrap_or_default(),
            head: None,
            key: Vec::new(),
            entries: Vec::new(),
        };
        let reason = match (end, key, broken.as_deref()) {
            (_, key, Some("reinstall")) => (StartReason::Reinstall, key),
            (_, key, Some(_)) => (StartReason::Quarantine, key),
            (Some((head, _)), Some(key), None) if proof::key_digest(&key) == head.key => {
                (chain.head, chain.key) = (Some(head), key);
                return Ok(chain);
            }
            // the key store does not answer now: go on unsigned, the signature is added later
            (Some((head, spki)), None, None) => {
                (chain.head, chain.key) = (Some(head), spki);
                return Ok(chain);
            }
            (Some((head, _)), key, None) if head.key == proof::key_digest(&[]) => (StartReason::KeyMade, key),
            (Some(_), key, None) => (StartReason::KeyLost, key),
            (None, key, None) if last.is_some() => (StartReason::Quarantine, key),
            (None, key, None) => (StartReason::First, key),
        };
        chain.key = reason.1.unwrap_or_default();
        chain.begin(reason.0)?;
        Ok(chain)
    }

    /// The key store's public key; a rotation that was written down but not carried out is carried out first.
    fn signing_key(&self, head: Option<&Head>) -> Option<Vec<u8>> {
        let signer = &*self.env.signer;
        let key = signer.public_key().ok()?;
        let Some(head) = head.filter(|head| head.key != proof::key_digest(&key)) else {
            return Some(key);
        };
        match signer.next_key() {
            Ok(next) if proof::key_digest(&next.public_key) == head.key => {
                signer.use_next().ok()?;
                signer.public_key().ok()
            }
            _ => Some(key),
        }
    }

    /// Says that this installation follows another one whose data are gone: the next chain begins as such. The host knows,
    /// by a signing key that was there before the database was made.
    ///
    /// # Errors
    /// Those of the store.
    pub fn evidence_reinstalled(&self) -> Result<(), AppError> {
        self.store.write(|w| Ok(entries::set_broken(w, Some("reinstall"))?))
    }

    /// Changes the signing key: an entry signed by the old key names the new one. Gives the new key's digest.
    ///
    /// # Errors
    /// [`AppError::Signer`] when the key store makes no key; nothing has changed then.
    pub fn evidence_rotate_key(&self, reason: Option<&str>) -> Result<Named256, AppError> {
        let _turn = self.intake_turn();
        let mut chain = self.chain()?;
        let next = self.env.signer.next_key()?;
        // an entry that only the old key can sign must not wait beyond its life
        self.env.signer.sign(&[0; 32])?;
        self.sign_open()?;
        let entry = Entry::Rotation(Rotation {
            v: VERSION,
            id: chain.fresh_id(),
            actor: chain.actor(""),
            at: self.env.clock.wall().to_string(),
            new_key: BASE64.encode(&next.public_key),
            key_kind: self.env.signer.kind(),
            attestation: next.attestation.iter().map(|der| BASE64.encode(der)).collect(),
            reason: reason.map(|r| canonical::plain(r, 200)),
            chain: chain.next(),
        });
        chain.add(&entry)?;
        self.store.write(|w| Ok::<_, AppError>(chain.commit(w)?))?;
        // killed here, the next use of the chain finds the new key in its head and goes on from there
        self.env.signer.use_next()?;
        Ok(proof::key_digest(&next.public_key))
    }

    /// Seals open custody events into entries and adds signatures that were missing. Done before entries are sent.
    pub(in crate::app) fn seal_evidence(&self) -> Result<(), AppError> {
        let _turn = self.intake_turn();
        self.sign_open()?;
        loop {
            let open = self.store.read(|r| custody::open(r, EVENTS_PER_ENTRY))?;
            let Some((through, _)) = open.last().cloned() else {
                return Ok(());
            };
            let mut chain = self.chain()?;
            let entry = Entry::Custody(Custody {
                v: VERSION,
                id: chain.fresh_id(),
                actor: chain.actor(""),
                events: open.into_iter().map(|(_, event)| event).collect(),
                chain: chain.next(),
            });
            chain.add(&entry)?;
            self.store.write(|w| {
                if let Some(row) = chain.commit(w)?.last() {
                    custody::seal(w, through, *row)?;
                }
                Ok::<_, AppError>(())
            })?;
        }
    }

    /// Signs entries that the key store could not sign when they were made, as far as it still has their key.
    fn sign_open(&self) -> Result<(), AppError> {
        let open = self.store.read(entries::unsigned)?;
        let Ok(key) = self.env.signer.public_key() else {
            return Ok(());
        };
        for (row, digest, _) in open.into_iter().filter(|(_, _, spki)| *spki == key) {
            if let Ok(signature) = self.env.signer.sign(&digest.0) {
                self.store.write(|w| entries::sign(w, row, &signature))?;
            }
        }
        Ok(())
    }

    /// Entries of this phone's chains in their order, as they travel: a page after `after` entries.
    ///
    /// # Errors
    /// Those of the store.
    pub fn evidence_entries(&self, after: i64, limit: u32) -> Result<Vec<SignedEntry>, AppError> {
        let page = self.store.read(|r| entries::page(r, after, limit.min(1_000)))?;
        Ok(page.into_iter().map(|kept| kept.signed).collect())
    }

    /// Walks over this phone's own chains: text, signature, and link of every entry.
    ///
    /// # Errors
    /// Those of the store.
    pub fn evidence_chain(&self) -> Result<ChainReport, AppError> {
        let mut report = ChainReport {
            entries: 0,
            chains: 0,
            unsigned: 0,
            failures: Vec::new(),
        };
        let (mut head, mut after) = (None, 0);
        loop {
            let page = self.store.read(|r| entries::page(r, after, 500))?;
            let Some(last) = page.last() else { return Ok(report) };
            after = last.row;
            for kept in &page {
                report.take(kept, &mut head);
            }
        }
    }
}

/// The end of a chain and the key that must sign what follows.
fn end_of(last: &Kept) -> Option<(Head, Vec<u8>)> {
    let opened = proof::open(&last.signed).ok()?;
    let head = Head::after(&opened).ok()?;
    let key = match &opened.entry {
        Entry::Rotation(rotation) => BASE64.decode(&rotation.new_key).ok()?,
        _ => BASE64.decode(&last.signed.public_key).ok()?,
    };
    Some((head, key))
}

impl ChainReport {
    fn take(&mut self, kept: &Kept, head: &mut Option<Head>) {
        use crate::model::fault::Coded as _;
        self.entries += 1;
        let mut note = |error: ProofError| self.failures.push((kept.digest, error.fault().code));
        match proof::verify(&kept.signed) {
            Err(ProofError::SignatureAbsent) => self.unsigned += 1,
            Err(error) => note(error),
            Ok(()) => {}
        }
        let opened = match proof::open(&kept.signed) {
            Ok(opened) => opened,
            Err(error) => return note(error),
        };
        let begins = matches!(opened.entry, Entry::Start(_));
        let before = if begins { None } else { head.as_ref() };
        match proof::follow(before, &opened) {
            Ok(next) => *head = Some(next),
            Err(error) => {
                note(error);
                *head = Head::after(&opened).ok();
            }
        }
        self.chains += u64::from(begins);
    }
}

impl Chain<'_> {
    /// A fresh id of an entry.
    pub(super) fn fresh_id(&self) -> String {
        RecordId::v7(self.env.clock.wall(), ten_random(&*self.env.entropy)).to_string()
    }

    /// Who speaks.
    pub(super) fn actor(&self, grid: &str) -> Actor {
        Actor {
            staff: self.staff.clone(),
            grid: grid.to_owned(),
            device_key: proof::key_digest(&self.key),
            attest: self.head.as_ref().map(|h| h.attest.clone()).unwrap_or_default(),
        }
    }

    /// The place of the next entry.
    pub(super) fn next(&self) -> Link {
        Link {
            of: self.head.as_ref().map(|h| h.of.clone()).unwrap_or_default(),
            seq: self.head.as_ref().map_or(1, |h| h.seq.saturating_add(1)),
            prev: self.head.as_ref().map(|h| h.digest),
        }
    }

    fn begin(&mut self, reason: StartReason) -> Result<(), AppError> {
        let id = self.fresh_id();
        let attestation = self.env.signer.attestation().unwrap_or_default();
        let start = Start {
            v: VERSION,
            id: id.clone(),
            reason,
            actor: Actor {
                attest: id.clone(),
                ..self.actor("")
            },
            at: self.env.clock.wall().to_string(),
            key_kind: self.env.signer.kind(),
            attestation: attestation.iter().map(|der| BASE64.encode(der)).collect(),
            chain: Link {
                of: id,
                seq: 1,
                prev: None,
            },
        };
        self.add(&Entry::Start(start)).map(|_| ())
    }

    /// Joins an entry; gives its digest. It must have been made with [`Chain::next`] and [`Chain::actor`].
    pub(super) fn add(&mut self, entry: &Entry) -> Result<Named256, AppError> {
        let text = canonical::text(entry).map_err(ProofError::from)?;
        let digest = canonical::digest(&text);
        let signed = SignedEntry {
            signature: self.signature(&digest),
            public_key: BASE64.encode(&self.key),
            manifest: text,
        };
        // what a broken key store calls a signature is none
        let good = proof::verify(&signed).is_ok();
        let opened = proof::open(&signed)?;
        self.head = Some(proof::follow(self.head.as_ref(), &opened)?);
        let link = entry.link();
        self.entries.push(NewEntry {
            digest,
            chain: link.of.clone(),
            seq: link.seq,
            typ: entry.typ(),
            text: signed.manifest,
            public_key: self.key.clone(),
            signature: if good {
                BASE64.decode(&signed.signature).ok()
            } else {
                None
            },
        });
        Ok(digest)
    }

    fn signature(&self, digest: &Named256) -> String {
        let made = self.env.signer.sign(&digest.0);
        made.map(|der| BASE64.encode(der)).unwrap_or_default()
    }

    /// Keeps the joined entries; gives their rows. Two chains made from the same end cannot both be kept.
    pub(super) fn commit(&self, w: &Writer<'_>) -> Result<Vec<i64>, StoreError> {
        if self.entries.iter().any(|e| e.seq == 1) {
            entries::set_broken(w, None)?;
        }
        self.entries.iter().map(|entry| entries::insert(w, entry)).collect()
    }
}
