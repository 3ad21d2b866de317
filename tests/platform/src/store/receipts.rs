//! The answers that operations got: a repeat is answered with them.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::{DeviceId, OpId, RecordId};
use fushan_grid_core::wire::push::OpResult;

use serde::{Deserialize, Serialize};

use super::devices::{Device, LOCK, device_of};
use super::value::Row;
use super::{Stored, Tx};
use crate::values;

/// The answer an operation got, with the digest of what was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// SHA-256 of the operation as sent.
    pub hash: [u8; 32],
    /// The answer.
    pub result: OpResult,
    /// Through which revision of the record its phone had seen everything when it wrote what comes next: the one this
    /// operation made, or an earlier one when others had written meanwhile.
    pub seen: Option<i64>,
}

/// A receipt as it is stored.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    result: OpResult,
    #[serde(default)]
    seen: Option<i64>,
}

/// What a push begins with.
#[derive(Debug)]
pub struct PushStart {
    /// The phone as it is now, locked: its pushes follow one another.
    pub device: Option<Device>,
    /// Receipts of those operations that were answered before.
    pub receipts: BTreeMap<OpId, Receipt>,
}

const RECEIPT: &str = "SELECT hash, result FROM receipt WHERE device = ? AND op = ?";

fn receipt_of(row: &Row) -> Stored<Receipt> {
    let Kept { result, seen } = serde_json::from_str(row.text(1)?)?;
    Ok(Receipt {
        hash: row.fixed(0)?,
        result,
        seen,
    })
}

impl Tx<'_> {
    /// Locks the phone, finds the receipts of the operations and locks the records they are about, in one round trip.
    ///
    /// # Errors
    /// Those of the database.
    pub fn start_push(&mut self, device: DeviceId, ops: &[(OpId, RecordId)]) -> Stored<PushStart> {
        let mut asked = vec![(LOCK, values![device.bytes()])];
        asked.extend(ops.iter().map(|(op, _)| (RECEIPT, values![device.bytes(), op.bytes()])));
        let records = self.missing(&ops.iter().map(|(_, record)| *record).collect::<Vec<_>>());
        asked.extend(records.iter().map(|id| self.asking(*id)));
        let mut answers = self.queries(asked)?.into_iter();
        let locked = answers.next().unwrap_or_default();
        let mut receipts = BTreeMap::new();
        for ((op, _), rows) in ops.iter().zip(answers.by_ref()) {
            if let Some(row) = rows.first() {
                receipts.insert(*op, receipt_of(row)?);
            }
        }
        for (id, rows) in records.into_iter().zip(answers) {
            self.found(id, &rows)?;
        }
        Ok(PushStart {
            device: locked.first().map(device_of).transpose()?,
            receipts,
        })
    }

    /// The receipt of an operation.
    ///
    /// # Errors
    /// Those of the database.
    pub fn receipt(&mut self, device: DeviceId, op: OpId) -> Stored<Option<Receipt>> {
        let row = self.first(RECEIPT, values![device.bytes(), op.bytes()])?;
        row.as_ref().map(receipt_of).transpose()
    }

    /// Keeps a receipt.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_receipt(&mut self, device: DeviceId, op: OpId, receipt: &Receipt) -> Stored<()> {
        let kept = Kept {
            result: receipt.result.clone(),
            seen: receipt.seen,
        };
        self.later(
            "INSERT INTO receipt (device, op, hash, result) VALUES (?, ?, ?, ?)",
            values![device.bytes(), op.bytes(), &receipt.hash, serde_json::to_string(&kept)?],
        )
    }

    /// All receipts, for tests.
    ///
    /// # Errors
    /// Those of the database.
    pub fn receipts(&mut self) -> Stored<Vec<(DeviceId, OpResult)>> {
        let rows = self.query("SELECT device, result FROM receipt ORDER BY device, op", Vec::new())?;
        rows.iter()
            .map(|row| {
                Ok((
                    DeviceId::from_slice(row.bytes(0)?)?,
                    serde_json::from_str(row.text(1)?)?,
                ))
            })
            .collect()
    }
}
