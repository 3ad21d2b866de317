//! Connections kept open, at most so many; whoever finds none waits a while. Connections of a database that went away are
//! dropped together, so that its return costs one failed try and not one for each of them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{StoreError, Stored};

/// Longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Pool<C> {
    state: Mutex<State<C>>,
    returned: Condvar,
    most: usize,
}

struct State<C> {
    idle: Vec<C>,
    lent: usize,
}

impl<C> Pool<C> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            state: Mutex::new(State {
                idle: Vec::new(),
                lent: 0,
            }),
            returned: Condvar::new(),
            most,
        }
    }

    /// Lends a connection to a closure, which says whether it can be used again.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when none comes free in time, and those of connecting.
    pub(super) fn with<T>(
        &self,
        connect: impl FnOnce() -> Stored<C>,
        f: impl FnOnce(&mut C) -> (Stored<T>, bool),
    ) -> Stored<T> {
        let loan = Loan { pool: self };
        let mut connection = match self.take()? {
            Some(connection) => connection,
            None => match connect() {
                Ok(connection) => connection,
                Err(error) => {
                    drop(loan);
                    return Err(error);
                }
            },
        };
        let (result, sound) = f(&mut connection);
        let mut state = self.lock();
        if sound {
            state.idle.push(connection);
        } else {
            state.idle.clear();
        }
        drop(state);
        drop(loan);
        result
    }

    fn take(&self) -> Stored<Option<C>> {
        let full = |state: &mut State<C>| state.lent >= self.most;
        let (mut state, _) = self
            .returned
            .wait_timeout_while(self.lock(), PATIENCE, full)
            .unwrap_or_else(PoisonError::into_inner);
        state.lent += 1;
        if state.lent > self.most {
            return Err(StoreError::Busy);
        }
        Ok(state.idle.pop())
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the place back however the loan ends.
struct Loan<'p, C> {
    pool: &'p Pool<C>,
}

impl<C> Drop for Loan<'_, C> {
    fn drop(&mut self) {
        self.pool.lock().lent -= 1;
        self.pool.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_used_again_and_broken_ones_are_not() {
        let pool: Pool<u32> = Pool::new(2);
        let lend = |fresh: u32, sound: bool| pool.with(|| Ok(fresh), |c| (Ok(*c), sound)).unwrap();
        assert_eq!(
            [lend(1, true), lend(2, false), lend(3, true), lend(4, true)],
            [1, 1, 3, 3]
        );
    }

    #[test]
    fn a_place_comes_back_after_a_failed_connection() {
        let pool: Pool<u32> = Pool::new(1);
        for _ in 0..3 {
            assert!(pool.with(|| Err(StoreError::Shape), |_| (Ok(()), true)).is_err());
        }
        pool.with(|| Ok(1), |_| (Ok(()), true)).unwrap();
    }
}
