//! The end of a store: no trace of what was let go, a phone that is wiped, or one whose work is sealed for the recovery key.

use std::path::Path;

use super::error::StoreError;
use super::files::{sync_folder, write_durably};
use super::open::Store;
use super::{header, lease};
use crate::model::env::Clock;
use crate::model::time::UtcMillis;
use crate::wire::signed::Signed;

/// A file that says: everything in this folder goes. It is there until everything has gone.
const MARK: &str = "fushan.wiped";

impl Store {
    /// Takes the last traces of deleted rows out of the files: the search index is written anew, the log cut to nothing. Deleted
    /// pages were overwritten already. Tells whether it could: a reader may hold the log.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn scrub(&self) -> Result<bool, StoreError> {
        self.write(|w| {
            w.0.0.execute("INSERT INTO search (search) VALUES ('optimize')", [])?;
            Ok::<_, StoreError>(())
        })?;
        self.with_writer(|connection| {
            let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        })
    }

    /// Keeps a lease the platform has given.
    ///
    /// # Errors
    /// Those of the store.
    pub fn keep_lease(&self, lease: &Signed, order_key: &str, clock: &dyn Clock) -> Result<(), StoreError> {
        self.write(|w| lease::keep(w, self.dir(), lease, order_key, clock))
    }

    /// Notes the platform's clock.
    ///
    /// # Errors
    /// Those of the store.
    pub fn note_server_time(&self, at: UtcMillis, clock: &dyn Clock) -> Result<(), StoreError> {
        self.write(|w| lease::note_time(w, self.dir(), at, clock))
    }

    /// Whether the district's recovery key opens this database too.
    ///
    /// # Errors
    /// [`StoreError::KeyHeaderBad`].
    pub fn has_recovery_wrap(&self) -> Result<bool, StoreError> {
        header::has_recovery(self.dir())
    }

    /// Leaves the database to the recovery key alone: the host's wrap of the key is gone, and this store is closed for good.
    ///
    /// # Errors
    /// Those of the files.
    pub fn seal(&self) -> Result<(), StoreError> {
        self.suspend()?;
        header::drop_host_wrap(self.dir())
    }

    /// Removes everything: the key first, so that whatever a crash leaves behind cannot be read.
    ///
    /// # Errors
    /// Those of the files; opening the folder again goes on.
    pub fn destroy(&self) -> Result<(), StoreError> {
        self.suspend()?;
        write_durably(&self.dir().join(MARK), b"wiped")?;
        finish_wipe(self.dir())
    }
}

/// Goes on with a wipe that a crash has cut short.
pub(super) fn finish_wipe(dir: &Path) -> Result<(), StoreError> {
    if !dir.join(MARK).exists() {
        return Ok(());
    }
    remove(&header::path_in(dir))?;
    lease::forget_in(dir)?;
    sync_folder(&header::path_in(dir))?;
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let ours = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("fushan.db"));
        if ours {
            remove(&path)?;
        }
    }
    remove(&dir.join(MARK))?;
    Ok(sync_folder(&dir.join(MARK))?)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}
