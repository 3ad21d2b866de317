//! A share, exact: two whole numbers, shown with two decimals, halves up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A numerator and a denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ratio {
    /// Of these.
    pub part: u64,
    /// So many.
    pub of: u64,
}

impl Ratio {
    /// A share.
    #[must_use]
    pub fn new(part: u64, of: u64) -> Self {
        Self { part, of }
    }

    /// Hundredths of a percent, halves up; nothing when there is nothing to divide by.
    #[must_use]
    pub fn hundredths(self) -> Option<u64> {
        let (part, of) = (u128::from(self.part), u128::from(self.of));
        let rounded = (part * 20_000 + of).checked_div(of * 2)?;
        u64::try_from(rounded).ok()
    }
}

impl fmt::Display for Ratio {
    /// `93.72 %`, or a dash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hundredths() {
            Some(hundredths) => write!(f, "{}.{:02} %", hundredths / 100, hundredths % 100),
            None => f.write_str("—"),
        }
    }
}
