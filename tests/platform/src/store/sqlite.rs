//! The embedded store: one SQLite file, nothing to set up.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::{DeviceId, Incarnation, OpId, RecordId, StaffId};
use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::record::{Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::enrol::Staff;
use fushan_grid_core::wire::push::OpResult;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::{Device, Head, Member, Receipt, Store, Stored, Tx, Upload};

/// Embedded SQLite.
pub struct SqliteStore(Mutex<Connection>);

impl SqliteStore {
    /// Opens or makes the file; without a path everything stays in memory.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn open(path: Option<&Path>) -> Stored<Self> {
        let connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        connection
            .execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self(Mutex::new(connection)))
    }

    fn run(&self, behaviour: TransactionBehavior, f: &mut dyn FnMut(&mut dyn Tx) -> Stored<()>) -> Stored<()> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(behaviour)?;
        let mut open = Open {
            tx: &transaction,
            touched: BTreeMap::new(),
        };
        f(&mut open)?;
        open.number()?;
        transaction.commit()?;
        Ok(())
    }
}

impl Store for SqliteStore {
    fn write(&self, f: &mut dyn FnMut(&mut dyn Tx) -> Stored<()>) -> Stored<()> {
        self.run(TransactionBehavior::Immediate, f)
    }

    fn read(&self, f: &mut dyn FnMut(&mut dyn Tx) -> Stored<()>) -> Stored<()> {
        self.run(TransactionBehavior::Deferred, f)
    }
}

/// A transaction with the records it has touched, by scope.
struct Open<'c> {
    tx: &'c Transaction<'c>,
    touched: BTreeMap<(String, RecordId), (i64, bool)>,
}

impl Open<'_> {
    /// Gives every touched record its number, scope after scope: the last statements of a transaction.
    fn number(&mut self) -> Stored<()> {
        for ((scope, record), (rev, present)) in std::mem::take(&mut self.touched) {
            let seq: i64 = self.tx.query_row(
                "INSERT INTO scope_head (scope, epoch, seq) VALUES (?1, 1, 1)
                 ON CONFLICT (scope) DO UPDATE SET seq = seq + 1 RETURNING seq",
                [&scope],
                |row| row.get(0),
            )?;
            self.tx
                .prepare_cached(
                    "INSERT INTO scope_member (scope, record, seq, rev, present) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (scope, record) DO UPDATE SET seq = ?3, rev = ?4, present = ?5",
                )?
                .execute(params![scope, record.bytes(), seq, rev, present])?;
        }
        Ok(())
    }
}

fn record_of(row: &Row<'_>) -> Stored<Record> {
    let id: [u8; 16] = row.get("id")?;
    let grid: String = row.get("grid")?;
    let body: String = row.get("body")?;
    Ok(Record {
        id: RecordId::from_slice(&id)?,
        kind: Kind(row.get("kind")?),
        grid: if grid.is_empty() { None } else { Some(grid.parse()?) },
        rev: row.get("rev")?,
        state: row.get("state")?,
        deleted: row.get("deleted")?,
        body: serde_json::from_str(&body)?,
    })
}

fn device_of(row: &Row<'_>) -> Stored<Device> {
    let id: [u8; 16] = row.get(0)?;
    let incarnation: [u8; 16] = row.get(2)?;
    Ok(Device {
        id: DeviceId::from_slice(&id)?,
        staff: StaffId(row.get(1)?),
        incarnation: Incarnation::from_slice(&incarnation)?,
        next_n: row.get(3)?,
    })
}

fn upload_of(row: &Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload {
        id: row.get(0)?,
        hash: BlobHash(row.get(1)?),
        bytes: row.get(2)?,
        held: row.get(3)?,
    })
}

impl Tx for Open<'_> {
    fn record(&mut self, id: RecordId) -> Stored<Option<Versioned>> {
        let mut statement = self.tx.prepare_cached("SELECT * FROM record WHERE id = ?1")?;
        let mut rows = statement.query([id.bytes()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let field_rev: String = row.get("field_rev")?;
        Ok(Some(Versioned {
            record: record_of(row)?,
            field_rev: serde_json::from_str(&field_rev)?,
        }))
    }

    fn put(&mut self, versioned: &Versioned, scopes: &[Scope]) -> Stored<()> {
        let record = &versioned.record;
        self.tx
            .prepare_cached(
                "INSERT INTO record (id, kind, grid, rev, state, deleted, body, field_rev)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (id) DO UPDATE SET grid = ?3, rev = ?4, state = ?5, deleted = ?6, body = ?7, field_rev = ?8",
            )?
            .execute(params![
                record.id.bytes(),
                record.kind.0,
                record.grid.as_ref().map_or("", |g| g.as_str()),
                record.rev,
                record.state,
                record.deleted,
                serde_json::to_string(&record.body)?,
                serde_json::to_string(&versioned.field_rev)?
            ])?;
        for scope in scopes {
            self.touched
                .insert((scope.0.clone(), record.id), (record.rev, !record.deleted));
        }
        Ok(())
    }

    fn history(
        &mut self,
        op: &Operation,
        rev: i64,
        actor: &StaffId,
        device: Option<DeviceId>,
        at: UtcMillis,
    ) -> Stored<()> {
        self.tx
            .prepare_cached(
                "INSERT INTO history (op, record, rev, actor, device, hlc, at, doc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                op.op.bytes(),
                op.record.bytes(),
                rev,
                actor.0,
                device.as_ref().map(DeviceId::bytes),
                op.hlc.0 as i64,
                at.0,
                serde_json::to_string(op)?
            ])?;
        Ok(())
    }

    fn receipt(&mut self, device: DeviceId, op: OpId) -> Stored<Option<Receipt>> {
        let found: Option<([u8; 32], String)> = self
            .tx
            .prepare_cached("SELECT hash, result FROM receipt WHERE device = ?1 AND op = ?2")?
            .query_row(params![device.bytes(), op.bytes()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        found
            .map(|(hash, result)| {
                Ok(Receipt {
                    hash,
                    result: serde_json::from_str(&result)?,
                })
            })
            .transpose()
    }

    fn put_receipt(&mut self, device: DeviceId, op: OpId, receipt: &Receipt) -> Stored<()> {
        self.tx
            .prepare_cached("INSERT INTO receipt (device, op, hash, result) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                device.bytes(),
                op.bytes(),
                receipt.hash,
                serde_json::to_string(&receipt.result)?
            ])?;
        Ok(())
    }

    fn receipts(&mut self) -> Stored<Vec<(DeviceId, OpResult)>> {
        let mut statement = self
            .tx
            .prepare_cached("SELECT device, result FROM receipt ORDER BY device, op")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let device: [u8; 16] = row.get(0)?;
            let result: String = row.get(1)?;
            found.push((DeviceId::from_slice(&device)?, serde_json::from_str(&result)?));
        }
        Ok(found)
    }

    fn device(&mut self, token: &[u8; 32]) -> Stored<Option<Device>> {
        let mut statement = self
            .tx
            .prepare_cached("SELECT id, staff, incarnation, next_n FROM device WHERE token = ?1")?;
        let mut rows = statement.query([token])?;
        rows.next()?.map(device_of).transpose()
    }

    fn put_device(&mut self, device: &Device, token: &[u8; 32], at: UtcMillis) -> Stored<()> {
        self.tx.execute(
            "INSERT INTO device (id, staff, token, incarnation, next_n, last_contact) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET staff = ?2, token = ?3, last_contact = ?6",
            params![
                device.id.bytes(),
                device.staff.0,
                token,
                device.incarnation.bytes(),
                device.next_n,
                at.0
            ],
        )?;
        Ok(())
    }

    fn touch_device(&mut self, device: &Device, at: UtcMillis) -> Stored<()> {
        self.tx
            .prepare_cached("UPDATE device SET incarnation = ?2, next_n = ?3, last_contact = ?4 WHERE id = ?1")?
            .execute(params![
                device.id.bytes(),
                device.incarnation.bytes(),
                device.next_n,
                at.0
            ])?;
        Ok(())
    }

    fn put_code(&mut self, code: &[u8; 32], staff: &StaffId, expires: UtcMillis) -> Stored<()> {
        self.tx.execute(
            "INSERT INTO enrol_code VALUES (?1, ?2, ?3)",
            params![code, staff.0, expires.0],
        )?;
        Ok(())
    }

    fn take_code(&mut self, code: &[u8; 32], now: UtcMillis) -> Stored<Option<StaffId>> {
        let sql = "DELETE FROM enrol_code WHERE hash = ?1 AND expires > ?2 RETURNING staff";
        Ok(self
            .tx
            .query_row(sql, params![code, now.0], |row| row.get(0).map(StaffId))
            .optional()?)
    }

    fn staff(&mut self, id: &StaffId) -> Stored<Option<(Staff, i64)>> {
        let found: Option<(String, String, i64)> = self
            .tx
            .prepare_cached("SELECT roles, grids, version FROM staff WHERE id = ?1")?
            .query_row([&id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((roles, grids, version)) = found else {
            return Ok(None);
        };
        let staff = Staff {
            id: id.clone(),
            roles: serde_json::from_str(&roles)?,
            grids: serde_json::from_str(&grids)?,
        };
        Ok(Some((staff, version)))
    }

    fn put_staff(&mut self, staff: &Staff) -> Stored<()> {
        self.tx.execute(
            "INSERT INTO staff (id, roles, grids, version) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (id) DO UPDATE SET roles = ?2, grids = ?3, version = version + 1",
            params![
                staff.id.0,
                serde_json::to_string(&staff.roles)?,
                serde_json::to_string(&staff.grids)?
            ],
        )?;
        Ok(())
    }

    fn head(&mut self, scope: &Scope) -> Stored<Head> {
        let head = self
            .tx
            .prepare_cached("SELECT epoch, seq FROM scope_head WHERE scope = ?1")?
            .query_row([&scope.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (epoch, seq) = head.unwrap_or((1, 0));
        let count = self
            .tx
            .prepare_cached("SELECT count(*) FROM scope_member WHERE scope = ?1 AND present = 1")?
            .query_row([&scope.0], |row| row.get(0))?;
        Ok(Head { epoch, seq, count })
    }

    fn members(&mut self, scope: &Scope, since: i64, limit: u32) -> Stored<Vec<Member>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT m.seq, m.present, r.* FROM scope_member m JOIN record r ON r.id = m.record
             WHERE m.scope = ?1 AND m.seq > ?2 ORDER BY m.seq LIMIT ?3",
        )?;
        let mut rows = statement.query(params![scope.0, since, limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Member {
                seq: row.get("seq")?,
                present: row.get("present")?,
                record: record_of(row)?,
            });
        }
        Ok(found)
    }

    fn put_upload(&mut self, device: DeviceId, upload: &Upload) -> Stored<()> {
        self.tx.execute(
            "INSERT INTO upload (id, device, hash, bytes, held) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET held = ?5",
            params![upload.id, device.bytes(), upload.hash.0, upload.bytes, upload.held],
        )?;
        Ok(())
    }

    fn upload(&mut self, device: DeviceId, id: &str) -> Stored<Option<Upload>> {
        let sql = "SELECT id, hash, bytes, held FROM upload WHERE device = ?1 AND id = ?2";
        Ok(self
            .tx
            .query_row(sql, params![device.bytes(), id], upload_of)
            .optional()?)
    }

    fn upload_of(&mut self, device: DeviceId, hash: BlobHash) -> Stored<Option<Upload>> {
        let sql = "SELECT id, hash, bytes, held FROM upload WHERE device = ?1 AND hash = ?2 ORDER BY held DESC LIMIT 1";
        Ok(self
            .tx
            .query_row(sql, params![device.bytes(), hash.0], upload_of)
            .optional()?)
    }

    fn drop_upload(&mut self, id: &str) -> Stored<()> {
        self.tx.execute("DELETE FROM upload WHERE id = ?1", [id])?;
        Ok(())
    }

    fn put_blob(&mut self, hash: BlobHash, bytes: u64, at: UtcMillis) -> Stored<()> {
        self.tx.execute(
            "INSERT OR IGNORE INTO blob VALUES (?1, ?2, ?3)",
            params![hash.0, bytes, at.0],
        )?;
        Ok(())
    }

    fn blob(&mut self, hash: BlobHash, scopes: &[Scope]) -> Stored<bool> {
        let mut statement = self.tx.prepare_cached(
            "SELECT 1 FROM blob b JOIN blob_seen s ON s.hash = b.hash WHERE b.hash = ?1 AND s.scope = ?2",
        )?;
        for scope in scopes {
            if statement.exists(params![hash.0, scope.0])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn let_see(&mut self, hash: BlobHash, scope: &Scope) -> Stored<()> {
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO blob_seen (hash, scope) VALUES (?1, ?2)")?
            .execute(params![hash.0, scope.0])?;
        Ok(())
    }
}
