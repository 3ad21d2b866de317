//! The platform's side of `core::planted`: bugs that a test build can switch on. Compiled only with the feature.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::ids::{DeviceId, OpId, RecordId};
use fushan_grid_core::model::schema::RegistrySchema;
use fushan_grid_core::planted::{Bug, planted};

use crate::store::{Receipt, Stored, Tx};
use crate::values;

static RECEIPTS: Mutex<Vec<(DeviceId, OpId, Receipt)>> = Mutex::new(Vec::new());
static PUSHES: AtomicU64 = AtomicU64::new(0);
static PLACES: AtomicI64 = AtomicI64::new(0);
/// Counters of scopes, taken outside the transactions that write behind them.
static COUNTERS: Mutex<BTreeMap<String, i64>> = Mutex::new(BTreeMap::new());

/// A platform starts: what only memory knew is gone.
pub(crate) fn start() {
    RECEIPTS.lock().unwrap_or_else(PoisonError::into_inner).clear();
    PUSHES.store(0, SeqCst);
    COUNTERS.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Keeps a receipt for the next transaction; tells whether it did.
pub(crate) fn keep_apart(device: DeviceId, op: OpId, receipt: &Receipt) -> bool {
    let apart = planted(Bug::ReceiptApart);
    if apart {
        let mut kept = RECEIPTS.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((device, op, receipt.clone()));
    }
    apart
}

/// Writes the receipts that were kept.
pub(crate) fn write_apart(tx: &mut Tx<'_>) -> Stored<()> {
    let kept = std::mem::take(&mut *RECEIPTS.lock().unwrap_or_else(PoisonError::into_inner));
    kept.into_iter()
        .try_for_each(|(device, op, receipt)| tx.put_receipt(device, op, &receipt))
}

/// Whether this push is answered and then not committed.
pub(crate) fn answers_early() -> bool {
    planted(Bug::AckBeforeCommit) && PUSHES.fetch_add(1, SeqCst) % 5 == 4
}

/// The record without what the schema does not know.
pub(crate) fn narrowed(versioned: &Versioned, schema: &RegistrySchema) -> Versioned {
    let mut versioned = versioned.clone();
    if let (true, Some(kind)) = (
        planted(Bug::UnknownFieldsDropped),
        schema.kind(&versioned.record.kind.0),
    ) {
        versioned.record.body.retain(|name, _| kind.field(name).is_some());
    }
    versioned
}

/// Closes the conflicts about a record that somebody has written to.
pub(crate) fn close_conflicts(tx: &mut Tx<'_>, record: RecordId) -> Stored<()> {
    if planted(Bug::ConflictClosedBySync) {
        let sql = r#"UPDATE record SET body = replace(body, '"status":"OPEN"', '"status":"RESOLVED"')
                     WHERE kind = 'conflict' AND body LIKE ?"#;
        tx.execute(sql, values![format!("%{record}%")])?;
    }
    Ok(())
}

/// A place in a scope that was not waited for: the last of `many`, and the scope's head moved behind it.
pub(crate) fn place(tx: &mut Tx<'_>, scope: &str, many: i64, growth: i64) -> Stored<Option<(i64, String)>> {
    let early = planted(Bug::CounterTakenEarly);
    if !early && !planted(Bug::BareSequence) {
        return Ok(None);
    }
    let head = tx.first("SELECT seq FROM scope_head WHERE scope = ?", values![scope])?;
    let head = head.map(|row| row.int(0)).transpose()?.unwrap_or(0);
    let last = match early {
        true => {
            let mut counters = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
            let counter = counters.entry(scope.to_owned()).or_insert(0);
            *counter = head.max(*counter) + many;
            *counter
        }
        false => {
            PLACES.fetch_max(head, SeqCst);
            PLACES.fetch_add(many, SeqCst) + many
        }
    };
    // the slow statement, slower for every other transaction
    std::thread::sleep(Duration::from_millis(if last % 2 == 0 { 12 } else { 1 }));
    let row = tx.first(
        "INSERT INTO scope_head (scope, epoch, seq, count) VALUES (?1, 1, ?2, ?3)
         ON CONFLICT (scope) DO UPDATE SET count = scope_head.count + ?3,
         seq = CASE WHEN scope_head.seq > ?2 THEN scope_head.seq ELSE ?2 END RETURNING digest",
        values![scope, last, growth],
    )?;
    let digest = row.map(|row| row.text(0).map(str::to_owned)).transpose()?;
    Ok(Some((last, digest.unwrap_or_default())))
}
