//! Keys of phones: bound by the first chain, by a rotation, by a chain that begins again; revoked from a place on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::rules::proof::{Opened, key_digest};
use fushan_grid_core::wire::log::leaf::{KeyChange, KeyLeaf, Leaf};
use fushan_grid_core::wire::manifest::{Entry, Named256, SignedEntry};

use super::arrival::{Finding, Taker};
use crate::attestation;
use crate::store::{BoundKey, Stored};

impl Taker<'_, '_, '_> {
    /// Binds keys as entries bring them, and looks whether the one in use counts.
    pub(super) fn key(&mut self, opened: &Opened, begins: bool) -> Stored<Option<Finding>> {
        let link = opened.entry.link();
        let bound = self.tx.keys_of(self.device.id)?;
        let known = bound.iter().find(|k| k.key == opened.key);
        let mut found = None;
        match (&opened.entry, known) {
            (_, Some(key))
                if key
                    .revoked_from
                    .is_some_and(|from| key.chain != link.of || link.seq >= from) =>
            {
                found = Some(Finding::of("key_revoked", ""));
            }
            (Entry::Start(start), None) => {
                let again = !bound.is_empty();
                let change = if again {
                    KeyChange::Reinstalled
                } else {
                    KeyChange::Bound
                };
                self.bind(opened.key, link.of.clone(), link.seq, &start.key_kind, change)?;
                found = again.then(|| Finding::of("chain_again", reason(&start.reason)));
            }
            (Entry::Start(start), Some(_)) if begins && !bound.is_empty() => {
                found = Some(Finding::of("chain_again", reason(&start.reason)));
            }
            (_, None) => found = Some(Finding::of("key_unbound", "")),
            _ => {}
        }
        if let (Entry::Rotation(rotation), None) = (&opened.entry, &found) {
            let spki = BASE64.decode(&rotation.new_key).unwrap_or_default();
            let new = key_digest(&spki);
            self.bind(
                new,
                link.of.clone(),
                link.seq + 1,
                &rotation.key_kind,
                KeyChange::Rotated,
            )?;
        }
        Ok(found)
    }

    /// What the key store's certificates of a new key come to; nothing while the district has configured no roots.
    pub(super) fn attested(&self, signed: &SignedEntry, entry: &Entry) -> Option<Finding> {
        let roots = self.platform.witness.attestation_roots.as_deref()?;
        let (certificates, key) = match entry {
            Entry::Start(start) => (&start.attestation, &signed.public_key),
            Entry::Rotation(rotation) => (&rotation.attestation, &rotation.new_key),
            Entry::Capture(_) | Entry::Custody(_) => return None,
        };
        if certificates.is_empty() {
            return Some(Finding::of("attestation_missing", ""));
        }
        let chain: Vec<Vec<u8>> = certificates.iter().filter_map(|c| BASE64.decode(c).ok()).collect();
        let key = BASE64.decode(key).unwrap_or_default();
        let told = attestation::verify(&chain, &key, roots, self.now);
        told.err().map(|error| Finding::of(error.code(), ""))
    }

    fn bind(
        &mut self,
        key: Named256,
        chain: String,
        from_seq: u64,
        kind: &impl serde::Serialize,
        change: KeyChange,
    ) -> Stored<()> {
        let bound = BoundKey {
            device: self.device.id,
            key,
            chain: chain.clone(),
            from_seq,
            kind: reason(kind),
            revoked_from: None,
            reason: String::new(),
        };
        self.tx.put_key(&bound, self.now)?;
        self.leaf(Leaf::Key(KeyLeaf {
            v: Leaf::VERSION,
            at: self.now.to_string(),
            device: self.device.id,
            key,
            change,
            chain,
            from_seq,
        }))?;
        Ok(())
    }
}

/// The code of an enum's value.
fn reason(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}
