//! The embedded store: one SQLite file, nothing to set up. One connection writes, others read beside it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql, params_from_iter};

use super::tx::{self, Answer, Sql, Statement};
use super::value::{Row, Value};
use super::{Store, StoreError, Stored, Tx, dialect, migrate};

/// Statements kept prepared.
const PREPARED: usize = 128;

/// Embedded SQLite.
pub struct SqliteStore {
    writer: Mutex<Connection>,
    /// `None` in memory: then the one connection reads, too.
    file: Option<PathBuf>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens or makes the file; without a path everything stays in memory.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn open(path: Option<&Path>) -> Stored<Self> {
        let mut connection = connect(path)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        migrate::run(&mut connection)?;
        Ok(Self {
            writer: Mutex::new(connection),
            file: path.map(Path::to_owned),
            readers: Mutex::new(Vec::new()),
        })
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reading<T>(&self, f: impl FnOnce(&mut dyn Sql) -> Stored<T>) -> Stored<T> {
        let Some(file) = &self.file else {
            return f(&mut *self.writer());
        };
        let idle = self.readers().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => connect(Some(file))?,
        };
        let result = f(&mut connection);
        if connection.is_autocommit() {
            self.readers().push(connection);
        }
        result
    }
}

fn connect(path: Option<&Path>) -> Stored<Connection> {
    let connection = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    connection.execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA busy_timeout = 10000;")?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

impl Store for SqliteStore {
    fn write(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
        tx::write(&mut *self.writer(), "BEGIN IMMEDIATE", f)
    }

    fn read(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
        self.reading(|sql| tx::read(sql, "BEGIN", f))
    }

    fn glance(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()> {
        self.reading(|sql| tx::glance(sql, f))
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }
}

impl Sql for Connection {
    fn run(&mut self, statements: &[Statement]) -> Stored<Vec<Answer>> {
        statements.iter().map(|s| one(self, s)).collect()
    }

    fn tables(&mut self, sql: &str) -> Stored<()> {
        Ok(self.execute_batch(sql)?)
    }
}

fn one(connection: &Connection, statement: &Statement) -> Stored<Answer> {
    let mut prepared = connection.prepare_cached(dialect::sqlite(&statement.sql))?;
    let columns = prepared.column_count();
    if columns == 0 {
        let changed = prepared.execute(params_from_iter(&statement.params))? as u64;
        return Ok(Answer {
            rows: Vec::new(),
            changed,
        });
    }
    let mut found = prepared.query(params_from_iter(&statement.params))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns).map(|column| value_of(row.get_ref(column)?));
        rows.push(Row(values.collect::<Stored<_>>()?));
    }
    let changed = rows.len() as u64;
    Ok(Answer { rows, changed })
}

fn value_of(value: ValueRef<'_>) -> Stored<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).map_err(|_| StoreError::Shape)?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(StoreError::Shape),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ToSqlOutput;
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
