//! A damaged database: set aside, never deleted, and its unsent work read out row by row into a new one.
//!
//! SQLCipher poisons a connection after one bad page, so each failure is followed by a fresh connection. Operations come
//! first, then the photos' keys, then what the operations were based on.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::conn;
use super::error::StoreError;
use super::files::sync_folder;
use super::migrate::{self, STEPS};
use super::open::Quarantine;
use crate::model::env::SecretKey;

/// Work that waits outside the operations, in the order of their references: forms and the sheets filled in, plans, walks.
const UNSENT_BESIDE_OPERATIONS: [(&str, &str); 15] = [
    ("form", "digest"),
    ("visit", "id"),
    ("sheet", "id"),
    ("sheet_node", "sheet, path"),
    ("sheet_photo", "sheet, path"),
    ("sheet_fix", "sheet, path"),
    ("sheet_log", "rowid"),
    ("sheet_undo", "sheet"),
    ("plan", "id"),
    ("patrol", "id"),
    ("patrol_track", "rowid"),
    ("entry", "row"),
    ("capture", "entry"),
    ("custody", "row"),
    ("derivative", "hash"),
];

/// Reads through the tables that hold unsent work, or every page when asked; damage is [`StoreError::Corrupt`].
pub(super) fn check(connection: &Connection, full: bool) -> Result<(), StoreError> {
    for table in [
        "meta",
        "op",
        "blob",
        "scope",
        "base",
        "sheet_node",
        "patrol_track",
        "entry",
        "custody",
    ] {
        let sql = format!(
            "SELECT count(*), total(length(hex(t.{}))) FROM {table} t",
            column_of(table)
        );
        connection
            .query_row(&sql, [], |row| row.get::<_, i64>(0))
            .map_err(damaged)?;
    }
    if full {
        let mut statement = connection.prepare("PRAGMA cipher_integrity_check")?;
        if statement.query([])?.next().map_err(damaged)?.is_some() {
            return Err(StoreError::Corrupt);
        }
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(damaged)?;
        if verdict != "ok" {
            return Err(StoreError::Corrupt);
        }
    }
    Ok(())
}

/// The widest column of a table, so that reading it reads its overflow pages too.
fn column_of(table: &str) -> &'static str {
    match table {
        "meta" => "value",
        "entry" => "text",
        "custody" => "doc",
        "op" => "doc",
        "blob" => "key",
        "base" => "body",
        "sheet_node" => "value",
        "patrol_track" => "fixes",
        _ => "name",
    }
}

/// SQLCipher reports a page that fails its check as an ordinary error as well.
fn damaged(error: rusqlite::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Sqlite { .. } => StoreError::Corrupt,
        other => other,
    }
}

/// Renames the damaged file, makes a new database under the same key, and carries over what can be read.
pub(super) fn set_aside(path: &Path, key: &SecretKey) -> Result<(Connection, Quarantine), StoreError> {
    let kept = free_name(path);
    for suffix in ["-wal", "-shm", ""] {
        let from = with_suffix(path, suffix);
        if from.exists() {
            std::fs::rename(&from, with_suffix(&kept, suffix))?;
        }
    }
    sync_folder(path)?;
    let mut fresh = conn::open(path, key)?;
    migrate::migrate(&mut fresh, STEPS)?;
    let mut salvage = Salvage {
        path: kept.clone(),
        key: key.clone(),
        from: None,
        unreadable: 0,
    };
    let operations = salvage.carry(&fresh, "op", "seq")?;
    let photos = salvage.carry_blobs(&fresh)?;
    salvage.carry(&fresh, "meta", "key")?;
    salvage.carry_records(&fresh)?;
    // a row whose form or visit cannot be read is kept all the same
    fresh.execute_batch("PRAGMA foreign_keys = OFF")?;
    for (table, order) in UNSENT_BESIDE_OPERATIONS {
        salvage.carry(&fresh, table, order)?;
    }
    fresh.execute_batch("PRAGMA foreign_keys = ON")?;
    // the end of the evidence chain may be among what could not be read: the next entry begins a new one and says why
    fresh.execute_batch("INSERT OR REPLACE INTO meta (key, value) VALUES ('chain_broken', '\"quarantine\"')")?;
    let file = kept
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok((
        fresh,
        Quarantine {
            file,
            operations,
            photos,
            unreadable: salvage.unreadable,
        },
    ))
}

fn with_suffix(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn free_name(path: &Path) -> std::path::PathBuf {
    (1..)
        .map(|n| with_suffix(path, &format!(".quarantine-{n}")))
        .find(|p| !p.exists())
        .unwrap_or_else(|| path.into())
}

struct Salvage {
    path: std::path::PathBuf,
    key: SecretKey,
    from: Option<Connection>,
    unreadable: u32,
}

impl Salvage {
    /// A connection to the damaged file, a fresh one after each failure.
    fn connection(&mut self) -> Option<&Connection> {
        if self.from.is_none() {
            self.from = conn::open(&self.path, &self.key).ok();
        }
        self.from.as_ref()
    }

    /// Rows of one query, as far as they can be read, and whether the end was reached.
    fn rows(&mut self, sql: &str, params: &[Value]) -> (Vec<Vec<Value>>, bool) {
        let mut found = Vec::new();
        let Some(connection) = self.connection() else {
            return (found, false);
        };
        let whole = (|| -> rusqlite::Result<()> {
            let mut statement = connection.prepare(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query(params_from_iter(params))?;
            while let Some(row) = rows.next()? {
                found.push(
                    (0..columns)
                        .map(|c| row.get(c))
                        .collect::<rusqlite::Result<Vec<Value>>>()?,
                );
            }
            Ok(())
        })();
        if whole.is_err() {
            self.from = None;
        }
        (found, whole.is_ok())
    }

    /// Copies a table; where a row cannot be read, goes on behind it by its number.
    fn carry(&mut self, fresh: &Connection, table: &str, key: &str) -> Result<u32, StoreError> {
        let (rows, whole) = self.rows(&format!("SELECT * FROM {table} ORDER BY {key}"), &[]);
        let mut carried = insert_all(fresh, table, &rows)?;
        if whole || key != "seq" {
            self.unreadable += u32::from(!whole);
            return Ok(carried);
        }
        let last = rows.last().and_then(|row| row.first().cloned());
        let after = if let Some(Value::Integer(n)) = last { n } else { 0 };
        let mut misses = 0;
        let mut number = after;
        // numbers are gapless but for rare rollbacks: a long run of misses is the end
        while misses < 512 {
            number += 1;
            let (rows, whole) = self.rows("SELECT * FROM op WHERE seq = ?1", &[Value::Integer(number)]);
            if rows.is_empty() {
                misses += 1;
                self.unreadable += u32::from(!whole);
            } else {
                misses = 0;
                carried += insert_all(fresh, table, &rows)?;
            }
        }
        Ok(carried)
    }

    /// Copies the photos' rows; where the table cannot be read through, asks for those that operations cite.
    fn carry_blobs(&mut self, fresh: &Connection) -> Result<u32, StoreError> {
        let (rows, whole) = self.rows("SELECT * FROM blob ORDER BY hash", &[]);
        let mut carried = insert_all(fresh, "blob", &rows)?;
        if whole {
            return Ok(carried);
        }
        let mut statement = fresh.prepare("SELECT doc FROM op")?;
        let docs: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for doc in docs {
            let Ok(op) = serde_json::from_str::<crate::model::op::Operation>(&doc) else {
                continue;
            };
            for cited in op.evidence {
                let wanted = [Value::Blob(cited.sha256.0.to_vec())];
                let (rows, whole) = self.rows("SELECT * FROM blob WHERE hash = ?1", &wanted);
                self.unreadable += u32::from(!whole);
                carried += insert_all(fresh, "blob", &rows)?;
            }
        }
        Ok(carried)
    }

    /// Copies the records that operations without an answer stand on, with the platform's last word on them.
    fn carry_records(&mut self, fresh: &Connection) -> Result<(), StoreError> {
        let mut statement = fresh.prepare(
            "SELECT DISTINCT record FROM op WHERE state IN ('draft', 'queued', 'sending', 'dead') ORDER BY record",
        )?;
        let ids: Vec<Value> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for id in ids {
            let (rows, whole) = self.rows("SELECT * FROM record WHERE id = ?1", std::slice::from_ref(&id));
            self.unreadable += u32::from(!whole);
            insert_all(fresh, "record", &rows)?;
            let base = "SELECT * FROM base WHERE row = (SELECT row FROM record WHERE id = ?1)";
            let (rows, _) = self.rows(base, &[id]);
            insert_all(fresh, "base", &rows)?;
        }
        Ok(())
    }
}

fn insert_all(fresh: &Connection, table: &str, rows: &[Vec<Value>]) -> Result<u32, StoreError> {
    let mut carried = 0;
    for row in rows {
        let places = vec!["?"; row.len()].join(", ");
        let sql = format!("INSERT OR IGNORE INTO {table} VALUES ({places})");
        carried += fresh.prepare_cached(&sql)?.execute(params_from_iter(row))?;
    }
    Ok(u32::try_from(carried).unwrap_or(u32::MAX))
}
