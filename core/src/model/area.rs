//! Administrative and grid codes: one prefix code from district (6) to micro-grid (17 digits).
//!
//! Division 6 + street or town 3 + community 3 (GB/T 2260 and statistical codes), then the grid sequence of three
//! digits and the micro-grid of two (domain dictionary 2.2). The urban unit grid of GB/T 47678.3 is another layer
//! and another type.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use super::ids::IdError;

/// How far down the tree a code reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaLevel {
    /// District, 6 digits.
    District,
    /// Town, street or park, 9 digits.
    Town,
    /// Community or village, 12 digits.
    Community,
    /// Governance grid, basic or dedicated, 15 digits.
    Grid,
    /// Micro-grid, 17 digits.
    MicroGrid,
}

/// A validated code of any level. Its order is the hierarchy: everything below a code starts with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AreaCode(String);

impl AreaCode {
    /// The level, told by the length.
    #[must_use]
    pub fn level(&self) -> AreaLevel {
        match self.0.len() {
            6 => AreaLevel::District,
            9 => AreaLevel::Town,
            12 => AreaLevel::Community,
            15 => AreaLevel::Grid,
            _ => AreaLevel::MicroGrid,
        }
    }

    /// The code one level up; a district has none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let cut = match self.level() {
            AreaLevel::District => return None,
            AreaLevel::MicroGrid => 15,
            _ => self.0.len().saturating_sub(3),
        };
        self.0.get(..cut).map(|s| Self(s.to_owned()))
    }

    /// Whether `other` is this area or lies below it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AreaCode {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        let digits = s.bytes().all(|b| b.is_ascii_digit());
        if digits && matches!(s.len(), 6 | 9 | 12 | 15 | 17) {
            Ok(Self(s.to_owned()))
        } else {
            Err(IdError { what: "area code" })
        }
    }
}

impl TryFrom<String> for AreaCode {
    type Error = IdError;
    fn try_from(s: String) -> Result<Self, IdError> {
        s.parse()
    }
}

impl From<AreaCode> for String {
    fn from(code: AreaCode) -> Self {
        code.0
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The 15-digit code of a governance grid, the key of all work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "AreaCode", into = "AreaCode")]
pub struct GridCode(AreaCode);

impl GridCode {
    /// The community the grid belongs to.
    #[must_use]
    pub fn community(&self) -> Option<AreaCode> {
        self.0.parent()
    }

    /// The same code as an area.
    #[must_use]
    pub fn area(&self) -> &AreaCode {
        &self.0
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the sequence is one of the basic grids (001 to 499; 501 to 699 are dedicated).
    #[must_use]
    pub fn is_basic_sequence(&self) -> bool {
        self.as_str()
            .get(12..)
            .and_then(|s| s.parse::<u16>().ok())
            .is_some_and(|n| (1..=499).contains(&n))
    }
}

impl TryFrom<AreaCode> for GridCode {
    type Error = IdError;
    fn try_from(code: AreaCode) -> Result<Self, IdError> {
        if code.level() == AreaLevel::Grid {
            Ok(Self(code))
        } else {
            Err(IdError { what: "grid code" })
        }
    }
}

impl From<GridCode> for AreaCode {
    fn from(code: GridCode) -> Self {
        code.0
    }
}

impl FromStr for GridCode {
    type Err = IdError;
    fn from_str(s: &str) -> Result<Self, IdError> {
        s.parse::<AreaCode>()
            .map_err(|_| IdError { what: "grid code" })?
            .try_into()
    }
}

impl fmt::Display for GridCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A governance grid with its border, as point-in-grid needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridArea {
    /// Code.
    pub code: GridCode,
    /// Name.
    pub name: String,
    /// Whether it is cut out for a school, market, firm …; else it is a basic grid.
    pub dedicated: bool,
    /// Closed ring in CGCS2000: the first point comes again at the end.
    pub ring: Vec<super::geo::Point>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_tells_the_level_and_the_prefix_the_parent() {
        let micro: AreaCode = "37061100190100101".parse().unwrap();
        let chain: Vec<_> = std::iter::successors(Some(micro), AreaCode::parent)
            .map(|a| a.as_str().len())
            .collect();
        assert_eq!(chain, [17, 15, 12, 9, 6]);
    }

    #[test]
    fn a_code_of_another_length_or_with_letters_is_refused() {
        for bad in ["", "37061", "3706110019010010", "37061100190A001", "３７０６１１"] {
            assert!(bad.parse::<AreaCode>().is_err(), "{bad}");
        }
        assert!("370611".parse::<GridCode>().is_err());
    }

    #[test]
    fn a_district_contains_its_grids_and_not_the_neighbours() {
        let district: AreaCode = "370611".parse().unwrap();
        assert!(district.contains(&"370611001901001".parse().unwrap()));
        assert!(!district.contains(&"370612".parse().unwrap()));
    }
}
