//! Scopes in whole: their digests, the files phones are filled from, and what phones report of scopes they have lost.

use fushan_grid_core::model::ids::{DeviceId, RecordId, StaffId};
use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::record::{Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::digest::{BUCKETS, Sum, bucket_of, hash_of};
use fushan_grid_core::wire::scopes::PurgedRequest;

use super::records::record_of;
use super::{Stored, Tx};
use crate::values;

/// Members read at once.
const PAGE: u32 = 1_000;

impl Tx<'_> {
    /// Records present in a scope after an id, by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn present(&mut self, scope: &Scope, after: Option<RecordId>, limit: u32) -> Stored<Vec<Record>> {
        let after = after.map_or([0; 16], |id| *id.bytes());
        let rows = self.query(
            "SELECT r.id, r.kind, r.grid, r.rev, r.state, r.deleted, r.body FROM scope_member m JOIN record r ON r.id = m.record
             WHERE m.scope = ? AND m.present = 1 AND m.record > ? ORDER BY m.record LIMIT ?",
            values![&scope.0, &after, limit],
        )?;
        rows.iter().map(|row| record_of(row, 0)).collect()
    }

    /// Sums of a scope's buckets.
    ///
    /// # Errors
    /// Those of the database.
    pub fn buckets(&mut self, scope: &Scope) -> Stored<Vec<Sum>> {
        let mut sums = vec![Sum::default(); BUCKETS];
        let rows = self.query(
            "SELECT record, hash FROM scope_member WHERE scope = ? AND present = 1",
            values![&scope.0],
        )?;
        for row in rows {
            let id: [u8; 16] = row.fixed(0)?;
            if let (Some(sum), Ok(hash)) = (sums.get_mut(usize::from(bucket_of(&id))), row.text(1)?.parse::<Sum>()) {
                sum.add(hash.0);
            }
        }
        Ok(sums)
    }

    /// Records of a scope in some of its buckets.
    ///
    /// # Errors
    /// Those of the database.
    pub fn in_buckets(&mut self, scope: &Scope, buckets: &[u8]) -> Stored<Vec<Record>> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.present(scope, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some(last.id);
            found.extend(page.into_iter().filter(|r| buckets.contains(&bucket_of(r.id.bytes()))));
        }
    }

    /// Those of the records that are present in a scope.
    ///
    /// # Errors
    /// Those of the database.
    pub fn present_of(&mut self, scope: &Scope, ids: &[RecordId]) -> Stored<Vec<Record>> {
        let sql = "SELECT r.id, r.kind, r.grid, r.rev, r.state, r.deleted, r.body FROM scope_member m
                   JOIN record r ON r.id = m.record WHERE m.record = ? AND m.scope = ? AND m.present = 1";
        let asked: Vec<_> = ids.iter().map(|id| (sql, values![id.bytes(), &scope.0])).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.queries(asked)?;
        rows.iter().flatten().map(|row| record_of(row, 0)).collect()
    }

    /// Who a phone was enrolled for.
    ///
    /// # Errors
    /// Those of the database.
    pub fn owner(&mut self, device: DeviceId) -> Stored<Option<StaffId>> {
        let row = self.first("SELECT staff FROM device WHERE id = ?", values![device.bytes()])?;
        row.map(|row| Ok(StaffId(row.text(0)?.to_owned()))).transpose()
    }

    /// Brings hashes and sums of members up to date that were written before hashes were kept. Tells how many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fill_hashes(&mut self) -> Stored<u64> {
        let rows = self.query(
            "SELECT DISTINCT scope FROM scope_member WHERE present = 1 AND hash = ''",
            Vec::new(),
        )?;
        let mut filled = 0;
        for row in rows {
            let scope = Scope(row.text(0)?.to_owned());
            let mut sum = Sum::default();
            let mut after = None;
            loop {
                let page = self.present(&scope, after, PAGE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                for record in &page {
                    let hash = hash_of(record);
                    sum.add(hash);
                    self.later(
                        "UPDATE scope_member SET hash = ? WHERE record = ? AND scope = ?",
                        values![Sum(hash).to_string(), record.id.bytes(), &scope.0],
                    )?;
                    filled += 1;
                }
            }
            self.later(
                "UPDATE scope_head SET digest = ? WHERE scope = ?",
                values![sum.to_string(), &scope.0],
            )?;
        }
        Ok(filled)
    }

    /// Lets tombstones and traces of records that have left go up to a number; phones behind it start the scope again.
    ///
    /// # Errors
    /// Those of the database.
    pub fn raise_floor(&mut self, scope: &Scope, floor: i64) -> Stored<u64> {
        self.later(
            "UPDATE scope_head SET floor = ?2 WHERE scope = ?1 AND floor < ?2 AND seq >= ?2",
            values![&scope.0, floor],
        )?;
        self.execute(
            "DELETE FROM scope_member WHERE scope = ?1 AND present = 0
             AND seq <= (SELECT floor FROM scope_head WHERE scope = ?1)",
            values![&scope.0],
        )
    }

    /// Notes since when a person works in which grids; what is not named any more ends now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_assignment(
        &mut self,
        staff: &StaffId,
        before: &[String],
        after: &[String],
        now: UtcMillis,
    ) -> Stored<()> {
        for grid in before.iter().filter(|g| !after.contains(g)) {
            let ended = self.execute(
                "UPDATE assignment SET until = ?3 WHERE staff = ?1 AND grid = ?2 AND until IS NULL",
                values![&staff.0, grid, now.0],
            )?;
            if ended == 0 {
                // assigned before anybody kept a list
                self.later(
                    "INSERT INTO assignment (staff, grid, since, until) VALUES (?, ?, 0, ?)",
                    values![&staff.0, grid, now.0],
                )?;
            }
        }
        for grid in after.iter().filter(|g| !before.contains(g)) {
            self.later(
                "INSERT INTO assignment (staff, grid, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                values![&staff.0, grid, now.0],
            )?;
        }
        Ok(())
    }

    /// Whether a person worked in a grid at some moment between two that are past.
    ///
    /// # Errors
    /// Those of the database.
    pub fn was_assigned(&mut self, staff: &StaffId, grid: &str, first: UtcMillis, last: UtcMillis) -> Stored<bool> {
        let row = self.first(
            "SELECT 1 FROM assignment WHERE staff = ? AND grid = ? AND since <= ? AND (until IS NULL OR until >= ?)",
            values![&staff.0, grid, last.0, first.0],
        )?;
        Ok(row.is_some())
    }

    /// Keeps a refused operation for the supervisor.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hand_over(&mut self, device: DeviceId, scope: &Scope, op: &Operation, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO handed_over (op, device, scope, at, doc) VALUES (?, ?, ?, ?, ?) ON CONFLICT (op) DO NOTHING",
            values![
                op.op.bytes(),
                device.bytes(),
                &scope.0,
                at.0,
                serde_json::to_string(op)?
            ],
        )
    }

    /// Operations kept for the supervisor, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn handed_over(&mut self) -> Stored<Vec<Operation>> {
        let rows = self.query("SELECT doc FROM handed_over ORDER BY at, op", Vec::new())?;
        rows.iter().map(|row| Ok(serde_json::from_str(row.text(0)?)?)).collect()
    }

    /// Keeps a phone's word that nothing of a scope is left on it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_purged(&mut self, device: DeviceId, receipt: &PurgedRequest, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO purged (device, scope, at, epoch, records, blobs) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            values![
                device.bytes(),
                &receipt.scope.0,
                at.0,
                receipt.epoch,
                receipt.records,
                receipt.blobs
            ],
        )
    }

    /// Receipts of purges: device, scope, records.
    ///
    /// # Errors
    /// Those of the database.
    pub fn purges(&mut self) -> Stored<Vec<(DeviceId, String, u64)>> {
        let rows = self.query(
            "SELECT device, scope, records FROM purged ORDER BY at, device, scope",
            Vec::new(),
        )?;
        rows.iter()
            .map(|row| {
                Ok((
                    DeviceId::from_slice(row.bytes(0)?)?,
                    row.text(1)?.to_owned(),
                    row.count(2)?,
                ))
            })
            .collect()
    }

    /// Orders a phone to be wiped, or takes the order back.
    ///
    /// # Errors
    /// Those of the database.
    pub fn order_wipe(&mut self, device: DeviceId, at: Option<UtcMillis>) -> Stored<()> {
        self.later(
            "INSERT INTO device_order (device, wipe_at) VALUES (?1, ?2) ON CONFLICT (device) DO UPDATE SET wipe_at = ?2",
            values![device.bytes(), at.map(|at| at.0)],
        )
    }

    /// When a phone was ordered to be wiped.
    ///
    /// # Errors
    /// Those of the database.
    pub fn wipe_ordered(&mut self, device: DeviceId) -> Stored<Option<UtcMillis>> {
        let sql = "SELECT wipe_at FROM device_order WHERE device = ? AND wipe_at IS NOT NULL";
        let row = self.first(sql, values![device.bytes()])?;
        row.map(|row| row.int(0).map(UtcMillis)).transpose()
    }

    /// The number of a phone's next lease.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_lease(&mut self, device: DeviceId) -> Stored<u64> {
        let row = self.first(
            "INSERT INTO device_order (device, lease) VALUES (?1, 1)
             ON CONFLICT (device) DO UPDATE SET lease = device_order.lease + 1 RETURNING lease",
            values![device.bytes()],
        )?;
        row.map_or(Ok(1), |row| row.count(0))
    }

    /// A secret of the platform by its name, made by `fresh` when there is none.
    ///
    /// # Errors
    /// Those of the database.
    pub fn secret(&mut self, name: &'static str, fresh: &str) -> Stored<String> {
        self.later(
            "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
            values![name, fresh],
        )?;
        let row = self.first("SELECT value FROM setting WHERE key = ?", values![name])?;
        row.map_or(Ok(fresh.to_owned()), |row| Ok(row.text(0)?.to_owned()))
    }
}
