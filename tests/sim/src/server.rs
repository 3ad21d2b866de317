//! The platform of a run: the real one, in this process, over a database file that can be set aside and put back.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fushan_grid_core::model::time::UtcMillis;
use fushan_platform::store::{self, SqliteStore};
use fushan_platform::{Answer, Asked, Config, Local, LocalError};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::seams::copy;
use crate::time::WorldClock;

/// The operators' token.
const ADMIN: &str = "operator";

/// The platform and its files.
pub struct Server {
    runtime: Runtime,
    dir: PathBuf,
    clock: Arc<WorldClock>,
    local: RefCell<Option<Local>>,
    /// How often it was restored from a backup.
    pub restores: Cell<u32>,
}

impl Server {
    /// Opens the platform whose files lie in `dir`.
    pub fn open(dir: &Path, clock: Arc<WorldClock>) -> Self {
        std::fs::create_dir_all(dir).expect("a folder for the platform");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let server = Self {
            runtime,
            dir: dir.to_owned(),
            clock,
            local: RefCell::new(None),
            restores: Cell::new(0),
        };
        server.start();
        server
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.dir.join("platform.db")
    }

    /// The folder of photos.
    pub fn blobs(&self) -> PathBuf {
        self.dir.join("blobs")
    }

    /// Starts it, or starts it again.
    pub fn start(&self) {
        self.stop();
        let clock = Arc::clone(&self.clock);
        let district = concat!(env!("CARGO_MANIFEST_DIR"), "/district").into();
        let config = Config {
            database: Some(self.database()),
            ..Config::new(district, self.blobs(), ADMIN)
        };
        let local = Local::open(&config, Arc::new(move || UtcMillis(clock.now())));
        *self.local.borrow_mut() = Some(local.expect("the platform starts"));
    }

    /// Stops it; whatever is asked meanwhile gets no reply.
    pub fn stop(&self) {
        self.local.borrow_mut().take();
    }

    /// Answers a request.
    pub fn ask(&self, asked: Asked<'_>) -> Result<Answer, LocalError> {
        let local = self.local.borrow().clone();
        self.runtime.block_on(local.ok_or(LocalError::Cut)?.answer(asked))
    }

    /// Asks the operators' door; without a message it is a read.
    pub fn operate(&self, path: &str, message: Option<&Value>) -> (u16, Value) {
        let token = format!("Bearer {ADMIN}");
        let body = message.map(Value::to_string).unwrap_or_default();
        let answer = self.ask(Asked {
            method: if message.is_some() { "POST" } else { "GET" },
            path,
            headers: &[("authorization", &token), ("content-type", "application/json")],
            body: body.as_bytes(),
            cut_at: None,
        });
        match answer {
            Ok(answer) => (
                answer.status,
                serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
            ),
            Err(_) => (0, Value::Null),
        }
    }

    /// Copies the database aside, as a nightly backup does. Photos are files of their own and are not set back.
    pub fn back_up(&self) {
        self.stop();
        std::fs::copy(self.database(), self.dir.join("backup.db")).expect("a backup");
        self.start();
    }

    /// Puts the last backup back, when there is one: the platform forgets what came after it, and says so by a new epoch.
    pub fn restore(&self) -> bool {
        let backup = self.dir.join("backup.db");
        if !backup.exists() {
            return false;
        }
        self.stop();
        for more in ["-wal", "-shm"] {
            // a clean stop has folded them in already
            let _ = std::fs::remove_file(self.dir.join(format!("platform.db{more}")));
        }
        std::fs::copy(&backup, self.database()).expect("the backup is put back");
        let restored = SqliteStore::open(Some(&self.database())).expect("the restored file opens");
        let now = UtcMillis(self.clock.now());
        store::write(&restored, |tx| tx.new_epoch(now)).expect("a new epoch");
        drop(restored);
        self.restores.set(1 + self.restores.get());
        self.start();
        true
    }

    /// Copies all files of the stopped platform.
    pub fn copy_to(&self, to: &Path) {
        self.stop();
        copy(&self.dir, to).expect("a copy of the platform");
        self.start();
    }
}
