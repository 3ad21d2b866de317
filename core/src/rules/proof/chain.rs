//! Entry after entry: places without gaps, each naming the one before, the key changed only by the key in use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::ProofError;
use super::signature::{Opened, key_digest};
use crate::wire::manifest::{Entry, Named256};

/// The end of a chain so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The chain, by the id of its first entry.
    pub of: String,
    /// Place of the last entry.
    pub seq: u64,
    /// Digest of the last entry's text.
    pub digest: Named256,
    /// Key that must sign the next entry.
    pub key: Named256,
    /// Id of the entry that introduced that key.
    pub attest: String,
}

/// Joins an entry to the end of its chain; gives the new end. A verifier that goes on behind a gap passes `Head::of` a
/// later entry, having reported the gap.
///
/// # Errors
/// [`ProofError`] about the chain; the end stays where it was.
pub fn follow(head: Option<&Head>, next: &Opened) -> Result<Head, ProofError> {
    let link = next.entry.link();
    let Some(head) = head else {
        let begins = matches!(&next.entry, Entry::Start(s) if s.id == link.of) && link.seq == 1 && link.prev.is_none();
        return if begins {
            Head::after(next)
        } else {
            Err(ProofError::ChainStart)
        };
    };
    if link.of != head.of {
        return Err(ProofError::ChainOther);
    }
    if link.seq <= head.seq {
        return Err(ProofError::ChainOrder { found: link.seq });
    }
    if link.seq != head.seq.saturating_add(1) {
        return Err(ProofError::ChainGap {
            after: head.seq,
            found: link.seq,
        });
    }
    if link.prev != Some(head.digest) {
        return Err(ProofError::ChainPrev);
    }
    if matches!(next.entry, Entry::Start(_)) {
        return Err(ProofError::ChainStart);
    }
    if next.key != head.key {
        return Err(ProofError::KeyNotOfChain);
    }
    Head::after(next)
}

impl Head {
    /// The end of a chain whose last entry is this one, whatever came before.
    ///
    /// # Errors
    /// [`ProofError::KeyMalformed`] for a rotation to a key that is none.
    pub fn after(last: &Opened) -> Result<Self, ProofError> {
        let link = last.entry.link();
        let (key, attest) = match &last.entry {
            Entry::Rotation(rotation) => {
                let spki = BASE64.decode(&rotation.new_key).map_err(|_| ProofError::KeyMalformed)?;
                (key_digest(&spki), rotation.id.clone())
            }
            other => (last.key, other.actor().attest.clone()),
        };
        Ok(Self {
            of: link.of.clone(),
            seq: link.seq,
            digest: last.digest,
            key,
            attest,
        })
    }
}
