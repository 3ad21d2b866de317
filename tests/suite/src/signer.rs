//! A signing key in memory, for phones of tests.

use std::sync::{Mutex, PoisonError};

use fushan_grid_core::evidence::SoftwareKey;
use fushan_grid_core::model::env::{DeviceSigner, KeyError, KeyKind, NextKey, SecretKey};

/// Keys made of a seed: number `n` and the ones that follow it.
pub struct MemorySigner {
    seed: u64,
    turn: Mutex<u64>,
}

impl MemorySigner {
    /// The signer of one phone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            turn: Mutex::new(1),
        }
    }

    fn turn(&self) -> u64 {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, turn: u64) -> Result<SoftwareKey, KeyError> {
        let mut secret = SecretKey::default();
        for (i, byte) in (0_u64..).zip(secret.iter_mut()) {
            let mixed = (self.seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (turn << 8 | i);
            *byte = (mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as u8;
        }
        // below the order of the curve
        if let Some(first) = secret.first_mut() {
            *first = 1;
        }
        SoftwareKey::from_secret(&secret)
    }
}

impl DeviceSigner for MemorySigner {
    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, KeyError> {
        self.key(self.turn())?.sign(digest)
    }
    fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        self.key(self.turn())?.public_key()
    }
    fn attestation(&self) -> Result<Vec<Vec<u8>>, KeyError> {
        Ok(Vec::new())
    }
    fn kind(&self) -> KeyKind {
        KeyKind::Software
    }
    fn next_key(&self) -> Result<NextKey, KeyError> {
        Ok(NextKey {
            public_key: self.key(self.turn() + 1)?.public_key()?,
            attestation: Vec::new(),
        })
    }
    fn use_next(&self) -> Result<(), KeyError> {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Ok(())
    }
}
