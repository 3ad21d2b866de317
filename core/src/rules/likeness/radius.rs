//! Multi-index hashing: all hashes within a Hamming radius, without looking at all hashes.
//!
//! A hash of `16 × TABLES` bits is cut into parts of 16 bits, one table each. Two hashes within radius `r` agree, in at least
//! one part, up to `r / TABLES` bits; so it is enough to look into the buckets of that part's value and its near
//! neighbours, and to count bits of what is found there. Newly added hashes wait in a tail that is looked through one by
//! one, until it is worth sorting them in.

/// Values of a part.
const BUCKETS: usize = 1 << 16;
/// Hashes that may wait unsorted.
const TAIL: usize = 4_096;

/// One table: numbers of hashes, sorted by their part.
#[derive(Debug, Clone, Default)]
struct Table {
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

/// Hashes of `WORDS × 64` bits that can be found by nearness.
#[derive(Debug, Clone)]
pub(super) struct Radius<const WORDS: usize> {
    hashes: Vec<[u64; WORDS]>,
    tables: Vec<Table>,
    sorted: usize,
}

/// Part `table` of a hash: bits taken across it in steps, for neighbouring bits of a picture say nearly the same.
fn part<const WORDS: usize>(hash: &[u64; WORDS], table: usize) -> u16 {
    let tables = WORDS * 4;
    let mut value = 0;
    for i in 0..16 {
        let bit = i * tables + (table + i * 5) % tables;
        let word = hash.get(bit / 64).copied().unwrap_or(0);
        value = value << 1 | u16::from(word >> (63 - bit % 64) & 1 == 1);
    }
    value
}

fn distance<const WORDS: usize>(a: &[u64; WORDS], b: &[u64; WORDS]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// All 16-bit masks with at most `most` bits set.
fn masks(most: u32) -> Vec<u16> {
    (0..=u16::MAX).filter(|mask| mask.count_ones() <= most).collect()
}

impl<const WORDS: usize> Default for Radius<WORDS> {
    fn default() -> Self {
        Self {
            hashes: Vec::new(),
            tables: Vec::new(),
            sorted: 0,
        }
    }
}

impl<const WORDS: usize> Radius<WORDS> {
    /// Adds a hash; its number is how many were there before.
    pub(super) fn push(&mut self, hash: [u64; WORDS]) {
        self.hashes.push(hash);
        if self.hashes.len() - self.sorted > TAIL.max(self.sorted / 4) {
            self.sort();
        }
    }

    /// Sorts everything in; done by itself from time to time.
    pub(super) fn sort(&mut self) {
        self.tables = (0..WORDS * 4).map(|table| self.table(table)).collect();
        self.sorted = self.hashes.len();
    }

    fn table(&self, table: usize) -> Table {
        let mut starts = vec![0_u32; BUCKETS + 1];
        for hash in &self.hashes {
            if let Some(count) = starts.get_mut(usize::from(part(hash, table)) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; self.hashes.len()];
        for (number, hash) in (0..).zip(&self.hashes) {
            if let Some(at) = next.get_mut(usize::from(part(hash, table))) {
                if let Some(slot) = numbers.get_mut(usize::try_from(*at).unwrap_or(usize::MAX)) {
                    *slot = number;
                }
                *at += 1;
            }
        }
        Table { starts, numbers }
    }

    /// Numbers and distances of all hashes within `radius`, by number.
    pub(super) fn find(&self, hash: &[u64; WORDS], radius: u32) -> Vec<(u32, u32)> {
        let parts = u32::try_from(WORDS * 4).unwrap_or(u32::MAX);
        let masks = masks(radius / parts);
        let mut found = Vec::new();
        for (index, table) in self.tables.iter().enumerate() {
            let value = part(hash, index);
            for mask in &masks {
                for number in table.bucket(value ^ mask) {
                    self.judge(*number, hash, radius, &mut found);
                }
            }
        }
        let first = u32::try_from(self.sorted).unwrap_or(u32::MAX);
        let last = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
        (first..last).for_each(|number| self.judge(number, hash, radius, &mut found));
        found.sort_unstable();
        found.dedup();
        found
    }

    fn judge(&self, number: u32, hash: &[u64; WORDS], radius: u32, found: &mut Vec<(u32, u32)>) {
        let other = usize::try_from(number).ok().and_then(|n| self.hashes.get(n));
        if let Some(away) = other.map(|other| distance(hash, other)).filter(|away| *away <= radius) {
            found.push((number, away));
        }
    }
}

impl Table {
    fn bucket(&self, value: u16) -> &[u32] {
        let at = usize::from(value);
        let (Some(from), Some(to)) = (self.starts.get(at), self.starts.get(at + 1)) else {
            return &[];
        };
        let whole = |n: &u32| usize::try_from(*n).unwrap_or(usize::MAX);
        self.numbers.get(whole(from)..whole(to)).unwrap_or(&[])
    }
}
