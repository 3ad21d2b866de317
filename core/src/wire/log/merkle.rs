//! The Merkle tree of RFC 6962: hashes of leaves and nodes, proofs, and their verification. Pure.
//!
//! Only nodes over complete subtrees are kept, by level and index; they never change. So a tree in a database grows inside
//! the transaction that adds a leaf, and proofs can be given for every earlier size too. (The crate `ct-merkle` keeps its
//! whole tree in memory, where an undone transaction would leave its leaf behind; our tests compare with it.)

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::LogError;

/// A hash of the tree: of a leaf, a node, or the root. Written in base64, as in a checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodeHash(pub [u8; 32]);

impl fmt::Display for NodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for NodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for NodeHash {
    type Error = LogError;
    fn try_from(text: String) -> Result<Self, LogError> {
        let bytes = BASE64.decode(text).map_err(|_| LogError::Malformed)?;
        Ok(Self(bytes.try_into().map_err(|_| LogError::Malformed)?))
    }
}

impl From<NodeHash> for String {
    fn from(hash: NodeHash) -> Self {
        hash.to_string()
    }
}

/// Hash of a leaf: SHA-256 over a zero byte and the leaf's bytes.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> NodeHash {
    let digest = Sha256::new().chain_update([0]).chain_update(leaf);
    NodeHash(digest.finalize().into())
}

/// Hash of a node: SHA-256 over a one byte and its two children.
#[must_use]
pub fn node_hash(left: NodeHash, right: NodeHash) -> NodeHash {
    let digest = Sha256::new()
        .chain_update([1])
        .chain_update(left.0)
        .chain_update(right.0);
    NodeHash(digest.finalize().into())
}

/// Root of the tree without leaves.
#[must_use]
pub fn empty_root() -> NodeHash {
    NodeHash(Sha256::digest([]).into())
}

/// Where the nodes over complete subtrees are kept.
pub trait Nodes {
    /// Why one could not be read.
    type Error;
    /// The node that covers the leaves `index * 2^level` up to the next multiple.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    fn node(&mut self, level: u32, index: u64) -> Result<NodeHash, Self::Error>;
}

/// A node to be kept: level, index, hash.
pub type Kept = (u32, u64, NodeHash);

/// The nodes that a leaf completes when it becomes number `index` of the tree, the leaf itself first.
///
/// # Errors
/// Those of the nodes.
pub fn append<N: Nodes>(index: u64, leaf: NodeHash, nodes: &mut N) -> Result<Vec<Kept>, N::Error> {
    let mut kept = vec![(0, index, leaf)];
    let (mut level, mut at, mut hash) = (0, index, leaf);
    while at % 2 == 1 {
        hash = node_hash(nodes.node(level, at - 1)?, hash);
        level += 1;
        at /= 2;
        kept.push((level, at, hash));
    }
    Ok(kept)
}

/// Root of the tree of the first `size` leaves.
///
/// # Errors
/// Those of the nodes.
pub fn root<N: Nodes>(size: u64, nodes: &mut N) -> Result<NodeHash, N::Error> {
    if size == 0 {
        return Ok(empty_root());
    }
    range(0, size, nodes)
}

/// Hash over the leaves `from..to`; `from` is a multiple of the subtree's size by the way ranges are split.
fn range<N: Nodes>(from: u64, to: u64, nodes: &mut N) -> Result<NodeHash, N::Error> {
    let count = to - from;
    if count.is_power_of_two() {
        return nodes.node(count.trailing_zeros(), from / count);
    }
    let middle = from + split(count);
    Ok(node_hash(range(from, middle, nodes)?, range(middle, to, nodes)?))
}

/// The largest power of two below `count`, for `count` above one.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// Proof that leaf `index` is in the tree of the first `size` leaves: the siblings from the leaf up.
/// Nothing for a leaf that is not in the tree.
///
/// # Errors
/// Those of the nodes.
pub fn inclusion<N: Nodes>(index: u64, size: u64, nodes: &mut N) -> Result<Vec<NodeHash>, N::Error> {
    let mut proof = Vec::new();
    let (mut from, mut to) = (0, size);
    while index < size && to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(range(middle, to, nodes)?);
            to = middle;
        } else {
            proof.push(range(from, middle, nodes)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Proof that the tree of the first `old` leaves is the beginning of the tree of the first `new` leaves. Empty when there is
/// nothing to prove: equal sizes, or an empty beginning.
///
/// # Errors
/// Those of the nodes.
pub fn consistency<N: Nodes>(old: u64, new: u64, nodes: &mut N) -> Result<Vec<NodeHash>, N::Error> {
    let mut proof = Vec::new();
    if old == 0 || old >= new {
        return Ok(proof);
    }
    let (mut from, mut to) = (0, new);
    let mut whole = true;
    while to != old {
        let middle = from + split(to - from);
        if old <= middle {
            proof.push(range(middle, to, nodes)?);
            to = middle;
        } else {
            proof.push(range(from, middle, nodes)?);
            from = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(range(from, to, nodes)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Most hashes of a proof: one for each bit of a size.
pub const PROOF_HASHES: usize = 64;

/// Verifies that a leaf is in a tree.
///
/// # Errors
/// [`LogError::NotIncluded`].
pub fn verify_inclusion(
    leaf: NodeHash,
    index: u64,
    size: u64,
    root: NodeHash,
    proof: &[NodeHash],
) -> Result<(), LogError> {
    if index >= size {
        return Err(LogError::NotIncluded);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return Err(LogError::NotIncluded);
        }
        if at % 2 == 1 || at == last {
            hash = node_hash(*sibling, hash);
            while at.is_multiple_of(2) && at != 0 {
                at /= 2;
                last /= 2;
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        at /= 2;
        last /= 2;
    }
    if last == 0 && hash == root {
        Ok(())
    } else {
        Err(LogError::NotIncluded)
    }
}

/// Which siblings of an inclusion proof stand on the left, in the proof's order: for people who compute the root by hand.
#[must_use]
pub fn left_siblings(index: u64, size: u64, proof: usize) -> Vec<bool> {
    let (mut at, mut last) = (index, size.saturating_sub(1));
    let mut sides = Vec::new();
    for _ in 0..proof {
        let left = at % 2 == 1 || at == last;
        while left && at.is_multiple_of(2) && at != 0 {
            at /= 2;
            last /= 2;
        }
        sides.push(left);
        at /= 2;
        last /= 2;
    }
    sides
}

/// Verifies that a tree only grew: that `old_root` is the root of the beginning of the tree with `new_root`.
///
/// # Errors
/// [`LogError::Shrunk`] for a smaller tree, [`LogError::Rewritten`] when the beginning is another one.
pub fn verify_consistency(
    (old, old_root): (u64, NodeHash),
    (new, new_root): (u64, NodeHash),
    proof: &[NodeHash],
) -> Result<(), LogError> {
    if new < old {
        return Err(LogError::Shrunk);
    }
    if old == new || old == 0 {
        let holds = proof.is_empty() && (old == 0 && old_root == empty_root() || old == new && old_root == new_root);
        return if holds { Ok(()) } else { Err(LogError::Rewritten) };
    }
    // a beginning that is itself a complete subtree is not repeated in the proof
    let begin = old.is_power_of_two().then_some(old_root);
    let mut path = begin.iter().chain(proof);
    let Some(first) = path.next() else {
        return Err(LogError::Rewritten);
    };
    let (mut at, mut last) = (old - 1, new - 1);
    while at % 2 == 1 {
        at /= 2;
        last /= 2;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return Err(LogError::Rewritten);
        }
        if at % 2 == 1 || at == last {
            old_hash = node_hash(*sibling, old_hash);
            new_hash = node_hash(*sibling, new_hash);
            while at.is_multiple_of(2) && at != 0 {
                at /= 2;
                last /= 2;
            }
        } else {
            new_hash = node_hash(new_hash, *sibling);
        }
        at /= 2;
        last /= 2;
    }
    if last == 0 && old_hash == old_root && new_hash == new_root {
        Ok(())
    } else {
        Err(LogError::Rewritten)
    }
}

#[cfg(test)]
#[path = "merkle_tests.rs"]
mod tests;
