//! The public log's tables: leaves, nodes over complete subtrees, the head.

use std::collections::BTreeMap;
use std::convert::Infallible;

use fushan_grid_core::wire::log::NodeHash;
use fushan_grid_core::wire::log::merkle::{self, Nodes, append, leaf_hash};

use super::{StoreError, Stored, Tx};
use crate::values;

type At = (u32, u64);

/// Nodes at hand.
struct Held(BTreeMap<At, NodeHash>);

impl Nodes for Held {
    type Error = StoreError;
    fn node(&mut self, level: u32, index: u64) -> Stored<NodeHash> {
        self.0.get(&(level, index)).copied().ok_or(StoreError::Shape)
    }
}

/// Notes which nodes a computation wants, so that they are fetched in one round trip.
#[derive(Default)]
struct Wanted(Vec<At>);

impl Nodes for Wanted {
    type Error = Infallible;
    fn node(&mut self, level: u32, index: u64) -> Result<NodeHash, Infallible> {
        self.0.push((level, index));
        Ok(NodeHash([0; 32]))
    }
}

impl Tx<'_> {
    /// Entries of the log.
    ///
    /// # Errors
    /// Those of the database.
    pub fn log_size(&mut self) -> Stored<u64> {
        let row = self.first("SELECT size FROM log_head WHERE id = 1", values![])?;
        row.ok_or(StoreError::Shape)?.count(0)
    }

    /// Adds leaves at the end of the log; the number of the first. The head is taken until the transaction ends.
    ///
    /// # Errors
    /// Those of the database.
    pub fn append_to_log(&mut self, leaves: &[String]) -> Stored<u64> {
        let row = self.first("SELECT size FROM log_head WHERE id = 1 FOR UPDATE", values![])?;
        let first = row.ok_or(StoreError::Shape)?.count(0)?;
        if leaves.is_empty() {
            return Ok(first);
        }
        // the nodes that the next leaf may join: one for each complete subtree of the present tree
        let ends = (0..u64::BITS).filter(|level| first >> level & 1 == 1);
        let mut held = Held(self.log_nodes(ends.map(|level| (level, (first >> level) - 1)).collect())?);
        let mut size = first;
        for leaf in leaves {
            for (level, index, hash) in append(size, leaf_hash(leaf.as_bytes()), &mut held)? {
                held.0.insert((level, index), hash);
                let sql = "INSERT INTO log_node (level, idx, hash) VALUES (?, ?, ?)";
                self.later(sql, values![level, index, &hash.0])?;
            }
            self.later("INSERT INTO log_leaf (idx, doc) VALUES (?, ?)", values![size, leaf])?;
            size += 1;
        }
        self.later("UPDATE log_head SET size = ? WHERE id = 1", values![size])?;
        Ok(first)
    }

    /// Root of the log's first `size` leaves.
    ///
    /// # Errors
    /// Those of the database.
    pub fn log_root(&mut self, size: u64) -> Stored<NodeHash> {
        let mut wanted = Wanted::default();
        let Ok(_) = merkle::root(size, &mut wanted);
        merkle::root(size, &mut Held(self.log_nodes(wanted.0)?))
    }

    /// Inclusion proofs of several leaves in the tree of the first `size` leaves.
    ///
    /// # Errors
    /// Those of the database.
    pub fn log_inclusions(&mut self, indices: &[u64], size: u64) -> Stored<Vec<Vec<NodeHash>>> {
        let mut wanted = Wanted::default();
        for index in indices {
            let Ok(_) = merkle::inclusion(*index, size, &mut wanted);
        }
        let mut held = Held(self.log_nodes(wanted.0)?);
        indices
            .iter()
            .map(|index| merkle::inclusion(*index, size, &mut held))
            .collect()
    }

    /// Proof that the tree of `new` leaves begins with that of `old`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn log_consistency(&mut self, old: u64, new: u64) -> Stored<Vec<NodeHash>> {
        let mut wanted = Wanted::default();
        let Ok(_) = merkle::consistency(old, new, &mut wanted);
        merkle::consistency(old, new, &mut Held(self.log_nodes(wanted.0)?))
    }

    /// The text of a leaf.
    ///
    /// # Errors
    /// Those of the database.
    pub fn log_leaf(&mut self, index: u64) -> Stored<Option<String>> {
        let row = self.first("SELECT doc FROM log_leaf WHERE idx = ?", values![index])?;
        row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
    }

    fn log_nodes(&mut self, mut wanted: Vec<At>) -> Stored<BTreeMap<At, NodeHash>> {
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let one = |(level, index): &At| {
            (
                "SELECT hash FROM log_node WHERE level = ? AND idx = ?",
                values![*level, *index],
            )
        };
        let answers = self.queries(wanted.iter().map(one).collect())?;
        let rows = wanted.iter().zip(answers);
        let node = |(at, rows): (&At, Vec<super::Row>)| {
            let row = rows.into_iter().next().ok_or(StoreError::Shape)?;
            Ok((*at, NodeHash(row.fixed(0)?)))
        };
        rows.map(node).collect()
    }
}
