//! How much goes in one request, so that urgent text never waits much longer than [`WISHED_MS`] for the one before it.

use crate::wire::limits::ENTRIES_PER_MESSAGE;

/// How long a chunk of a photo or a message of evidence entries shall take, in milliseconds.
pub(super) const WISHED_MS: u64 = 5_000;

/// Entries of a run's first message, which knows nothing of the link: about what 20 kbit/s carry both ways in that time.
pub const FIRST_ENTRIES: usize = 16;

/// Most entries of the message that follows one which took `took_ms`.
#[must_use]
pub fn entries_after(most: usize, took_ms: u64) -> usize {
    let next = if took_ms > WISHED_MS {
        most / 2
    } else if took_ms > WISHED_MS / 4 {
        most
    } else {
        most.saturating_mul(4)
    };
    next.clamp(FIRST_ENTRIES / 2, ENTRIES_PER_MESSAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_grow_on_a_quick_link_shrink_on_a_slow_one_and_keep_their_bounds() {
        let paced = |took_ms| {
            let mut most = FIRST_ENTRIES;
            [(); 5].map(|()| {
                most = entries_after(most, took_ms);
                most
            })
        };
        assert_eq!(paced(40), [64, 100, 100, 100, 100]);
        assert_eq!(paced(3_000), [16; 5]);
        assert_eq!(
            paced(20_000),
            [8; 5],
            "never so small that the receipts cost more than the entries"
        );
    }
}
