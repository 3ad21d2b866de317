//! The reuse check: which pictures that are known already a new one repeats.

use super::dhash::{Pictured, SAME_PICTURE, SIMILAR};
use super::radius::Radius;

/// Hashes of known pictures, found by nearness. A picture is named by the number of its adding, from 0.
#[derive(Debug, Clone, Default)]
pub struct ReuseIndex {
    wholes: Radius<4>,
    crops: Radius<1>,
}

/// Crops kept for each picture.
const CROPS: u32 = 5;

impl ReuseIndex {
    /// Adds a picture; its number is how many were added before.
    pub fn push(&mut self, picture: &Pictured) {
        self.wholes.push(picture.whole.0);
        picture.crops.iter().for_each(|crop| self.crops.push([crop.0]));
    }

    /// Sorts in what was added. It is done by itself now and then; after a bulk of additions it speeds the first searches up.
    pub fn settle(&mut self) {
        self.wholes.sort();
        self.crops.sort();
    }

    /// Pictures that are the same: number and differing bits of 256, at most [`SAME_PICTURE`].
    #[must_use]
    pub fn same(&self, picture: &Pictured) -> Vec<(u32, u32)> {
        self.wholes.find(&picture.whole.0, SAME_PICTURE)
    }

    /// Pictures of which this one may be a crop or a mirror image: number and differing bits of 64, at most [`SIMILAR`]. A
    /// list for people, wider than [`ReuseIndex::same`].
    #[must_use]
    pub fn similar(&self, picture: &Pictured) -> Vec<(u32, u32)> {
        // the mirror image against straight crops finds what the picture would against mirrored crops
        let ([straight, ..], [mirrored, ..]) = (picture.crops, picture.mirrors);
        let mut found: Vec<_> = [straight, mirrored]
            .iter()
            .flat_map(|hash| self.crops.find(&[hash.0], SIMILAR))
            .map(|(number, away)| (number / CROPS, away))
            .collect();
        found.sort_unstable();
        found.dedup_by_key(|(number, _)| *number);
        found
    }
}
