//! How often a caller may ask: by token, and by address for whoever has none. A token counts as one when a door has recognised it;
//! until then its bearer is a stranger, so that nobody gets a new limit by making up a new token.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::reply::Fault;

type Keyed<K> = RateLimiter<K, HashMapStateStore<K>, MonotonicClock, NoOpMiddleware<Instant>>;
/// Digest of a token.
type Token = [u8; 32];

/// How long a token that is not used any more stays known.
const QUIET: Duration = Duration::from_secs(3_600);

/// The limits of one platform process.
pub(crate) struct Limits {
    phones: Option<Keyed<Token>>,
    strangers: Option<Keyed<IpAddr>>,
    /// Tokens that a door has recognised, and when last.
    known: Mutex<HashMap<Token, Instant>>,
    /// Addresses from which too many unknown tokens came, and until when no other is looked up.
    barred: Mutex<HashMap<IpAddr, Instant>>,
}

fn keyed<K: std::hash::Hash + Eq + Clone>(per_minute: u32, burst: u32) -> Option<Keyed<K>> {
    let quota = Quota::per_minute(NonZeroU32::new(per_minute)?).allow_burst(NonZeroU32::new(burst)?);
    Some(RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock))
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Limits {
    /// So many requests a minute for each phone, a tenth of it for each address that has no token; 0 is no limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            phones: keyed(per_minute, per_minute / 5),
            strangers: keyed(per_minute / 10, per_minute / 10),
            known: Mutex::default(),
            barred: Mutex::default(),
        }
    }

    /// Counts a request before anything of it is looked up.
    pub(super) fn before(&self, token: Option<&Token>, address: Option<IpAddr>) -> Result<(), Fault> {
        match token {
            Some(token) if self.knows(token) => self.phones.as_ref().map_or(Ok(()), |limiter| check(limiter, token)),
            Some(_) => self.barred(address),
            None => self.stranger(address).map_err(late),
        }
    }

    /// Counts a request whose token no door has recognised as one without.
    pub(super) fn after(&self, token: Option<&Token>, address: Option<IpAddr>) {
        if token.is_none_or(|token| self.knows(token)) {
            return;
        }
        if let (Some(address), Err(wait)) = (address, self.stranger(address)) {
            locked(&self.barred).insert(address, Instant::now() + wait);
        }
    }

    /// A door has recognised a token.
    pub(super) fn recognised(&self, token: &Token) {
        let Some(limiter) = &self.phones else { return };
        if locked(&self.known).insert(*token, Instant::now()).is_none() {
            // the request that made it known is its first
            let _ = limiter.check_key(token);
        }
    }

    fn knows(&self, token: &Token) -> bool {
        locked(&self.known).contains_key(token)
    }

    fn barred(&self, address: Option<IpAddr>) -> Result<(), Fault> {
        let until = address.and_then(|address| locked(&self.barred).get(&address).copied());
        match until.and_then(|until| until.checked_duration_since(Instant::now())) {
            Some(wait) => Err(late(wait)),
            None => Ok(()),
        }
    }

    /// How long a stranger has to wait, when they do.
    fn stranger(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        match (&self.strangers, address) {
            (Some(limiter), Some(address)) => waits(limiter, &address),
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
        let now = Instant::now();
        locked(&self.known).retain(|_, last| now.duration_since(*last) < QUIET);
        locked(&self.barred).retain(|_, until| *until > now);
    }
}

fn waits<K: std::hash::Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> Result<(), Duration> {
    limiter
        .check_key(key)
        .map_err(|not_until| not_until.wait_time_from(MonotonicClock.now()))
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Keyed<K>, key: &K) -> Result<(), Fault> {
    waits(limiter, key).map_err(late)
}

fn late(wait: Duration) -> Fault {
    Fault::of(StatusCode::TOO_MANY_REQUESTS, "rate_limited").after(wait.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Option<IpAddr> {
        Some(IpAddr::from([127, 0, 0, 1]))
    }

    /// How many of thirty requests are looked at, each with a token of its own choice.
    fn looked_at(limits: &Limits, address: Option<IpAddr>, token: impl Fn(u8) -> Option<Token>) -> usize {
        (0..30)
            .filter(|n| {
                let token = token(*n);
                let looked_at = limits.before(token.as_ref(), address).is_ok();
                if looked_at {
                    limits.after(token.as_ref(), address);
                }
                looked_at
            })
            .count()
    }

    #[test]
    fn a_caller_that_asks_too_often_waits_and_others_do_not() {
        let limits = Limits::new(50);
        for token in [1, 2] {
            limits.recognised(&[token; 32]);
            assert_eq!(
                looked_at(&limits, here(), |_| Some([token; 32])),
                9,
                "a burst of a fifth, and one is over"
            );
        }
        assert_eq!(looked_at(&limits, here(), |_| None), 5);
        assert_eq!(looked_at(&limits, None, |_| None), 30, "in process");
        assert_eq!(looked_at(&Limits::new(0), here(), |_| Some([1; 32])), 30, "no limit");
    }

    #[test]
    fn made_up_tokens_share_one_limit_and_do_not_use_up_a_phones() {
        let limits = Limits::new(50);
        limits.recognised(&[200; 32]);
        assert_eq!(
            looked_at(&limits, here(), |n| Some([n; 32])),
            6,
            "five, and the one that went over"
        );
        assert_eq!(
            looked_at(&limits, here(), |_| Some([200; 32])),
            9,
            "a phone of the same address"
        );
        let elsewhere = Some(IpAddr::from([127, 0, 0, 2]));
        assert_eq!(looked_at(&limits, elsewhere, |n| Some([n; 32])), 6);
    }
}
