//! A cancel token that also wakes what waits for the network.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Cancels a synchronisation from another thread. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    cancelled: AtomicBool,
    wake: Notify,
}

impl Cancel {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels; what is committed stays, what is on its way is dropped.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        self.0.wake.notify_waiters();
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Ends when the token is cancelled.
    pub(super) async fn cancelled(&self) {
        let woken = self.0.wake.notified();
        tokio::pin!(woken);
        // registered before the flag is read, so that a cancel in between is not missed
        woken.as_mut().enable();
        if !self.is_cancelled() {
            woken.await;
        }
    }
}
