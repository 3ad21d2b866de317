//! The reference district platform: what phones talk to in tests and in the demo, and what the district's own team can read
//! beside the protocol document. It stands on the engine's `model`, `wire`, `merge` and `rules`.

mod district;
mod faults;
mod http;
mod judge;
mod local;
mod orders;
#[cfg(feature = "planted")]
mod planted;
mod push;
pub mod scratch;
pub mod situations;
mod snapshots;
pub mod store;
pub mod timestamp;
mod witness;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use fushan_grid_core::model::time::UtcMillis;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use district::DistrictError;
pub use faults::Faults;
pub use local::{Answer, Asked, Local, LocalError};
pub use witness::WitnessConfig;

use judge::Judge;
use orders::Orders;
use store::{PostgresStore, SqliteStore, Store, StoreError};

/// How a platform is started.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Database file; in memory without one.
    pub database: Option<PathBuf>,
    /// Address of a `PostgreSQL` database to use instead, `postgres://…`.
    pub database_url: Option<String>,
    /// Folder of photos.
    pub blobs: PathBuf,
    /// Folder of the district's data, in the format of the sample.
    pub district: PathBuf,
    /// Token of the operators' door.
    pub admin_token: String,
    /// How long a phone may work without asking, in milliseconds; without it phones get no lease and are never locked.
    pub lease_ms: Option<i64>,
    /// How long originals stay on the phones after they are stored here, in milliseconds; the phones' own rule without it.
    pub keep_originals_ms: Option<u64>,
    /// The log of evidence.
    pub witness: WitnessConfig,
}

impl Config {
    /// A platform on this machine at a free port, everything in memory but the photos. Give what differs:
    /// `Config { database: …, ..Config::new(…) }`.
    #[must_use]
    pub fn new(district: PathBuf, blobs: PathBuf, admin_token: &str) -> Self {
        Self {
            listen: ([127, 0, 0, 1], 0).into(),
            database: None,
            database_url: None,
            blobs,
            district,
            admin_token: admin_token.to_owned(),
            lease_ms: None,
            keep_originals_ms: None,
            witness: WitnessConfig::default(),
        }
    }
}

/// Why a platform did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The district's data.
    #[error(transparent)]
    District(#[from] DistrictError),
    /// A file, folder or address.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The log's key file is not one, or no key could be made.
    #[error("the log's key cannot be used")]
    LogKey,
    /// The log's name has a space or a plus sign.
    #[error("the log's name cannot be used")]
    LogName,
}

/// Everything a request needs.
pub(crate) struct Platform {
    pub(crate) store: Box<dyn Store>,
    pub(crate) judge: Judge,
    pub(crate) blobs: PathBuf,
    pub(crate) admin_token: String,
    pub(crate) faults: Faults,
    pub(crate) orders: Orders,
    pub(crate) keep_originals_ms: Option<u64>,
    pub(crate) witness: witness::Witness,
    pub(crate) clock: Clock,
    /// Whether handlers run on the thread that asks.
    pub(crate) inline: bool,
}

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> UtcMillis + Send + Sync>;

impl Platform {
    /// The platform's clock.
    pub(crate) fn now(&self) -> UtcMillis {
        (self.clock)()
    }
}

/// The clock of this machine.
fn machine_clock() -> UtcMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A platform that listens.
pub struct Running {
    address: SocketAddr,
    faults: Faults,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Faults on request, for tests and the demo.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Stops listening and waits for what is under way.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn shutdown(self) -> std::io::Result<()> {
        // the receiver is gone only when the task has ended already
        let _ = self.stop.send(());
        self.task.await.unwrap_or(Ok(()))
    }

    /// Waits until the platform ends by itself.
    ///
    /// # Errors
    /// Those of the listener.
    pub async fn wait(self) -> std::io::Result<()> {
        let _stop = self.stop;
        self.task.await.unwrap_or(Ok(()))
    }
}

/// Loads the district, opens the store, and listens.
///
/// # Errors
/// [`StartError`].
pub async fn start(config: Config) -> Result<Running, StartError> {
    let (listen, clock) = (config.listen, Arc::new(machine_clock));
    let assembled = tokio::task::spawn_blocking(move || assemble(&config, clock, false)).await;
    let platform = assembled.map_err(std::io::Error::other)??;
    let faults = platform.faults.clone();
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let platform = Arc::new(platform);
    tokio::spawn(witness::keep_stamping(Arc::clone(&platform)));
    let service = http::router(platform);
    let task = tokio::spawn(async move {
        let signal = async {
            let _ = stopped.await;
        };
        axum::serve(listener, service).with_graceful_shutdown(signal).await
    });
    Ok(Running {
        address,
        faults,
        stop,
        task,
    })
}

/// Opens the store and loads the district.
fn assemble(config: &Config, clock: Clock, inline: bool) -> Result<Platform, StartError> {
    #[cfg(feature = "planted")]
    planted::start();
    let store: Box<dyn Store> = match &config.database_url {
        Some(url) => Box::new(PostgresStore::open(url)?),
        None => Box::new(SqliteStore::open(config.database.as_deref())?),
    };
    std::fs::create_dir_all(config.blobs.join("uploads"))?;
    let judge = district::load(&config.district, &*store)?;
    store::write(&*store, |tx| tx.fill_hashes())?;
    let orders = Orders::load(&*store, config.lease_ms)?;
    Ok(Platform {
        store,
        judge,
        blobs: config.blobs.clone(),
        admin_token: config.admin_token.clone(),
        faults: Faults::default(),
        orders,
        keep_originals_ms: config.keep_originals_ms,
        witness: witness::Witness::open(config.witness.clone(), &config.blobs)?,
        clock,
        inline,
    })
}
