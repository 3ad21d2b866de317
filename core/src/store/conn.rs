//! Connections: how each is opened, the one writer, the few readers.
//!
//! A [`Writer`] is always inside one IMMEDIATE transaction, a [`Reader`] may be. Functions that change rows take a
//! `Writer`, so that a write outside a transaction does not compile.

use std::ops::Deref;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::error::StoreError;
use super::packs::SchemaCache;
use crate::model::env::SecretKey;

/// Reads. Obtained from [`super::Store::read`].
#[derive(Debug)]
pub struct Reader<'c>(pub(super) &'c Connection, pub(super) &'c SchemaCache);

/// Reads and writes, inside one transaction. Obtained from [`super::Store::write`].
#[derive(Debug)]
pub struct Writer<'c>(pub(super) Reader<'c>);

impl<'c> Deref for Writer<'c> {
    type Target = Reader<'c>;
    fn deref(&self) -> &Reader<'c> {
        &self.0
    }
}

impl<'c> Writer<'c> {
    pub(super) fn of(transaction: &'c Transaction<'c>, schema: &'c SchemaCache) -> Self {
        Self(Reader(transaction, schema))
    }
}

/// Tries to find the ciphers made, a millisecond apart.
const TRIES: u32 = 1_000;

/// Waits until the ciphers are made. SQLite says that it is ready before they are, so that a thread that comes while another
/// one opens the first database of the process could find it ready and have its key refused.
fn await_ciphers() {
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        for _ in 0..TRIES {
            // a key of no meaning for a database of no content
            let keyed = Connection::open_in_memory().and_then(|c| c.execute_batch("PRAGMA key = 'none'"));
            if keyed.is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Opens a connection with the key and the settings that every connection has.
pub(super) fn open(path: &Path, key: &SecretKey) -> Result<Connection, StoreError> {
    await_ciphers();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // first of all: SQLCipher otherwise writes to the system's log
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    set_key(&connection, key)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 4194304;",
    )?;
    // touches the file: a wrong key or a damaged first page shows here
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn open_reader(path: &Path, key: &SecretKey) -> Result<Connection, StoreError> {
    let connection = open(path, key)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn set_key(connection: &Connection, key: &SecretKey) -> Result<(), StoreError> {
    use std::fmt::Write as _;
    let mut statement = zeroize::Zeroizing::new(String::with_capacity(96));
    statement.push_str("PRAGMA key = \"x'");
    for byte in key.iter() {
        // writing to a String cannot fail
        let _ = write!(statement, "{byte:02x}");
    }
    statement.push_str("'\"");
    connection.execute_batch(&statement)?;
    Ok(())
}
