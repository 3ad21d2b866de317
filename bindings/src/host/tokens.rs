//! The app's store of what opens the platform.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

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
    turn: Arc<Turn>,
}

/// Whose turn it is.
#[derive(Default)]
struct Turn {
    taken: Mutex<bool>,
    given_back: Condvar,
}

/// A turn, given back however the call ends.
struct Taken(Arc<Turn>);

impl Turn {
    /// Waits for its turn, as long as a call may take.
    fn take(self: &Arc<Self>, limit: Limit) -> Option<Taken> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.given_back.wait_timeout_while(taken, limit.0, |taken| *taken);
        let (mut taken, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *taken {
            return None;
        }
        *taken = true;
        Some(Taken(Arc::clone(self)))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.given_back.notify_one();
    }
}

impl HostTokens {
    pub(crate) fn new(tokens: Arc<dyn TokenStore>, limit: Limit) -> Self {
        Self {
            tokens,
            limit,
            turn: Arc::default(),
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn TokenStore) -> Result<T, HostError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let turn = self.turn.take(self.limit).ok_or(KeyError::Unavailable)?;
        let tokens = Arc::clone(&self.tokens);
        let call = move || {
            let answer = ask(&*tokens);
            // before the answer is known, so that whoever has it may call again
            drop(turn);
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
    use std::sync::atomic::{AtomicBool, Ordering};
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
    fn two_that_ask_at_once_wait_for_each_other() {
        let store = Arc::new(Slow::default());
        let tokens = Arc::new(HostTokens::new(Arc::clone(&store) as _, Limit(Duration::from_secs(5))));
        store.hangs.store(true, Ordering::SeqCst);
        let other = Arc::clone(&tokens);
        let slow = std::thread::spawn(move || other.save(b"one"));
        sleep(Duration::from_millis(50));
        assert!(
            tokens
                .load()
                .is_ok_and(|value| value.is_some_and(|value| *value == b"one"))
        );
        assert!(slow.join().is_ok_and(|saved| saved.is_ok()));
    }

    #[test]
    fn a_store_that_breaks_is_asked_again_next_time() {
        let tokens = HostTokens::new(Arc::new(Slow::default()), Limit(Duration::from_secs(5)));
        assert_eq!(tokens.clear(), Err(KeyError::Unavailable));
        assert_eq!(tokens.save(b"new"), Ok(()));
    }
}
