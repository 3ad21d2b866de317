//! The engine as an app holds it: opened, suspended, resumed, shut down. The use cases are in files of their own.

mod conflicts;
mod dictionaries;
mod evidence;
mod incidents;
mod inspections;
mod patrols;
mod photos;
mod plans;
mod registry;
mod status;
mod sync;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fushan_grid_core::app::{self, sync as core_sync};
use fushan_grid_core::model::env::Env;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport};

pub use dictionaries::convert_point;
pub use photos::{ByteSource, PhotoReader};
pub use sync::{SyncHandle, SyncObserver};

use crate::error::GridError;
use crate::host::{Host, Limit, Logger, Senses};
use crate::records::{EngineConfig, Opened, Staff};
use crate::work::off_thread;

type Core = app::Engine;

/// One phone's engine. Open it once, keep it for the life of the app, share it between threads.
///
/// Short calls answer at once and may be made from any thread but the one that draws: they read and write the disk. Long ones are
/// `async`. Every call may fail with a `GridError`.
#[derive(uniffi::Object)]
pub struct Engine {
    /// Nothing once it is shut down.
    core: RwLock<Option<Arc<Core>>>,
    opened: Opened,
    env: Env,
    senses: Senses,
    logger: Logger,
    ca_pem: Option<Vec<u8>>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Engine {
    /// Opens the phone's database below the folder, making it on the first start, and brings an older one up to date.
    ///
    /// Fails with the error `Locked` when the key store, the lease or a wipe keeps it shut (`key_missing`, `key_wrong`,
    /// `key_unavailable`, `lease_expired`, `sealed`), and leaves every file as it was.
    #[uniffi::constructor]
    pub async fn open(config: EngineConfig, host: Host) -> Result<Arc<Self>, GridError> {
        off_thread(move || Self::open_here(config, &host).map(Arc::new)).await
    }

    /// What opening found and did.
    #[must_use]
    pub fn opened(&self) -> Opened {
        self.opened.clone()
    }

    /// Closes every file, so that the system may suspend the app; waits for what is being read or written. Until `resume()`
    /// every call fails with the error `Closed`. Cancel a settlement that is under way first.
    pub fn suspend(&self) -> Result<(), GridError> {
        Ok(self.core()?.suspend()?)
    }

    /// Opens the files again; does nothing when they are open.
    pub fn resume(&self) -> Result<(), GridError> {
        Ok(self.core()?.resume()?)
    }

    /// Closes the files for good. Every later call fails with the error `Closed`. Shutting down twice is no error.
    pub fn shut_down(&self) -> Result<(), GridError> {
        let taken = self.core.write().unwrap_or_else(PoisonError::into_inner).take();
        match taken {
            Some(core) => Ok(core.suspend()?),
            None => Ok(()),
        }
    }

    /// Enrols this phone with a one-time code of the district. An enrolled phone keeps its id and its unsent work.
    pub async fn enrol(&self, url: String, code: String) -> Result<Staff, GridError> {
        let (core, transport) = (self.core()?, self.transport(&url)?);
        let cancel = CancelOnDrop::new();
        let token = cancel.0.clone();
        let staff = off_thread(move || Ok(core.enrol(&transport, &url, &code, &token)?)).await?;
        Ok(staff.into())
    }

    /// The id of this phone.
    pub fn device_id(&self) -> Result<String, GridError> {
        Ok(self.core()?.device()?.to_string())
    }

    /// Address of the platform this phone is enrolled at.
    pub fn platform_url(&self) -> Result<String, GridError> {
        Ok(self.core()?.platform_url()?)
    }
}

impl Engine {
    fn open_here(config: EngineConfig, host: &Host) -> Result<Self, GridError> {
        let limit = Limit(Duration::from_millis(config.host_limit_ms.max(1)));
        let dir = PathBuf::from(&config.dir);
        let recovery_key = config.recovery_key.map(<[u8; 32]>::try_from).transpose();
        let recovery_key = recovery_key.map_err(|_| GridError::of("key_length"))?;
        let env = host.env(&dir.join("media"), config.boot_id, limit)?;
        let store = app::EngineConfig {
            dir: db_dir(&dir),
            recovery_key,
            full_check: config.full_check,
        };
        let (core, report) = Core::open(store, env.clone())?;
        Ok(Self {
            core: RwLock::new(Some(Arc::new(core))),
            opened: report.into(),
            env,
            senses: Senses::of(host, limit),
            logger: Logger::new(host.log.clone()),
            ca_pem: config.ca_pem,
        })
    }

    /// The engine proper, while it is there.
    fn core(&self) -> Result<Arc<Core>, GridError> {
        let core = self.core.read().unwrap_or_else(PoisonError::into_inner);
        core.clone().ok_or_else(|| GridError::of("engine_closed"))
    }

    fn transport(&self, url: &str) -> Result<HttpTransport, GridError> {
        transport(url, self.ca_pem.clone())
    }
}

/// Fetches a new lease for a phone that is locked because its lease has run out (`lease_expired`): the worker types a one-time
/// code that the district gives them. Afterwards the phone opens again.
#[uniffi::export(async_runtime = "tokio")]
pub async fn renew_lease(config: EngineConfig, host: Host, url: String, code: String) -> Result<(), GridError> {
    let cancel = CancelOnDrop::new();
    let token = cancel.0.clone();
    let renew = move || {
        let limit = Limit(Duration::from_millis(config.host_limit_ms.max(1)));
        let dir = PathBuf::from(&config.dir);
        let env = host.env(&dir.join("media"), config.boot_id, limit)?;
        let transport = transport(&url, config.ca_pem)?;
        Ok(core_sync::renew_lease(&db_dir(&dir), &env, &transport, &code, &token)?)
    };
    off_thread(renew).await
}

fn transport(url: &str, ca_pem: Option<Vec<u8>>) -> Result<HttpTransport, GridError> {
    let config = HttpConfig {
        ca_pem,
        ..HttpConfig::default()
    };
    Ok(HttpTransport::new(url, config).map_err(app::AppError::from)?)
}

fn db_dir(dir: &Path) -> PathBuf {
    dir.join("db")
}

/// Cancels a request whose future nobody awaits any more.
struct CancelOnDrop(Cancel);

impl CancelOnDrop {
    fn new() -> Self {
        Self(Cancel::new())
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
