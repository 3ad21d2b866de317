//! What is measured on the pixels, in whole numbers: the same on every machine.

use crate::rules::likeness::{Luma, Pictured, picture};

/// Longer side of the copy that sharpness is measured on.
const SHARP_EDGE: u32 = 512;
/// Side of the copy that light is measured on.
const LIGHT_EDGE: u32 = 64;
/// Side of the copy that patterns are looked for on.
const PATTERN_EDGE: u32 = 256;
/// Distances, in pixels of that copy, at which a pattern may repeat.
const LAGS: std::ops::RangeInclusive<usize> = 3..=24;

/// Measures of one upright picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looks {
    /// Mean luma in hundredths.
    pub mean: u64,
    /// Its standard deviation in hundredths.
    pub deviation: u64,
    /// Variance of the Laplacian in hundredths.
    pub sharpness: u64,
    /// How strongly the fine detail repeats itself, in thousandths.
    pub pattern: u32,
    /// Perceptual hashes.
    pub hashes: Pictured,
}

/// Measures a picture.
#[must_use]
pub fn look(upright: &Luma) -> Looks {
    let light = upright.averaged(LIGHT_EDGE, LIGHT_EDGE);
    Looks {
        mean: light.mean_hundredths(),
        deviation: light.deviation_hundredths(),
        sharpness: upright.within(SHARP_EDGE).sharpness_hundredths(),
        pattern: pattern(&upright.averaged(PATTERN_EDGE, PATTERN_EDGE)),
        hashes: picture(upright),
    }
}

/// The strongest repetition of fine detail across or down. A screen's grid beats with the camera's and leaves one; so do
/// tiles and blinds. (The autocorrelation and the power spectrum say the same.)
fn pattern(plane: &Luma) -> u32 {
    let width = usize::try_from(plane.width()).unwrap_or(usize::MAX);
    let rows: Vec<Vec<i32>> = plane.pixels().chunks_exact(width).map(detail).collect();
    let turned = transposed(plane.pixels(), width);
    let columns: Vec<Vec<i32>> = turned.iter().map(|line| detail(line)).collect();
    repetition(&rows).max(repetition(&columns))
}

fn transposed(pixels: &[u8], width: usize) -> Vec<Vec<u8>> {
    (0..width)
        .map(|column| pixels.iter().skip(column).step_by(width).copied().collect())
        .collect()
}

/// A line without its slow changes.
fn detail(line: &[u8]) -> Vec<i32> {
    line.windows(3)
        .map(|three| match three {
            [a, b, c] => 2 * i32::from(*b) - i32::from(*a) - i32::from(*c),
            _ => 0,
        })
        .collect()
}

fn repetition(lines: &[Vec<i32>]) -> u32 {
    let at = |lag: usize| -> i64 {
        let products = |line: &Vec<i32>| -> i64 {
            let later = line.iter().skip(lag);
            line.iter().zip(later).map(|(a, b)| i64::from(*a) * i64::from(*b)).sum()
        };
        lines.iter().map(products).sum()
    };
    let own = at(0).max(1);
    let strongest = LAGS.map(at).max().unwrap_or(0).max(0);
    u32::try_from(strongest.saturating_mul(1000) / own).unwrap_or(1000)
}
