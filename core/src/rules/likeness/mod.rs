//! Whether two pictures are one: perceptual hashes that come out the same on every machine, and an index over them.
//!
//! Everything here is whole-number arithmetic on a grey plane, because the hashes stand in signed records: a release or a
//! processor that rounds otherwise would make old records disagree with new ones. `grid-dhash/1` is: the upright picture's
//! luma, averaged by area to 256 × 256; of that, or of a centre crop, averaged again to 17 × 16 (or 9 × 8); one bit for
//! each pair of neighbours in a row, set when the right one is brighter.

mod dhash;
mod index;
mod luma;
mod radius;

pub use dhash::{ALGORITHM, Hash64, Hash256, Pictured, SAME_PICTURE, SIMILAR, picture};
pub use index::ReuseIndex;
pub use luma::{Luma, LumaError};

#[cfg(test)]
mod tests;
