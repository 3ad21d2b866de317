//! The use cases, one file per family of verbs: what shells, bindings and the harness call.
//!
//! [`Engine`] is the object an app holds. Every method is one use case: it checks its input by the rules, writes in one
//! transaction, and returns plain data. Nothing here starts a thread that outlives the call.

pub mod calls;
pub mod card;
mod categories;
pub mod conflicts;
pub mod deadline;
pub mod dictionaries;
pub mod dispatch;
pub mod dossier;
mod duplicates;
pub mod error;
pub mod evidence;
pub mod incident;
pub mod inspect;
pub mod messages;
pub mod openrosa;
pub mod patrol;
mod pen;
pub mod plan;
pub mod recovery;
pub mod registry;
pub mod report;
pub mod status;
pub mod steps;
pub mod sync;
mod versions;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub use dictionaries::Dictionaries;
pub use error::AppError;
pub use versions::{Versions, versions};

use crate::model::env::Env;
use crate::store::{OpenReport, Store, StoreConfig};

/// How an engine is opened.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Folder of the phone's database; made if missing.
    pub dir: PathBuf,
    /// Public recovery key of the district (X25519): the data key is wrapped to it a second time.
    pub recovery_key: Option<[u8; 32]>,
    /// Check every page of the database first; asked for after a `db_corrupt`.
    pub full_check: bool,
}

/// One phone's engine.
#[derive(Debug)]
pub struct Engine {
    store: Store,
    env: Env,
    dictionaries: RwLock<Arc<Dictionaries>>,
    running: sync::RunLock,
    intake: Mutex<()>,
    known: Mutex<Option<evidence::Known>>,
    filling: inspect::Filling,
}

impl Engine {
    /// Opens the phone's database, making it on the first start, and loads the dictionaries.
    ///
    /// # Errors
    /// Those of opening: a missing, wrong or unavailable key, a newer schema. A damaged file is quarantined and its unsent
    /// work salvaged; the report tells.
    pub fn open(config: EngineConfig, env: Env) -> Result<(Self, OpenReport), AppError> {
        let store_config = StoreConfig {
            dir: config.dir,
            recovery_key: config.recovery_key,
            full_check: config.full_check,
        };
        let (store, report) = Store::open(store_config, &env)?;
        let dictionaries = RwLock::new(Arc::new(Dictionaries::load(&store)?));
        Ok((
            Self {
                store,
                env,
                dictionaries,
                running: sync::RunLock::default(),
                intake: Mutex::default(),
                known: Mutex::default(),
                filling: inspect::Filling::default(),
            },
            report,
        ))
    }

    /// Closes every handle, so that the system may suspend the app; using the engine is an error until [`Engine::resume`].
    ///
    /// # Errors
    /// Those of the store.
    pub fn suspend(&self) -> Result<(), AppError> {
        Ok(self.store.suspend()?)
    }

    /// Opens the handles again.
    ///
    /// # Errors
    /// Those of opening.
    pub fn resume(&self) -> Result<(), AppError> {
        Ok(self.store.resume()?)
    }

    /// The dictionaries in force: the shipped ones, replaced by those the platform has sent.
    #[must_use]
    pub fn dictionaries(&self) -> Arc<Dictionaries> {
        Arc::clone(&self.dictionaries.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the dictionaries anew, after a synchronisation has brought other ones.
    fn reload_dictionaries(&self) -> Result<(), AppError> {
        let fresh = Arc::new(Dictionaries::load(&self.store)?);
        *self.dictionaries.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}
