//! Records, their history, and their places in scopes.

use std::collections::BTreeMap;

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::{Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::planted::{Bug, planted};
use fushan_grid_core::wire::digest::{Sum, hash_of};
use fushan_grid_core::wire::pull::PullLine;

use super::value::{Row, Value};
use super::{Stored, Tx};
use crate::values;

/// A line of a scope: a record that is or was in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Place in the scope.
    pub seq: i64,
    /// The record as it is now.
    pub record: Record,
    /// Whether it is in the scope.
    pub present: bool,
}

impl Member {
    /// Its line in a pull of the scope.
    #[must_use]
    pub fn line(self, scope: &Scope) -> PullLine {
        let (scope, seq, record) = (scope.clone(), self.seq, self.record);
        match (self.present, record.deleted) {
            (true, _) => PullLine::Put { scope, seq, record },
            (false, true) => PullLine::Gone {
                scope,
                seq,
                id: record.id,
                rev: record.rev,
            },
            (false, false) => PullLine::Leave {
                scope,
                seq,
                id: record.id,
            },
        }
    }
}

/// Where a scope stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Life of the platform's data.
    pub epoch: i64,
    /// Last number given.
    pub seq: i64,
    /// Records in the scope.
    pub count: i64,
    /// Sum of their hashes.
    pub digest: Sum,
    /// Number up to which tombstones may have been let go.
    pub floor: i64,
}

/// The epoch of a scope that no record has been in.
pub(super) const FIRST_EPOCH: i64 = 1;

/// A record as this transaction knows it.
pub(super) struct Held {
    now: Option<Versioned>,
    /// Whether the database has it.
    stored: bool,
    /// Whether it is to be written, and into which scopes.
    scopes: Option<Vec<Scope>>,
}

/// Reads a record from eight columns that begin at `at`.
pub(super) fn record_of(row: &Row, at: usize) -> Stored<Record> {
    let grid = row.text(at + 2)?;
    Ok(Record {
        id: RecordId::from_slice(row.bytes(at)?)?,
        kind: Kind(row.text(at + 1)?.to_owned()),
        grid: if grid.is_empty() { None } else { Some(grid.parse()?) },
        rev: row.int(at + 3)?,
        state: row.text(at + 4)?.to_owned(),
        deleted: row.is(at + 5)?,
        body: serde_json::from_str(row.text(at + 6)?)?,
    })
}

impl Tx<'_> {
    /// A record. In a writing transaction it is locked until the end, so that what is decided on it stays true.
    ///
    /// # Errors
    /// Those of the database.
    pub fn record(&mut self, id: RecordId) -> Stored<Option<Versioned>> {
        self.hold(&[id])?;
        Ok(self.held.get(&id).and_then(|h| h.now.clone()))
    }

    /// Reads and locks records in the order of their ids, in one round trip.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hold(&mut self, ids: &[RecordId]) -> Stored<()> {
        let missing = self.missing(ids);
        if missing.is_empty() {
            return Ok(());
        }
        let asked = missing.iter().map(|id| self.asking(*id)).collect();
        let answers = self.queries(asked)?;
        missing
            .into_iter()
            .zip(&answers)
            .try_for_each(|(id, rows)| self.found(id, rows))
    }

    /// Those of the records that this transaction has not read yet, each once, in order.
    pub(super) fn missing(&self, ids: &[RecordId]) -> Vec<RecordId> {
        let mut missing: Vec<RecordId> = ids.iter().filter(|id| !self.held.contains_key(id)).copied().collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    pub(super) fn asking(&self, id: RecordId) -> (&'static str, Vec<Value>) {
        let sql = if self.writing {
            "SELECT id, kind, grid, rev, state, deleted, body, field_rev FROM record WHERE id = ? FOR UPDATE"
        } else {
            "SELECT id, kind, grid, rev, state, deleted, body, field_rev FROM record WHERE id = ?"
        };
        (sql, values![id.bytes()])
    }

    /// Keeps the answer to [`Tx::asking`].
    pub(super) fn found(&mut self, id: RecordId, rows: &[Row]) -> Stored<()> {
        let row = rows.first();
        let now = match row {
            None => None,
            Some(row) => Some(Versioned {
                record: record_of(row, 0)?,
                field_rev: serde_json::from_str(row.text(7)?)?,
            }),
        };
        let held = Held {
            now,
            stored: row.is_some(),
            scopes: None,
        };
        self.held.insert(id, held);
        Ok(())
    }

    /// Writes a record into its scopes; scopes it was in and is no longer see it leave.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put(&mut self, versioned: &Versioned, scopes: &[Scope]) -> Stored<()> {
        let id = versioned.record.id;
        self.hold(&[id])?;
        if let Some(held) = self.held.get_mut(&id) {
            held.now = Some(versioned.clone());
            held.scopes = Some(scopes.to_vec());
        }
        Ok(())
    }

    /// Where a scope stands: one indexed read.
    ///
    /// # Errors
    /// Those of the database.
    pub fn head(&mut self, scope: &Scope) -> Stored<Head> {
        Ok(self.heads(std::slice::from_ref(scope))?.pop().unwrap_or_default())
    }

    /// Where several scopes stand, in their order; one indexed read for all of them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heads(&mut self, scopes: &[Scope]) -> Stored<Vec<Head>> {
        let places = vec!["?"; scopes.len().max(1)].join(", ");
        let sql = format!("SELECT scope, epoch, seq, count, digest, floor FROM scope_head WHERE scope IN ({places})");
        let mut params: Vec<Value> = scopes.iter().map(|s| Value::from(&s.0)).collect();
        if params.is_empty() {
            params.push(Value::Null);
        }
        let mut found = BTreeMap::new();
        for row in self.query(sql, params)? {
            let head = Head {
                epoch: row.int(1)?,
                seq: row.int(2)?,
                count: row.int(3)?,
                digest: row.text(4)?.parse().unwrap_or_default(),
                floor: row.int(5)?,
            };
            found.insert(row.text(0)?.to_owned(), head);
        }
        let unknown = match scopes.iter().all(|s| found.contains_key(&s.0)) {
            true => Head::default(),
            false => Head {
                epoch: self.epoch()?,
                ..Head::default()
            },
        };
        Ok(scopes
            .iter()
            .map(|s| found.get(&s.0).copied().unwrap_or(unknown))
            .collect())
    }

    /// The epoch of scopes that are made now.
    ///
    /// # Errors
    /// Those of the database.
    pub fn epoch(&mut self) -> Stored<i64> {
        let row = self.first("SELECT value FROM setting WHERE key = 'epoch'", Vec::new())?;
        Ok(row
            .map(|row| row.text(0).map(str::to_owned))
            .transpose()?
            .and_then(|text| text.parse().ok())
            .unwrap_or(FIRST_EPOCH))
    }

    /// Begins a new life of the data: after a restore from a backup every phone compares what it holds. The new epoch follows
    /// the clock, so that two restores of one backup never share it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn new_epoch(&mut self, now: UtcMillis) -> Stored<i64> {
        let epoch = (self.epoch()? + 1).max(now.0 / 1000);
        self.later(
            "INSERT INTO setting (key, value) VALUES ('epoch', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1",
            values![epoch.to_string()],
        )?;
        self.later("UPDATE scope_head SET epoch = ?", values![epoch])?;
        Ok(epoch)
    }

    /// Conflict records, the oldest first, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn conflicts(&mut self, limit: u32) -> Stored<Vec<Record>> {
        let rows = self.query(
            "SELECT id, kind, grid, rev, state, deleted, body FROM record WHERE kind = 'conflict'
             AND deleted = 0 AND body LIKE '%\"status\":\"OPEN\"%' ORDER BY id LIMIT ?",
            values![limit],
        )?;
        rows.iter().map(|row| record_of(row, 0)).collect()
    }

    /// Lines of a scope after a number, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn members(&mut self, scope: &Scope, since: i64, limit: u32) -> Stored<Vec<Member>> {
        let rows = self.query(
            "SELECT m.seq, m.present, r.id, r.kind, r.grid, r.rev, r.state, r.deleted, r.body
             FROM scope_member m JOIN record r ON r.id = m.record
             WHERE m.scope = ? AND m.seq > ? ORDER BY m.seq LIMIT ?",
            values![&scope.0, since, limit],
        )?;
        rows.iter()
            .map(|row| {
                Ok(Member {
                    seq: row.int(0)?,
                    present: row.is(1)?,
                    record: record_of(row, 2)?,
                })
            })
            .collect()
    }

    /// Writes what was put and gives every touched record its number, scope after scope: the last statements of a transaction.
    pub(super) fn number(&mut self) -> Stored<()> {
        let put: Vec<(Versioned, bool, Vec<Scope>)> = self
            .held
            .values_mut()
            .filter_map(|h| Some((h.now.clone()?, std::mem::replace(&mut h.stored, true), h.scopes.take()?)))
            .collect();
        let places = self.places(&put)?;
        for (versioned, stored, _) in &put {
            self.write_record(versioned, *stored)?;
        }
        for (scope, moves) in by_scope(&put, &places) {
            self.number_scope(&scope, &moves)?;
        }
        Ok(())
    }

    /// Scopes in which the records are present, with the hashes counted there. Nobody else changes them: the records are locked.
    fn places(&mut self, put: &[(Versioned, bool, Vec<Scope>)]) -> Stored<Vec<Place>> {
        let sql = "SELECT record, scope, hash FROM scope_member WHERE record = ? AND present = 1";
        let stored = put.iter().filter(|(_, stored, _)| *stored);
        let asked: Vec<_> = stored.map(|(v, _, _)| (sql, values![v.record.id.bytes()])).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.queries(asked)?;
        rows.iter()
            .flatten()
            .map(|row| {
                Ok(Place {
                    record: RecordId::from_slice(row.bytes(0)?)?,
                    scope: row.text(1)?.to_owned(),
                    hash: row.text(2)?.parse().unwrap_or_default(),
                })
            })
            .collect()
    }

    /// A record that was not there is inserted: should another transaction have made it meanwhile, this one starts again.
    fn write_record(&mut self, versioned: &Versioned, stored: bool) -> Stored<()> {
        let record = &versioned.record;
        let sql = if stored {
            "UPDATE record SET kind = ?2, grid = ?3, rev = ?4, state = ?5, deleted = ?6, body = ?7, field_rev = ?8 WHERE id = ?1"
        } else {
            "INSERT INTO record (id, kind, grid, rev, state, deleted, body, field_rev) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        };
        self.later(
            sql,
            values![
                record.id.bytes(),
                &record.kind.0,
                record.grid.as_ref().map_or("", |g| g.as_str()),
                record.rev,
                &record.state,
                record.deleted,
                serde_json::to_string(&record.body)?,
                serde_json::to_string(&versioned.field_rev)?
            ],
        )?;
        self.index_incident(record)
    }

    fn number_scope(&mut self, scope: &str, moves: &[Move]) -> Stored<()> {
        let many = moves.len() as u64;
        let growth: i64 = moves
            .iter()
            .map(|m| i64::from(m.present()) - i64::from(m.before.is_some()))
            .sum();
        let (last, digest) = match self.planted_place(scope, many, growth)? {
            Some(place) => place,
            None => self.next_places(scope, many, growth)?,
        };
        // the row is locked from here on, so that nobody else adds to the sum
        let mut digest: Sum = digest.parse().unwrap_or_default();
        for m in moves {
            digest.take(m.before.unwrap_or(Sum(0)).0);
            digest.add(m.after.unwrap_or(Sum(0)).0);
        }
        self.later(
            "UPDATE scope_head SET digest = ? WHERE scope = ?",
            values![digest.to_string(), scope],
        )?;
        let first = last + 1 - i64::try_from(many).unwrap_or(0);
        for (seq, m) in (first..).zip(moves) {
            if planted(Bug::TombstoneEarly) && !m.present() {
                self.later(
                    "DELETE FROM scope_member WHERE record = ? AND scope = ?",
                    values![m.record.bytes(), scope],
                )?;
                continue;
            }
            self.later(
                "INSERT INTO scope_member (record, scope, seq, rev, present, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (record, scope) DO UPDATE SET seq = ?3, rev = ?4, present = ?5, hash = ?6",
                values![
                    m.record.bytes(),
                    scope,
                    seq,
                    m.rev,
                    m.present(),
                    m.after.map(|hash| hash.to_string()).unwrap_or_default()
                ],
            )?;
        }
        Ok(())
    }

    /// Takes places at a scope's counter; gives the last of them and the scope's digest before.
    fn next_places(&mut self, scope: &str, many: u64, growth: i64) -> Stored<(i64, String)> {
        let row = self.first(
            "INSERT INTO scope_head (scope, epoch, seq, count)
             VALUES (?1, COALESCE((SELECT CAST(value AS BIGINT) FROM setting WHERE key = 'epoch'), 1), ?2, ?3)
             ON CONFLICT (scope) DO UPDATE SET seq = scope_head.seq + ?2, count = scope_head.count + ?3
             RETURNING seq, digest",
            values![scope, many, growth],
        )?;
        let row = row.ok_or(super::StoreError::Shape)?;
        Ok((row.int(0)?, row.text(1)?.to_owned()))
    }

    #[cfg(feature = "planted")]
    fn planted_place(&mut self, scope: &str, many: u64, growth: i64) -> Stored<Option<(i64, String)>> {
        crate::planted::place(self, scope, i64::try_from(many).unwrap_or(0), growth)
    }

    #[cfg(not(feature = "planted"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, clippy::needless_pass_by_ref_mut)]
    fn planted_place(&mut self, _: &str, _: u64, _: i64) -> Stored<Option<(i64, String)>> {
        Ok(None)
    }
}

/// A record's change within one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Move {
    record: RecordId,
    rev: i64,
    /// Its hash as it was counted; none when it was not present.
    before: Option<Sum>,
    /// Its hash from now on; none when it is not present any more.
    after: Option<Sum>,
}

impl Move {
    fn present(&self) -> bool {
        self.after.is_some()
    }
}

/// A scope in which a record is present.
struct Place {
    record: RecordId,
    scope: String,
    hash: Sum,
}

/// What happens in each scope, in sorted order, so that two transactions never wait for each other.
fn by_scope(put: &[(Versioned, bool, Vec<Scope>)], places: &[Place]) -> BTreeMap<String, Vec<Move>> {
    let mut scopes: BTreeMap<String, Vec<Move>> = BTreeMap::new();
    for (versioned, _, into) in put {
        let record = &versioned.record;
        let mine = || places.iter().filter(|p| p.record == record.id);
        let hash = (!record.deleted).then(|| Sum(hash_of(record)));
        let left = mine()
            .filter(|p| !into.iter().any(|i| i.0 == p.scope))
            .map(|p| (p.scope.clone(), None));
        let into = into.iter().map(|s| (s.0.clone(), hash));
        for (scope, after) in into.chain(left) {
            let before = mine().find(|p| p.scope == scope).map(|p| p.hash);
            scopes.entry(scope).or_default().push(Move {
                record: record.id,
                rev: record.rev,
                before,
                after,
            });
        }
    }
    scopes
}
