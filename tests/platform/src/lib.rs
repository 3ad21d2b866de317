//! The reference district platform: what phones talk to in tests and in the demo, and what the district's own team can read
//! beside the protocol document. It stands on the engine's `model`, `wire`, `merge` and `rules`.

mod around;
pub mod attestation;
mod blobs;
mod books;
mod cited;
#[cfg(feature = "c2pa")]
pub mod credentials;
mod desk;
mod dispatching;
mod district;
pub mod exchanges;
mod faults;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod hall_phone;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]
mod hall_tests;
mod http;
mod intake;
mod judge;
mod local;
mod metrics;
mod mobilise;
mod open311;
pub mod openapi;
mod operation;
mod orders;
mod organisation;
#[cfg(feature = "planted")]
mod planted;
mod push;
mod reports;
pub mod scratch;
mod screen;
pub mod situations;
mod snapshots;
pub mod store;
mod timers;
pub mod timestamp;
mod tls;
mod witness;

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use fushan_grid_core::model::time::UtcMillis;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

pub use district::DistrictError;
pub use faults::Faults;
pub use local::{Answer, Asked, Local, LocalError};
pub use tls::TlsFiles;
pub use witness::{CredentialFiles, WitnessConfig};

use blobs::{Blobs, Objects};
use http::{Limits, Peer};
use judge::Judge;
use metrics::Metrics;
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
    /// Certificate and key; without them plain HTTP is spoken, for one machine or behind a proxy.
    pub tls: Option<TlsFiles>,
    /// Requests a minute for each phone; 0 is no limit.
    pub requests_per_minute: u32,
    /// How long credentials are good.
    pub lifetimes: Lifetimes,
    /// How long a phone may work without asking, in milliseconds; without it phones get no lease and are never locked.
    pub lease_ms: Option<i64>,
    /// How long originals stay on the phones after they are stored here, in milliseconds; the phones' own rule without it.
    pub keep_originals_ms: Option<u64>,
    /// The longest time a push is on its way, in milliseconds: the grace rule gives it to the worker.
    pub on_the_way_ms: i64,
    /// The log of evidence.
    pub witness: WitnessConfig,
    /// How often the timers look at what is due.
    pub tick: std::time::Duration,
}

/// How long credentials are good, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// An access token.
    pub access_ms: i64,
    /// A refresh token that is not used.
    pub refresh_ms: i64,
}

impl Default for Lifetimes {
    /// A quarter of an hour; half a year, the longest time a phone may be offline.
    fn default() -> Self {
        Self {
            access_ms: 900_000,
            refresh_ms: 180 * 86_400_000,
        }
    }
}

/// Requests a minute that an honest phone does not reach.
const REQUESTS_PER_MINUTE: u32 = 3_000;

/// After two minutes a phone gives a request up (`docs/sync-protocol.md`).
const ON_THE_WAY_MS: i64 = 120_000;

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
            tls: None,
            requests_per_minute: REQUESTS_PER_MINUTE,
            lifetimes: Lifetimes::default(),
            lease_ms: None,
            keep_originals_ms: None,
            on_the_way_ms: ON_THE_WAY_MS,
            tick: TICKING,
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
    /// A pack of the store does not read.
    #[error("a pack of the store cannot be used")]
    Packs,
}

/// Everything a request needs.
pub(crate) struct Platform {
    pub(crate) store: Box<dyn Store>,
    pub(crate) judge: Judge,
    pub(crate) shelf: books::Shelf,
    pub(crate) blobs: Box<dyn Blobs>,
    pub(crate) admin_token: String,
    pub(crate) faults: Faults,
    pub(crate) orders: Orders,
    pub(crate) keep_originals_ms: Option<u64>,
    pub(crate) on_the_way_ms: i64,
    pub(crate) witness: witness::Witness,
    pub(crate) clock: Clock,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    /// Tells phones that wait that something was written here.
    pub(crate) changed: watch::Sender<()>,
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
    scheme: &'static str,
    faults: Faults,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
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
    let (listen, tls, clock) = (config.listen, config.tls.clone(), Arc::new(machine_clock));
    let every = config.tick;
    let assembled = tokio::task::spawn_blocking(move || assemble(&config, clock, false)).await;
    let platform = Arc::new(assembled.map_err(std::io::Error::other)??);
    let faults = platform.faults.clone();
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let keeper = tokio::spawn(keep(Arc::downgrade(&platform)));
    let ticking = tokio::spawn(keep_ticking(Arc::downgrade(&platform), every));
    let stamping = tokio::spawn(witness::keep_stamping(Arc::clone(&platform)));
    let service = http::router(platform).into_make_service_with_connect_info::<Peer>();
    let signal = async move {
        let _ = stopped.await;
        keeper.abort();
        ticking.abort();
        stamping.abort();
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let task = match tls {
        None => tokio::spawn(
            axum::serve(listener, service)
                .with_graceful_shutdown(signal)
                .into_future(),
        ),
        Some(files) => {
            let listener = tls::TlsListener::new(listener, &files)?;
            tokio::spawn(
                axum::serve(listener, service)
                    .with_graceful_shutdown(signal)
                    .into_future(),
            )
        }
    };
    Ok(Running {
        address,
        scheme,
        faults,
        stop,
        task,
    })
}

/// How often old things are cleared away.
const KEEPING: std::time::Duration = std::time::Duration::from_secs(600);

/// Clears away open uploads whose time is over, spent tokens, and callers that have been quiet.
async fn keep(platform: Weak<Platform>) {
    loop {
        tokio::time::sleep(KEEPING).await;
        let Some(platform) = platform.upgrade() else { return };
        let cleared = tokio::task::spawn_blocking(move || {
            platform.limits.forget();
            let before = platform.now().plus(-platform.lifetimes.refresh_ms);
            // whatever fails now is cleared away the next time
            let _ = store::write(&*platform.store, |tx| tx.forget_spent(before));
            http::sweep(&platform).unwrap_or(0)
        });
        let uploads = cleared.await.unwrap_or(0);
        tracing::debug!(uploads, "cleared away");
    }
}

/// How often the timers look, unless told otherwise.
const TICKING: std::time::Duration = std::time::Duration::from_secs(30);

/// Lets the timers look at what is due.
async fn keep_ticking(platform: Weak<Platform>, every: std::time::Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(platform) = platform.upgrade() else { return };
        let ticked = tokio::task::spawn_blocking(move || timers::tick(&platform)).await;
        match ticked {
            Ok(Ok(ticked)) => tracing::debug!(looked = ticked.looked, "ticked"),
            // what was not done now is done at the next tick
            Ok(Err(error)) => tracing::error!(%error, "tick"),
            Err(_) => tracing::error!("a tick broke off"),
        }
    }
}

/// Begins a new epoch in the configured database, after it was restored from a backup; gives its number.
///
/// # Errors
/// [`StartError`].
pub fn begin_epoch(config: &Config) -> Result<i64, StartError> {
    let store = open(config)?;
    Ok(store::write(&*store, |tx| tx.new_epoch(machine_clock()))?)
}

fn open(config: &Config) -> Result<Box<dyn Store>, StartError> {
    Ok(match &config.database_url {
        Some(url) => Box::new(PostgresStore::open(url)?),
        None => Box::new(SqliteStore::open(config.database.as_deref())?),
    })
}

/// Opens the store and loads the district.
fn assemble(config: &Config, clock: Clock, inline: bool) -> Result<Platform, StartError> {
    #[cfg(feature = "planted")]
    planted::start();
    let store = open(config)?;
    let blobs = Objects::folder(&config.blobs)?;
    let judge = district::load(&config.district, &*store)?;
    store::write(&*store, |tx| tx.fill_hashes())?;
    store::write(&*store, |tx| tx.fill_incidents())?;
    let shelf = books::Shelf::open(&*store, std::sync::Arc::clone(&judge.in_force))?;
    let orders = Orders::load(&*store, config.lease_ms)?;
    Ok(Platform {
        store,
        judge,
        shelf,
        blobs: Box::new(blobs),
        admin_token: config.admin_token.clone(),
        faults: Faults::default(),
        orders,
        keep_originals_ms: config.keep_originals_ms,
        on_the_way_ms: config.on_the_way_ms,
        witness: witness::Witness::open(config.witness.clone(), &config.blobs)?,
        clock,
        lifetimes: config.lifetimes,
        // a caller in this process has a clock of its own
        limits: Limits::new(if inline { 0 } else { config.requests_per_minute }),
        metrics: Metrics::default(),
        changed: watch::Sender::new(()),
        inline,
    })
}
