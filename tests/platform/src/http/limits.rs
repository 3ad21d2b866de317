//! How often a caller may ask: by token, and by address for whoever has none yet.

use std::net::IpAddr;
use std::num::NonZeroU32;

use axum::http::StatusCode;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::reply::Fault;

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// The limits of one platform process.
pub(crate) struct Limits {
    phones: Option<Keyed<[u8; 32]>>,
    strangers: Option<Keyed<IpAddr>>,
}

fn keyed<K: std::hash::Hash + Eq + Clone>(per_minute: u32, burst: u32) -> Option<Keyed<K>> {
    let quota = Quota::per_minute(NonZeroU32::new(per_minute)?).allow_burst(NonZeroU32::new(burst)?);
    Some(RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock))
}

impl Limits {
    /// So many requests a minute for each phone, a tenth of it for each address that has no token; 0 is no limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            phones: keyed(per_minute, per_minute / 5),
            strangers: keyed(per_minute / 10, per_minute / 10),
        }
    }

    /// Counts a request with a token.
    pub(super) fn phone(&self, token: &[u8; 32]) -> Result<(), Fault> {
        self.phones.as_ref().map_or(Ok(()), |limiter| check(limiter, token))
    }

    /// Counts a request without one, or one whose token is not known.
    pub(super) fn stranger(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        match (&self.strangers, address) {
            (Some(limiter), Some(address)) => check(limiter, &address),
            _ => Ok(()),
        }
    }

    /// Forgets callers that have been quiet.
    pub(crate) fn forget(&self) {
        if let Some(limiter) = &self.phones {
            limiter.retain_recent();
        }
        if let Some(limiter) = &self.strangers {
            limiter.retain_recent();
        }
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> Result<(), Fault> {
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(MonotonicClock.now());
        Fault::of(StatusCode::TOO_MANY_REQUESTS, "rate_limited").after(wait.as_secs().max(1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_that_asks_too_often_waits_and_others_do_not() {
        let limits = Limits::new(50);
        let asked = |token: u8| (0..30).filter(|_| limits.phone(&[token; 32]).is_ok()).count();
        assert_eq!((asked(1), asked(2)), (10, 10), "a burst of a fifth");
        let address = Some(IpAddr::from([127, 0, 0, 1]));
        assert_eq!((0..30).filter(|_| limits.stranger(address).is_ok()).count(), 5);
        assert_eq!(
            (0..30).filter(|_| limits.stranger(None).is_ok()).count(),
            30,
            "in process"
        );
        assert!((0..1000).all(|_| Limits::new(0).phone(&[1; 32]).is_ok()), "no limit");
    }
}
