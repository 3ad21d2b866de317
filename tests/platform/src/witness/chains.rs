//! Where the phones' chains stand: what is missing, which keys count. Nothing is hidden.

use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::wire::log::leaf::{KeyChange, KeyLeaf, Leaf};
use fushan_grid_core::wire::manifest::Named256;
use serde::Serialize;

use crate::Platform;
use crate::store::{self, StoreError, Stored};

/// A chain as the platform has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    chain: String,
    device: DeviceId,
    entries: u64,
    /// Places that never came, as first and last.
    missing: Vec<(u64, u64)>,
    keys: Vec<KeyStanding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct KeyStanding {
    key: Named256,
    kind: String,
    from_seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_from: Option<u64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

/// All chains.
pub(crate) fn chains(platform: &Platform) -> Stored<Vec<Standing>> {
    store::read(&*platform.store, |tx| {
        let mut all = Vec::new();
        for (chain, device) in tx.chains()? {
            let places = tx.chain_places(&chain)?;
            let own = tx.keys_of(device)?.into_iter().filter(|k| k.chain == chain);
            let keys = own.map(|k| KeyStanding {
                key: k.key,
                kind: k.kind,
                from_seq: k.from_seq,
                revoked_from: k.revoked_from,
                reason: k.reason,
            });
            let keys = keys.collect();
            all.push(Standing {
                chain,
                device,
                entries: places.len() as u64,
                missing: missing(&places),
                keys,
            });
        }
        Ok(all)
    })
}

/// The holes between sorted places, counted from 1.
fn missing(places: &[u64]) -> Vec<(u64, u64)> {
    let before = std::iter::once(&0).chain(places);
    let holes = before.zip(places).filter(|(a, b)| **b > **a + 1);
    holes.map(|(a, b)| (a + 1, b - 1)).collect()
}

/// Lets a phone's key count no more from a place of its chain on: the phone was lost. Nothing already kept is touched.
pub(crate) fn revoke(
    platform: &Platform,
    device: DeviceId,
    key: Named256,
    from_seq: u64,
    reason: &str,
) -> Stored<bool> {
    let now = platform.now();
    store::write(&*platform.store, |tx| {
        let Some(mut bound) = tx.keys_of(device)?.into_iter().find(|k| k.key == key) else {
            return Ok(false);
        };
        bound.revoked_from = Some(from_seq);
        bound.reason = reason.to_owned();
        tx.put_key(&bound, now)?;
        let leaf = Leaf::Key(KeyLeaf {
            v: Leaf::VERSION,
            at: now.to_string(),
            device,
            key,
            change: KeyChange::Revoked,
            chain: bound.chain,
            from_seq,
        });
        tx.append_to_log(&[leaf.text().map_err(|_| StoreError::Shape)?])?;
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::missing;

    #[test]
    fn every_hole_is_told_and_nothing_else() {
        assert_eq!(missing(&[]), []);
        assert_eq!(missing(&[1, 2, 3]), []);
        assert_eq!(missing(&[3, 4, 8]), [(1, 2), (5, 7)]);
    }
}
