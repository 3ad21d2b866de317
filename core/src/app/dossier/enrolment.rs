//! Where a phone's key comes from: the key store's certificates in the entry that introduced it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::files::small;
use super::report::Missing;
use super::{Known, Outside};
use crate::model::time::UtcMillis;
use crate::wire::manifest::{Entry, SignedEntry};

/// The certificates of an entry that introduces a key: signed in the entry, the same in `enrol/`, of that very key, and vouched for.
/// Nothing for other entries.
pub(super) fn check(
    path: &Path,
    signed: &SignedEntry,
    entry: &Entry,
    known: &Known,
    received: Option<UtcMillis>,
    outside: &Outside<'_>,
) -> Option<Result<(), Missing>> {
    let (certificates, key, at) = match entry {
        Entry::Start(start) => (&start.attestation, &signed.public_key, &start.at),
        Entry::Rotation(rotation) => (&rotation.attestation, &rotation.new_key, &rotation.at),
        Entry::Capture(_) | Entry::Custody(_) => return None,
    };
    let chain: Vec<Vec<u8>> = certificates.iter().filter_map(|c| BASE64.decode(c).ok()).collect();
    let key = BASE64.decode(key).unwrap_or_default();
    // the platform's clock where there is one
    let at = received.or_else(|| UtcMillis::parse_rfc3339(at)).unwrap_or_default();
    Some(judge(path, &chain, &key, known, at, outside))
}

fn judge(
    path: &Path,
    chain: &[Vec<u8>],
    key: &[u8],
    known: &Known,
    at: UtcMillis,
    outside: &Outside<'_>,
) -> Result<(), Missing> {
    if chain.is_empty() {
        return Err(Missing::absent("attestation_missing"));
    }
    for (number, certificate) in chain.iter().enumerate() {
        let file = small(&path.join("enrol").join(format!("{number}.der")));
        if file.is_some_and(|file| file != *certificate) {
            return Err(Missing::wrong("attestation_files"));
        }
    }
    let roots = known.attestation_roots.as_deref();
    let roots = roots.ok_or_else(|| Missing::absent("attestation_roots_missing"))?;
    (outside.attestation)(chain, key, roots, at).map_err(Missing::wrong)
}
