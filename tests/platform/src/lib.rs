//! The reference district platform: what phones talk to in tests and in the demo, and what the district's own team can read
//! beside the protocol document. It stands on the engine's `model`, `wire`, `merge` and `rules`.

mod district;
mod faults;
mod http;
mod judge;
mod push;
pub mod situations;
pub mod store;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use fushan_grid_core::model::time::UtcMillis;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use district::DistrictError;
pub use faults::Faults;

use judge::Judge;
use store::{SqliteStore, Store, StoreError};

/// How a platform is started.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Database file; in memory without one.
    pub database: Option<PathBuf>,
    /// Folder of photos.
    pub blobs: PathBuf,
    /// Folder of the district's data, in the format of the sample.
    pub district: PathBuf,
    /// Token of the operators' door.
    pub admin_token: String,
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
}

/// Everything a request needs.
pub(crate) struct Platform {
    pub(crate) store: Box<dyn Store>,
    pub(crate) judge: Judge,
    pub(crate) blobs: PathBuf,
    pub(crate) admin_token: String,
    pub(crate) faults: Faults,
}

impl Platform {
    /// The platform's clock.
    pub(crate) fn now(&self) -> UtcMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UtcMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
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
    let store = SqliteStore::open(config.database.as_deref())?;
    std::fs::create_dir_all(config.blobs.join("uploads"))?;
    let judge = district::load(&config.district, &store)?;
    let faults = Faults::default();
    let platform = Platform {
        store: Box::new(store),
        judge,
        blobs: config.blobs,
        admin_token: config.admin_token,
        faults: faults.clone(),
    };
    let listener = tokio::net::TcpListener::bind(config.listen).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let service = http::router(Arc::new(platform));
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
