//! A grey plane and what can be measured on it, in whole numbers only.

/// A plane that does not hold the pixels it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the plane does not have width times height pixels")]
pub struct LumaError;

/// A grey picture, row by row from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// Luma of an RGB triple (BT.601 in 256ths).
const fn grey(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 77 * red as u32 + 150 * green as u32 + 29 * blue as u32 + 128;
    (sum >> 8) as u8
}

impl Luma {
    /// A plane of these pixels.
    ///
    /// # Errors
    /// [`LumaError`] unless there are width times height of them, and some.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, LumaError> {
        let wanted = u64::from(width) * u64::from(height);
        if wanted == 0 || u64::try_from(pixels.len()) != Ok(wanted) {
            return Err(LumaError);
        }
        Ok(Self { width, height, pixels })
    }

    /// The plane of interleaved 8-bit RGB.
    ///
    /// # Errors
    /// As [`Luma::new`].
    pub fn from_rgb(width: u32, height: u32, rgb: &[u8]) -> Result<Self, LumaError> {
        let (triples, rest) = rgb.as_chunks::<3>();
        if !rest.is_empty() {
            return Err(LumaError);
        }
        let pixels = triples.iter().map(|[r, g, b]| grey(*r, *g, *b)).collect();
        Self::new(width, height, pixels)
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(size(self.width))
    }

    /// Averaged by area to another size, exactly: each target pixel is the mean of what it covers, rounded half up.
    #[must_use]
    pub fn averaged(&self, width: u32, height: u32) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let across = spans(self.width, width);
        let mut down = Vec::with_capacity(size(width) * size(self.height));
        for row in self.rows() {
            down.extend(across.iter().map(|span| span.sum(row.iter().map(|p| u64::from(*p)))));
        }
        let area = u64::from(self.width) * u64::from(self.height);
        let mut pixels = Vec::with_capacity(size(width) * size(height));
        for span in spans(self.height, height) {
            for column in 0..size(width) {
                let sums = down.iter().skip(column).step_by(size(width)).copied();
                let mean = (span.sum(sums) + area / 2) / area;
                pixels.push(u8::try_from(mean).unwrap_or(u8::MAX));
            }
        }
        Self { width, height, pixels }
    }

    /// The same with its longer side at most `edge`; itself when it is not longer.
    #[must_use]
    pub fn within(&self, edge: u32) -> Self {
        let long = self.width.max(self.height);
        if long <= edge {
            return self.clone();
        }
        let scaled = |side: u32| {
            let rounded = (u64::from(side) * u64::from(edge) + u64::from(long) / 2) / u64::from(long);
            u32::try_from(rounded).unwrap_or(edge).max(1)
        };
        self.averaged(scaled(self.width), scaled(self.height))
    }

    /// What is left when `margin` pixels go from each side; itself when nothing would be left.
    #[must_use]
    pub fn cropped(&self, margin: u32) -> Self {
        let (width, height) = (
            self.width.saturating_sub(2 * margin),
            self.height.saturating_sub(2 * margin),
        );
        if width == 0 || height == 0 {
            return self.clone();
        }
        let inner = |row: &[u8]| row.get(size(margin)..size(margin + width)).unwrap_or(row).to_vec();
        let rows = self.rows().skip(size(margin)).take(size(height));
        let pixels = rows.flat_map(inner).collect();
        Self { width, height, pixels }
    }

    /// Left and right exchanged.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let pixels = self.rows().flat_map(|row| row.iter().rev().copied()).collect();
        Self { pixels, ..*self }
    }

    /// Mean of the pixels, in hundredths.
    #[must_use]
    pub fn mean_hundredths(&self) -> u64 {
        let count = u64::from(self.width) * u64::from(self.height);
        let sum: u64 = self.pixels.iter().map(|p| u64::from(*p)).sum();
        (sum * 100 + count / 2) / count
    }

    /// Standard deviation of the pixels, in hundredths, rounded down.
    #[must_use]
    pub fn deviation_hundredths(&self) -> u64 {
        let count = u64::from(self.width) * u64::from(self.height);
        let sum: u64 = self.pixels.iter().map(|p| u64::from(*p)).sum();
        let squares: u64 = self.pixels.iter().map(|p| u64::from(*p).pow(2)).sum();
        let spread = u128::from(count) * u128::from(squares) - u128::from(sum) * u128::from(sum);
        let variance = spread * 10_000 / (u128::from(count) * u128::from(count));
        u64::try_from(variance.isqrt()).unwrap_or(u64::MAX)
    }

    /// Variance of the Laplacian (four neighbours), in hundredths, rounded down: low when nothing is sharp.
    #[must_use]
    pub fn sharpness_hundredths(&self) -> u64 {
        let (mut count, mut sum, mut squares) = (0_i64, 0_i64, 0_i64);
        let rows: Vec<&[u8]> = self.rows().collect();
        for three in rows.windows(3) {
            let [above, here, below] = three else { continue };
            for ((above, below), middle) in above.iter().zip(*below).skip(1).zip(here.windows(3)) {
                let [left, centre, right] = middle else { continue };
                let around = i64::from(*above) + i64::from(*below) + i64::from(*left) + i64::from(*right);
                let edge = around - 4 * i64::from(*centre);
                count += 1;
                sum += edge;
                squares += edge * edge;
            }
        }
        if count == 0 {
            return 0;
        }
        let spread = i128::from(count) * i128::from(squares) - i128::from(sum) * i128::from(sum);
        let variance = spread * 100 / (i128::from(count) * i128::from(count));
        u64::try_from(variance).unwrap_or(0)
    }
}

/// The source pixels that one target pixel covers, with their weights in parts of the target's count.
struct Span {
    first: usize,
    weights: Vec<u64>,
}

impl Span {
    fn sum(&self, values: impl Iterator<Item = u64>) -> u64 {
        let covered = values.skip(self.first);
        covered.zip(&self.weights).map(|(value, weight)| value * weight).sum()
    }
}

/// How `to` target pixels lie over `from` source pixels: the weights of each add up to `from`.
fn spans(from: u32, to: u32) -> Vec<Span> {
    let (from, to) = (u64::from(from), u64::from(to));
    (0..to)
        .map(|target| {
            let (begin, end) = (target * from, (target + 1) * from);
            let first = begin / to;
            let last = (end - 1) / to;
            let weights = (first..=last)
                .map(|pixel| end.min((pixel + 1) * to) - begin.max(pixel * to))
                .collect();
            Span {
                first: usize::try_from(first).unwrap_or(usize::MAX),
                weights,
            }
        })
        .collect()
}

fn size(side: u32) -> usize {
    usize::try_from(side).unwrap_or(usize::MAX)
}
