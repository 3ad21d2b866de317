//! Opening, suspending, resuming; and the two ways in: `read` and `write`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, TransactionBehavior};

use super::conn::{self, Reader, Writer};
use super::error::StoreError;
use super::migrate::{self, STEPS};
use super::packs::SchemaCache;
use super::{ending, header, lease, quarantine};
use crate::model::env::{Env, SecretKey};

/// Readers kept open.
const READERS: usize = 3;

/// Where the store lies and who may recover it.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Folder of the database; made if missing.
    pub dir: PathBuf,
    /// Public recovery key of the district (X25519), used when the database is made.
    pub recovery_key: Option<[u8; 32]>,
    /// Check every page first, which takes seconds for a large file: asked for after a [`StoreError::Corrupt`]. Otherwise only
    /// the tables that hold unsent work are read through.
    pub full_check: bool,
}

/// What opening found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenReport {
    /// The database was made now.
    pub created: bool,
    /// Schema before migrations ran, when any did.
    pub migrated_from: Option<i64>,
    /// The file was damaged and set aside.
    pub quarantined: Option<Quarantine>,
}

/// A damaged database that was set aside; the file is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// Name of the kept file.
    pub file: String,
    /// Operations carried over into the new database.
    pub operations: u32,
    /// Photo rows, with their keys, carried over.
    pub photos: u32,
    /// Rows that could not be read.
    pub unreadable: u32,
}

/// The store of one phone.
pub struct Store {
    path: PathBuf,
    key: SecretKey,
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Pool>,
    returned: Condvar,
    schema: SchemaCache,
}

#[derive(Default)]
struct Pool {
    open: bool,
    idle: Vec<Connection>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the database, making it on the first start and migrating an older one.
    ///
    /// # Errors
    /// [`StoreError::KeyMissing`], [`StoreError::KeyWrong`], [`StoreError::KeyUnavailable`], [`StoreError::KeyHeaderBad`];
    /// [`StoreError::NewerSchema`] with the file untouched. A damaged file is no error: it is set aside and its unsent work
    /// carried over, as the report tells.
    pub fn open(config: StoreConfig, env: &Env) -> Result<(Self, OpenReport), StoreError> {
        std::fs::create_dir_all(&config.dir)?;
        ending::finish_wipe(&config.dir)?;
        lease::check_file(&config.dir, &*env.clock)?;
        let path = config.dir.join("fushan.db");
        let created = !path.exists();
        let header_exists = header::path_in(&config.dir).exists();
        let key = match (created, header_exists) {
            (true, false) => header::create(&config.dir, env, config.recovery_key.as_ref())?,
            _ => header::unlock(&config.dir, env)?,
        };
        let (writer, report) = open_writer(&path, &key, created, config.full_check)?;
        let store = Self {
            path,
            key,
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(Pool::default()),
            returned: Condvar::new(),
            schema: SchemaCache::default(),
        };
        store.check_lease(&config.dir, env)?;
        store.fill_pool()?;
        Ok((store, report))
    }

    /// Opens a database with the district's private recovery key, whatever the phone's own key store and lease say: for a sealed
    /// phone at a desk, under two-person control. A damaged file is an error here and left as it is.
    ///
    /// # Errors
    /// Those of [`super::recover`], [`StoreError::NewerSchema`], [`StoreError::Corrupt`].
    pub fn open_with_recovery_key(dir: &Path, private_key: &[u8; 32]) -> Result<Self, StoreError> {
        let key = header::recover(dir, private_key)?;
        let path = dir.join("fushan.db");
        let mut writer = conn::open(&path, &key)?;
        migrate::migrate(&mut writer, STEPS)?;
        let store = Self {
            path,
            key,
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(Pool::default()),
            returned: Condvar::new(),
            schema: SchemaCache::default(),
        };
        store.fill_pool()?;
        Ok(store)
    }

    /// Closes every handle, waiting for what is being read or written.
    ///
    /// # Errors
    /// Those of SQLite on closing.
    pub fn suspend(&self) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let mut pool = lock(&self.readers);
        pool.open = false;
        while pool.idle.len() < READERS && writer.is_some() {
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        for reader in pool.idle.drain(..) {
            reader.close().map_err(|(_, e)| e)?;
        }
        if let Some(connection) = writer.take() {
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
            connection.close().map_err(|(_, e)| e)?;
        }
        Ok(())
    }

    /// Opens the handles again after [`Store::suspend`]; does nothing when they are open.
    ///
    /// # Errors
    /// Those of opening.
    pub fn resume(&self) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        if writer.is_some() {
            return Ok(());
        }
        *writer = Some(conn::open(&self.path, &self.key)?);
        drop(writer);
        self.fill_pool()
    }

    /// Reads.
    ///
    /// # Errors
    /// [`StoreError::Closed`] while suspended, and those of `f`.
    pub fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let lease = self.take_reader()?;
        f(&Reader(lease.connection()?, &self.schema))
    }

    /// Writes, in one transaction that commits when `f` returns `Ok` and leaves no trace otherwise.
    ///
    /// # Errors
    /// [`StoreError::Closed`] while suspended, [`StoreError::DiskFull`], and those of `f`.
    pub fn write<T, E: From<StoreError>>(&self, f: impl FnOnce(&Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut guard = lock(&self.writer);
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let value = f(&Writer::of(&transaction, &self.schema))?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// A lease that has run out is noted, and the store not given out.
    fn check_lease(&self, dir: &Path, env: &Env) -> Result<(), StoreError> {
        let mut verdict = Ok(());
        self.write(|w| {
            verdict = lease::check(w, dir, &*env.clock);
            Ok::<_, StoreError>(())
        })?;
        verdict
    }

    /// The folder of the database.
    pub(super) fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// Runs something on the writing connection outside a transaction.
    pub(super) fn with_writer<T>(&self, f: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        f(lock(&self.writer).as_ref().ok_or(StoreError::Closed)?)
    }

    fn fill_pool(&self) -> Result<(), StoreError> {
        let mut pool = lock(&self.readers);
        while pool.idle.len() < READERS {
            pool.idle.push(conn::open_reader(&self.path, &self.key)?);
        }
        pool.open = true;
        Ok(())
    }

    fn take_reader(&self) -> Result<Lease<'_>, StoreError> {
        let mut pool = lock(&self.readers);
        loop {
            if !pool.open {
                return Err(StoreError::Closed);
            }
            if let Some(connection) = pool.idle.pop() {
                return Ok(Lease {
                    store: self,
                    connection: Some(connection),
                });
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A reader on loan; it goes back to the pool however the loan ends.
struct Lease<'s> {
    store: &'s Store,
    connection: Option<Connection>,
}

impl Lease<'_> {
    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or(StoreError::Closed)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        lock(&self.store.readers).idle.extend(self.connection.take());
        self.store.returned.notify_all();
    }
}

/// A panic elsewhere does not make the store unusable: SQLite rolls an unfinished transaction back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the writing connection; a damaged file is set aside and its unsent work carried over.
fn open_writer(
    path: &Path,
    key: &SecretKey,
    created: bool,
    full: bool,
) -> Result<(Connection, OpenReport), StoreError> {
    let mut report = OpenReport {
        created,
        ..OpenReport::default()
    };
    let opened = conn::open(path, key).and_then(|mut connection| {
        let found = migrate::migrate(&mut connection, STEPS)?;
        quarantine::check(&connection, full)?;
        Ok((connection, found))
    });
    let connection = match opened {
        Ok((connection, found)) => {
            let newest = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
            report.migrated_from = (!created && found < newest).then_some(found);
            connection
        }
        // the key's check value fitted, so the file itself is damaged
        Err(StoreError::Corrupt) => {
            let (connection, quarantine) = quarantine::set_aside(path, key)?;
            report.quarantined = Some(quarantine);
            connection
        }
        Err(other) => return Err(other),
    };
    Ok((connection, report))
}
