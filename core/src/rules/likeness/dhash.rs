//! Difference hashes: which of two neighbours is brighter.

use std::fmt;

use super::luma::Luma;

/// Name of the way these hashes are made; another way gets another name.
pub const ALGORITHM: &str = "grid-dhash/1";
/// Two pictures whose 256-bit hashes differ in at most so many bits are the same picture.
pub const SAME_PICTURE: u32 = 24;
/// Two pictures whose 64-bit hashes, of any crop, differ in at most so many bits are similar: a list for people.
pub const SIMILAR: u32 = 10;

/// Side of the plane that all hashes are made of.
const SIDE: u32 = 256;
/// Margins of the five crops in pixels of that plane: 0, 2.5, 5, 7.5 and 10 per cent.
const MARGINS: [u32; 5] = [0, 6, 13, 19, 26];

/// 256 bits; the first pair of the first row is the highest bit of the first word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash256(pub [u64; 4]);

/// 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash64(pub u64);

impl Hash256 {
    /// Bits that differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// As 32 bytes, the first bit highest.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(self.0.iter().flat_map(|w| w.to_be_bytes())) {
            *to = from;
        }
        out
    }

    /// From 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut words = [0; 4];
        let (chunks, _) = bytes.as_chunks::<8>();
        for (word, chunk) in words.iter_mut().zip(chunks) {
            *word = u64::from_be_bytes(*chunk);
        }
        Self(words)
    }
}

impl Hash64 {
    /// Bits that differ.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// Reads 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let plain = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        plain.then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl fmt::Display for Hash64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Hash64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Hash256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

/// The hashes of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pictured {
    /// Of the whole picture, 256 bits.
    pub whole: Hash256,
    /// Of five centre crops, the first being the whole picture.
    pub crops: [Hash64; 5],
    /// Of their mirror images.
    pub mirrors: [Hash64; 5],
}

impl Pictured {
    /// The hashes of the straight crops as bytes, as they are stored.
    #[must_use]
    pub fn crop_bytes(&self) -> [u8; 40] {
        let mut out = [0; 40];
        for (to, from) in out.iter_mut().zip(self.crops.iter().flat_map(|h| h.0.to_be_bytes())) {
            *to = from;
        }
        out
    }
}

/// Hashes an upright picture.
#[must_use]
pub fn picture(upright: &Luma) -> Pictured {
    let plane = upright.averaged(SIDE, SIDE);
    let mut hashes = Pictured {
        whole: Hash256(bits::<4>(&plane.averaged(17, 16))),
        ..Pictured::default()
    };
    for ((crop, mirror), margin) in hashes.crops.iter_mut().zip(&mut hashes.mirrors).zip(MARGINS) {
        // averaging is the same from both sides, so the small plane can be mirrored instead of the large one
        let small = plane.cropped(margin).averaged(9, 8);
        let ([straight], [turned]) = (bits::<1>(&small), bits::<1>(&small.mirrored()));
        (*crop, *mirror) = (Hash64(straight), Hash64(turned));
    }
    hashes
}

/// One bit for each pair of neighbours in a row, from the top left, the highest bit first.
fn bits<const WORDS: usize>(plane: &Luma) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    let row = usize::try_from(plane.width()).unwrap_or(usize::MAX);
    let pairs = plane.pixels().chunks_exact(row).flat_map(|row| row.windows(2));
    for (at, pair) in pairs.enumerate() {
        let [left, right] = pair else { continue };
        if let Some(word) = words.get_mut(at / 64) {
            *word |= u64::from(left < right) << (63 - at % 64);
        }
    }
    words
}
