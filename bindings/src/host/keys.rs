//! The app's key store, wrapping the key of the database.

use std::sync::Arc;

use fushan_grid_core::model::env::{self, KeyError, SecretKey};

use super::HostError;
use super::bounded::Limit;

/// The phone's key store: wraps and unwraps the 32 bytes that encrypt the database. The wrapped bytes lie in a file beside it.
#[uniffi::export(foreign)]
pub trait KeyProvider: Send + Sync {
    /// Names the wrapping key, so that a database tells which key it wants.
    fn key_id(&self) -> Result<String, HostError>;
    /// Wraps a fresh key of 32 bytes.
    fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, HostError>;
    /// Unwraps: exactly the 32 bytes that were wrapped. Anything of another length is refused as the wrong key.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, HostError>;
}

/// The app's key store as the engine sees it.
pub(crate) struct HostKeys {
    keys: Arc<dyn KeyProvider>,
    limit: Limit,
}

impl HostKeys {
    pub(crate) fn new(keys: Arc<dyn KeyProvider>, limit: Limit) -> Self {
        Self { keys, limit }
    }

    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn KeyProvider) -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let keys = Arc::clone(&self.keys);
        self.limit.call(move || ask(&*keys)).map_err(key_error)
    }
}

impl env::KeyProvider for HostKeys {
    fn key_id(&self) -> Result<String, KeyError> {
        self.ask(|keys| keys.key_id())
    }

    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        let key = key.to_vec();
        self.ask(|keys| keys.wrap(key))
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        let wrapped = wrapped.to_vec();
        let key = self.ask(|keys| keys.unwrap(wrapped))?;
        <[u8; 32]>::try_from(key)
            .map(SecretKey::new)
            .map_err(|_| KeyError::Wrong)
    }
}

/// A failure of another kind counts as one that may pass: the database stays as it is, and opening can be tried again.
pub(super) fn key_error(error: HostError) -> KeyError {
    match error {
        HostError::Missing => KeyError::Missing,
        HostError::Wrong => KeyError::Wrong,
        HostError::Unavailable | HostError::Failed => KeyError::Unavailable,
    }
}
