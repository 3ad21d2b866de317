//! Randomness from the seed alone. Every step has a stream of its own, so that leaving one out changes no other.

use std::sync::{Arc, Mutex, PoisonError};

use fushan_grid_core::model::env::Entropy;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::seams::Seams;

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a seed's step; `actor` tells streams of one step apart.
    pub fn of(seed: u64, step: u64, actor: u64) -> Self {
        let mut digest = Sha256::new();
        for number in [seed, step, actor] {
            digest.update(number.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(digest.finalize().into()))
    }

    /// A number below `bound`; 0 when there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        let n = self.0.next_u64();
        usize::try_from(n % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// A number in a range, both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.0.next_u64() % span).unwrap_or(0)
    }

    /// True in so many of a thousand cases.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.0.next_u64() % 1000 < u64::from(per_mille)
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// Fills a buffer.
    pub fn fill(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }
}

/// A phone's entropy.
#[derive(Debug)]
pub struct PhoneEntropy {
    dice: Mutex<Dice>,
    seams: Arc<Seams>,
}

impl PhoneEntropy {
    /// From a stream.
    pub fn new(dice: Dice, seams: Arc<Seams>) -> Self {
        Self {
            dice: Mutex::new(dice),
            seams,
        }
    }
}

impl Entropy for PhoneEntropy {
    fn fill(&self, out: &mut [u8]) {
        self.seams.pass("entropy");
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).fill(out);
    }
}
