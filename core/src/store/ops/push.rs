//! What is sent next, in which order, under which number.
//!
//! An operation gets its number `n` when it is first put into a batch; from then on it is sent again under that number until
//! it has an answer, unless it is set aside. Per record the order is that of making; a group travels whole; an operation that stands on a refused or
//! unsubmitted one waits, and nothing else waits with it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use super::super::conn::{Reader, Writer};
use super::super::error::StoreError;
use super::super::identity;
use super::document;
use crate::model::ids::{GroupId, Incarnation, RecordId};
use crate::model::op::{Action, Operation};
use crate::planted::{Bug, planted};
use crate::wire::push::NumberedOp;

/// An unanswered operation as the planner sees it.
struct Waiting {
    seq: i64,
    lane: i64,
    state: String,
    n: Option<u64>,
    bytes: usize,
    op: Operation,
}

/// The lanes that may move, by number.
pub type Lanes<'a> = &'a [u8];

/// The next batch, by ascending number: first what was sent and has no answer, then what is due in the given lanes, within the
/// bounds. What an operation stands on travels with it, whatever its lane.
///
/// # Errors
/// Those of the store.
pub fn next_push(
    w: &Writer<'_>,
    lanes: Lanes<'_>,
    max_ops: usize,
    max_bytes: usize,
) -> Result<Vec<NumberedOp>, StoreError> {
    let waiting = waiting(w)?;
    let mut batch = Batch {
        max_ops,
        max_bytes,
        bytes: 0,
        chosen: Vec::new(),
        taken: BTreeSet::new(),
    };
    let mut sent: Vec<_> = waiting
        .iter()
        .enumerate()
        .filter(|(_, o)| o.state == "sending")
        .collect();
    sent.sort_by_key(|(_, o)| o.n);
    // a group that was sent goes again as a whole: the platform takes no part of one
    let together = |(_, a): &(usize, &Waiting), (_, b): &(usize, &Waiting)| match (a.op.group, b.op.group) {
        (Some(a), Some(b)) => a.id == b.id,
        _ => false,
    };
    for unit in sent.chunk_by(together) {
        if !batch.fits(unit.len(), unit.iter().map(|(_, op)| op.bytes).sum()) {
            return numbered(w, &waiting, &batch.chosen);
        }
        unit.iter().for_each(|(index, op)| batch.take(*index, op.bytes));
    }
    let index = Index::of(&waiting);
    let mut due: Vec<_> = waiting
        .iter()
        .enumerate()
        .filter(|(_, o)| o.state == "queued" && u8::try_from(o.lane).is_ok_and(|lane| lanes.contains(&lane)))
        .collect();
    due.sort_by_key(|(_, o)| (o.lane, o.seq));
    for (at, _) in due {
        let Some(needed) = index.needed(&waiting, at, &batch.taken) else {
            continue;
        };
        let bytes = needed.iter().filter_map(|i| waiting.get(*i)).map(|o| o.bytes).sum();
        if !batch.fits(needed.len(), bytes) {
            break;
        }
        for i in needed {
            batch.take(i, waiting.get(i).map_or(0, |o| o.bytes));
        }
    }
    numbered(w, &waiting, &batch.chosen)
}

/// Starts the numbers of unanswered operations again at the number the platform expects.
///
/// # Errors
/// Those of the store.
pub fn renumber(w: &Writer<'_>, expected_n: u64) -> Result<(), StoreError> {
    let mut sent: Vec<_> = waiting(w)?.into_iter().filter(|o| o.state == "sending").collect();
    sent.sort_by_key(|o| o.n);
    w.0.0.execute("UPDATE op SET n = NULL WHERE state = 'sending'", [])?;
    let mut n = expected_n;
    for op in sent {
        free_number(w, n)?;
        w.0.0
            .prepare_cached("UPDATE op SET n = ?2 WHERE seq = ?1")?
            .execute(params![op.seq, n])?;
        n += 1;
    }
    identity::set_value(w, "next_n", &n)
}

/// Begins a new life of this database: numbers start at 1 again, operation ids stay.
///
/// # Errors
/// Those of the store.
pub fn fork(w: &Writer<'_>, incarnation: Incarnation) -> Result<(), StoreError> {
    let mut me = identity::get(w)?.ok_or(StoreError::NotFound)?;
    me.incarnation = incarnation;
    identity::put(w, &me)?;
    w.0.0.execute("UPDATE op SET n = NULL WHERE state <> 'sending'", [])?;
    renumber(w, 1)
}

/// A settled operation of an earlier count may still hold the number.
fn free_number(w: &Writer<'_>, n: u64) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE op SET n = NULL WHERE n = ?1")?
        .execute([n])?;
    Ok(())
}

fn waiting(r: &Reader<'_>) -> Result<Vec<Waiting>, StoreError> {
    let run = identity::run_number(r)?;
    let sql = "SELECT doc, seq, lane, CASE WHEN state = 'queued' AND parked_until > ?1 THEN 'parked' ELSE state END,
                      n, length(doc) FROM op
               WHERE state IN ('draft', 'queued', 'sending', 'dead') ORDER BY seq";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([run])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Waiting {
            op: document(row)?,
            seq: row.get(1)?,
            lane: row.get(2)?,
            state: row.get(3)?,
            n: row.get(4)?,
            bytes: row.get(5)?,
        });
    }
    Ok(found)
}

/// Gives numbers to those that have none and marks all as sent.
fn numbered(w: &Writer<'_>, waiting: &[Waiting], chosen: &[usize]) -> Result<Vec<NumberedOp>, StoreError> {
    let mut next: u64 = identity::value(w, "next_n")?.unwrap_or(1);
    let mut out = Vec::with_capacity(chosen.len());
    for item in chosen.iter().filter_map(|i| waiting.get(*i)) {
        let n = match item.n {
            Some(n) => n,
            None => {
                let n = next;
                next += 1;
                free_number(w, n)?;
                w.0.0
                    .prepare_cached("UPDATE op SET n = ?2, state = 'sending' WHERE seq = ?1")?
                    .execute(params![item.seq, n])?;
                n
            }
        };
        out.push(NumberedOp { n, op: item.op.clone() });
        if planted(Bug::BaseCleared) {
            super::rewrite(w, &without_base(&item.op))?;
        }
    }
    identity::set_value(w, "next_n", &next)?;
    Ok(out)
}

/// The operation as the planted bug keeps it.
fn without_base(op: &Operation) -> Operation {
    let mut op = op.clone();
    if let Action::Patch { base, .. } = &mut op.action {
        base.clear();
    }
    op
}

struct Batch {
    max_ops: usize,
    max_bytes: usize,
    bytes: usize,
    chosen: Vec<usize>,
    taken: BTreeSet<usize>,
}

impl Batch {
    /// An empty batch takes anything, so that a large group cannot wait for ever.
    fn fits(&self, ops: usize, bytes: usize) -> bool {
        self.chosen.is_empty() || (self.chosen.len() + ops <= self.max_ops && self.bytes + bytes <= self.max_bytes)
    }

    fn take(&mut self, index: usize, bytes: usize) {
        if self.taken.insert(index) {
            self.chosen.push(index);
            self.bytes += bytes;
        }
    }
}

/// Unanswered operations by record and by group.
struct Index {
    by_record: BTreeMap<RecordId, Vec<usize>>,
    by_group: BTreeMap<GroupId, Vec<usize>>,
}

impl Index {
    fn of(waiting: &[Waiting]) -> Self {
        let mut index = Self {
            by_record: BTreeMap::new(),
            by_group: BTreeMap::new(),
        };
        for (i, item) in waiting.iter().enumerate() {
            index.by_record.entry(item.op.record).or_default().push(i);
            if let Some(group) = item.op.group {
                index.by_group.entry(group.id).or_default().push(i);
            }
        }
        index
    }

    /// What must travel with `at` and is not taken yet, in the order of making; `None` when one of them may not travel.
    fn needed(&self, waiting: &[Waiting], at: usize, taken: &BTreeSet<usize>) -> Option<Vec<usize>> {
        let mut found = BTreeSet::new();
        let mut open = vec![at];
        while let Some(i) = open.pop() {
            if taken.contains(&i) || found.contains(&i) {
                continue;
            }
            let item = waiting.get(i)?;
            if item.state != "queued" {
                return None;
            }
            found.insert(i);
            open.extend(
                self.by_record
                    .get(&item.op.record)?
                    .iter()
                    .copied()
                    .filter(|earlier| *earlier < i),
            );
            if let Some(group) = item.op.group {
                open.extend(self.by_group.get(&group.id)?.iter().copied());
            }
        }
        Some(found.into_iter().collect())
    }
}
