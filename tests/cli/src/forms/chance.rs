//! Chance for sessions: the system's, or the same sequence for the same seed.

use fushan_grid_core::forms::Chance;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A generator of random bytes.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The same bytes for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Bytes that nobody can foresee.
    pub fn thrown() -> Self {
        let mut seed = [0; 32];
        // without entropy the sequence is fixed, which harms no form that is filled in from a terminal
        let _ = getrandom::fill(&mut seed);
        Self(ChaCha8Rng::from_seed(seed))
    }

    /// A number below a limit; zero for zero.
    pub fn below(&mut self, limit: usize) -> usize {
        let number = usize::try_from(self.0.next_u32()).unwrap_or(0);
        number.checked_rem(limit).unwrap_or(0)
    }
}

impl Chance for Dice {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }
}
