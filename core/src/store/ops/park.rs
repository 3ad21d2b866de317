//! Operations out of the ordinary course: set aside because the platform cannot digest them, or sent again because the
//! platform's data went back to an earlier day.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::super::conn::Writer;
use super::super::error::StoreError;
use super::super::identity;
use super::push::renumber;

/// Longest a set-aside operation is left out, in runs.
const MOST_RUNS: u32 = 64;

/// An operation that was sent and has no answer.
struct Sent {
    seq: i64,
    record: [u8; 16],
    group: Option<[u8; 16]>,
}

impl Sent {
    /// Whether it may not go without the other, or not before it.
    fn waits_for(&self, other: &Self) -> bool {
        let behind = self.record == other.record && self.seq > other.seq;
        behind || (self.group.is_some() && self.group == other.group)
    }
}

/// Sets the first operation that was sent and has no answer aside: it gives its number back and is tried again after some runs,
/// longer each time. It stays in the queue and on the screen. What was sent with it in one group, or behind it on the same
/// record, gives its number back as well and waits with it, for it must not arrive first; nothing else waits.
///
/// # Errors
/// Those of the store.
pub fn park(w: &Writer<'_>) -> Result<(), StoreError> {
    let sql = "SELECT seq, n, attempts FROM op WHERE state = 'sending' ORDER BY n LIMIT 1";
    let first: Option<(i64, u64, u32)> =
        w.0.0
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
    let Some((seq, n, attempts)) = first else { return Ok(()) };
    let runs = (1_u32 << attempts.min(6)).min(MOST_RUNS);
    for waiting in waiting_for(w, seq)? {
        w.0.0
            .prepare_cached("UPDATE op SET state = 'queued', n = NULL WHERE seq = ?1")?
            .execute([waiting])?;
    }
    let until = identity::run_number(w)? + u64::from(runs);
    w.0.0.execute(
        "UPDATE op SET state = 'queued', n = NULL, attempts = attempts + 1, parked_until = ?2 WHERE seq = ?1",
        params![seq, until],
    )?;
    renumber(w, n)
}

/// What was sent and must wait for an operation, and for what waits for it.
fn waiting_for(w: &Writer<'_>, seq: i64) -> Result<BTreeSet<i64>, StoreError> {
    let mut statement =
        w.0.0
            .prepare_cached("SELECT seq, record, group_id FROM op WHERE state = 'sending' ORDER BY seq")?;
    let sent: Vec<Sent> = statement
        .query_map([], |row| {
            Ok(Sent {
                seq: row.get(0)?,
                record: row.get(1)?,
                group: row.get(2)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let mut found = BTreeSet::from([seq]);
    loop {
        let more = sent.iter().filter(|op| {
            !found.contains(&op.seq)
                && sent
                    .iter()
                    .any(|other| found.contains(&other.seq) && op.waits_for(other))
        });
        let more: Vec<i64> = more.map(|op| op.seq).collect();
        if more.is_empty() {
            found.remove(&seq);
            return Ok(found);
        }
        found.extend(more);
    }
}

/// Queues settled operations again, once for each new life of the platform's data: what it still knows it answers from its
/// receipts, what it has lost it takes anew. They keep showing only where the platform's word is behind them.
///
/// # Errors
/// Those of the store.
pub fn resend(w: &Writer<'_>, epoch: i64) -> Result<(), StoreError> {
    if identity::value::<i64>(w, "resent_epoch")? == Some(epoch) {
        return Ok(());
    }
    identity::set_value(w, "resent_epoch", &epoch)?;
    queue_settled(w)
}

/// Queues settled operations again, whatever the epoch: the platform's receipts answer those that it still knows.
///
/// # Errors
/// Those of the store.
pub fn queue_settled(w: &Writer<'_>) -> Result<(), StoreError> {
    w.0.0.execute(
        "UPDATE op SET state = 'queued', n = NULL, resent = 1
         WHERE state IN ('applied', 'merged', 'same', 'conflict') AND coalesce(code, '') <> 'purged'",
        [],
    )?;
    Ok(())
}
