//! The app's store of what opens the platform.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fushan_grid_core::model::env::{self, KeyError, SecretBytes};

use super::HostError;
use super::bounded::Limit;
use super::keys::key_error;

/// Keeps what opens the platform to this phone, in a key store of the app's (Keystore, Keychain). It is one value of some hundred bytes
/// that the engine replaces now and then; each engine needs a store of its own. Without one the value lies in the encrypted database.
///
/// Give it only when it is kept as long as the app is installed: a phone that has lost it enrols again.
#[uniffi::export(foreign)]
pub trait TokenStore: Send + Sync {
    /// The value last saved; nothing when there is none. `HostError.Unavailable` when it cannot be read now, `HostError.Missing` when
    /// it is gone for good.
    fn load(&self) -> Result<Option<Vec<u8>>, HostError>;
    /// Keeps a value in the place of the one before, whole or not at all. It must be on the disk when this returns: the value
    /// before it opens nothing any more.
    fn save(&self, secret: Vec<u8>) -> Result<(), HostError>;
    /// Forgets the value, after a wipe; none to forget is no error.
    fn clear(&self) -> Result<(), HostError>;
}

/// The app's store as the engine sees it: one call at a time. A call that has run out of time is still under way, and a value that
/// it writes late must not come after a newer one.
pub(crate) struct HostTokens {
    tokens: Arc<dyn TokenStore>,
    limit: Limit,
    under_way: Arc<AtomicBool>,
}

/// Says that a call is over, however it ends.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl HostTokens {
    pub(crate) fn new(tokens: Arc<dyn TokenStore>, limit: Limit) -> Self {
        Self {
            tokens,
            limit,
            under_way: Arc::default(),
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn TokenStore) -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, KeyError> {
        if self.under_way.swap(true, Ordering::SeqCst) {
            return Err(KeyError::Unavailable);
        }
        let over = Over(Arc::clone(&self.under_way));
        let tokens = Arc::clone(&self.tokens);
        let call = move || {
            let answer = ask(&*tokens);
            drop(over);
            answer
        };
        self.limit.call(call).map_err(key_error)
    }
}

impl env::TokenStore for HostTokens {
    fn load(&self) -> Result<Option<SecretBytes>, KeyError> {
        Ok(self.ask(|tokens| tokens.load())?.map(SecretBytes::new))
    }

    fn save(&self, secret: &[u8]) -> Result<(), KeyError> {
        let secret = secret.to_vec();
        self.ask(|tokens| tokens.save(secret))
    }

    fn clear(&self) -> Result<(), KeyError> {
        self.ask(|tokens| tokens.clear())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fushan_grid_core::model::env::TokenStore as _;
    use std::sync::Mutex;
    use std::thread::sleep;
    use std::time::Duration;

    #[derive(Default)]
    struct Slow {
        value: Mutex<Vec<u8>>,
        hangs: AtomicBool,
    }

    impl TokenStore for Slow {
        fn load(&self) -> Result<Option<Vec<u8>>, HostError> {
            Ok(self.value.lock().ok().map(|value| value.clone()))
        }
        fn save(&self, secret: Vec<u8>) -> Result<(), HostError> {
            if self.hangs.swap(false, Ordering::SeqCst) {
                sleep(Duration::from_millis(300));
            }
            *self.value.lock().map_err(|_| HostError::Failed)? = secret;
            Ok(())
        }
        fn clear(&self) -> Result<(), HostError> {
            panic!("as an app may")
        }
    }

    #[test]
    fn a_write_that_comes_late_never_follows_a_newer_one() {
        let store = Arc::new(Slow::default());
        let tokens = HostTokens::new(Arc::clone(&store) as _, Limit(Duration::from_millis(30)));
        store.hangs.store(true, Ordering::SeqCst);
        assert_eq!(tokens.save(b"old"), Err(KeyError::Unavailable));
        assert_eq!(
            tokens.save(b"new"),
            Err(KeyError::Unavailable),
            "the one before is under way"
        );
        assert!(tokens.load().is_err());
        sleep(Duration::from_millis(400));
        assert_eq!(tokens.save(b"new"), Ok(()));
        assert_eq!(
            store.value.lock().map(|value| value.clone()).ok(),
            Some(b"new".to_vec())
        );
    }

    #[test]
    fn a_store_that_breaks_is_asked_again_next_time() {
        let tokens = HostTokens::new(Arc::new(Slow::default()), Limit(Duration::from_secs(5)));
        assert_eq!(tokens.clear(), Err(KeyError::Unavailable));
        assert_eq!(tokens.save(b"new"), Ok(()));
    }
}
