//! Faults on request: a platform that misbehaves exactly when a test or the demo asks for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// Faults waiting to happen. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Waiting>);

#[derive(Debug)]
struct Waiting {
    lose_push_reply: AtomicU32,
    cut_upload_at: AtomicI64,
    portal: AtomicU32,
    busy: AtomicU32,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            lose_push_reply: AtomicU32::new(0),
            cut_upload_at: AtomicI64::new(-1),
            portal: AtomicU32::new(0),
            busy: AtomicU32::new(0),
        }
    }
}

impl Faults {
    /// The next push is committed, but its reply breaks off.
    pub fn lose_next_push_reply(&self) {
        self.0.lose_push_reply.store(1, Ordering::SeqCst);
    }

    /// The next chunk of an upload is taken up to this many bytes, then the connection breaks.
    pub fn cut_next_upload_at(&self, bytes: u32) {
        self.0.cut_upload_at.store(bytes.into(), Ordering::SeqCst);
    }

    /// The next requests are answered by the log-in page of a captive portal.
    pub fn portal_for(&self, requests: u32) {
        self.0.portal.store(requests, Ordering::SeqCst);
    }

    /// The next requests are answered `429` with a `Retry-After`.
    pub fn busy_for(&self, requests: u32) {
        self.0.busy.store(requests, Ordering::SeqCst);
    }

    /// Whether the reply of a push is still to be lost.
    #[must_use]
    pub fn push_reply_waits(&self) -> bool {
        self.0.lose_push_reply.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn take_lost_reply(&self) -> bool {
        self.0.lose_push_reply.swap(0, Ordering::SeqCst) > 0
    }

    pub(crate) fn take_cut(&self) -> Option<usize> {
        usize::try_from(self.0.cut_upload_at.swap(-1, Ordering::SeqCst)).ok()
    }

    pub(crate) fn take_portal(&self) -> bool {
        take_one(&self.0.portal)
    }

    pub(crate) fn take_busy(&self) -> bool {
        take_one(&self.0.busy)
    }
}

fn take_one(counter: &AtomicU32) -> bool {
    counter
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
        .is_ok()
}
