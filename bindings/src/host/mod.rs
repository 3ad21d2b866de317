//! What the app provides: keys, signatures, a place for log lines, and what it knows of network, power and position.
//!
//! Every method may fail, and a method that fails in a way nobody foresaw (an exception of another type) is a failure like any
//! other. None may hang the engine: each call has a limit of time ([`bounded`]).

mod bounded;
mod keys;
mod log;
mod senses;
mod signer;
mod system;
mod tokens;

use std::sync::Arc;

pub use keys::KeyProvider;
pub(crate) use log::Logger;
pub use log::{LogLevel, LogLine, LogSink};
pub(crate) use senses::Senses;
pub use senses::{ConditionsSource, LocationSource};
pub use signer::{DeviceSigner, NewSigningKey, SigningKeyKind};
pub use tokens::TokenStore;

pub(crate) use bounded::Limit;

use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::model::env::{Env, NoSigner};

use crate::error::GridError;

/// Why something that the app provides did not do what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum HostError {
    /// It is gone for good: the device was restored, the key store was reset.
    #[error("gone")]
    Missing,
    /// What was given does not fit: bytes wrapped with another key.
    #[error("wrong")]
    Wrong,
    /// Not now: locked until the worker unlocks the phone, or too slow.
    #[error("unavailable")]
    Unavailable,
    /// Anything else, also an exception that nobody caught.
    #[error("failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HostError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Everything that the app provides. Only the key provider must be there.
#[derive(Clone, uniffi::Record)]
pub struct Host {
    /// Wraps the key of the database.
    pub keys: Arc<dyn KeyProvider>,
    /// Signs evidence. Without one, photos are taken in and their manifests say that they are unsigned.
    #[uniffi(default = None)]
    pub signer: Option<Arc<dyn DeviceSigner>>,
    /// Takes log lines.
    #[uniffi(default = None)]
    pub log: Option<Arc<dyn LogSink>>,
    /// Tells network and power. Without it the network counts as one that costs nothing.
    #[uniffi(default = None)]
    pub conditions: Option<Arc<dyn ConditionsSource>>,
    /// Tells where the phone is, for what is written down without a position.
    #[uniffi(default = None)]
    pub location: Option<Arc<dyn LocationSource>>,
    /// Keeps what opens the platform. Without it that lies in the encrypted database; with it, it moves over with the next settlement.
    #[uniffi(default = None)]
    pub tokens: Option<Arc<dyn TokenStore>>,
}

impl Host {
    /// The engine's surroundings, made of what the app provides and of the system's clock and randomness.
    pub(crate) fn env(&self, media: &std::path::Path, boot: Option<String>, limit: Limit) -> Result<Env, GridError> {
        let media = FolderMedia::open(media).map_err(fushan_grid_core::app::AppError::from)?;
        let tokens = self.tokens.clone();
        Ok(Env {
            clock: Arc::new(system::SystemClock::new(boot)),
            entropy: Arc::new(system::OsEntropy),
            media: Arc::new(media),
            keys: Arc::new(keys::HostKeys::new(Arc::clone(&self.keys), limit)),
            signer: match &self.signer {
                Some(signer) => Arc::new(signer::HostSigner::new(Arc::clone(signer), limit)),
                None => Arc::new(NoSigner),
            },
            tokens: tokens.map(|store| Arc::new(tokens::HostTokens::new(store, limit)) as _),
        })
    }
}
