//! A limit: a number and its unit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, CalendarError};
use crate::model::fault::{Coded, Fault};
use crate::model::time::UtcMillis;

/// How a limit counts (domain dictionary 4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unit {
    /// Minutes of the clock, day and night.
    Minute,
    /// Hours of the clock, day and night (紧急工作时).
    ClockHour,
    /// Hours of work (工作时).
    WorkHour,
    /// Working days after the day it starts (工作日): due at the end of work.
    WorkDay,
    /// Days after the day it starts (自然日): due at 23:59:59.
    NaturalDay,
}

impl Unit {
    /// Whether a pause is given back as time of work rather than time of the clock.
    #[must_use]
    pub fn counts_work(self) -> bool {
        matches!(self, Self::WorkHour | Self::WorkDay)
    }

    /// The code in packs and on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Minute => "MINUTE",
            Self::ClockHour => "CLOCK_HOUR",
            Self::WorkHour => "WORK_HOUR",
            Self::WorkDay => "WORK_DAY",
            Self::NaturalDay => "NATURAL_DAY",
        }
    }
}

/// Why a text is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// No such unit.
    #[error("unknown unit")]
    Unit,
    /// No number, zero, or more than any limit has.
    #[error("a limit is a number from 1 to {MOST}")]
    Amount,
}

impl Coded for LimitError {
    fn fault(&self) -> Fault {
        match self {
            Self::Unit => Fault::of("limit_unit_unknown"),
            Self::Amount => Fault::of("limit_amount").with("most", MOST),
        }
    }
}

/// No limit of the trade is longer than ten thousand of its units.
const MOST: u32 = 10_000;

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit {
    /// How many units.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Limit {
    /// A limit of a number and the code of a unit, as packs hold them.
    ///
    /// # Errors
    /// [`LimitError`].
    pub fn of(amount: u32, unit: &str) -> Result<Self, LimitError> {
        let unit = [
            Unit::Minute,
            Unit::ClockHour,
            Unit::WorkHour,
            Unit::WorkDay,
            Unit::NaturalDay,
        ]
        .into_iter()
        .find(|known| known.code() == unit)
        .ok_or(LimitError::Unit)?;
        if amount == 0 || amount > MOST {
            Err(LimitError::Amount)
        } else {
            Ok(Self { amount, unit })
        }
    }

    /// Its length with days of work of seven and a half hours, to tell which of two limits is the shorter.
    pub(super) fn rough_ms(self) -> u64 {
        let unit = match self.unit {
            Unit::Minute => 60_000,
            Unit::ClockHour | Unit::WorkHour => 3_600_000,
            Unit::WorkDay => 27_000_000,
            Unit::NaturalDay => 86_400_000,
        };
        u64::from(self.amount) * unit
    }

    /// The deadline of something that starts at a moment.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn deadline(self, start: UtcMillis, calendar: &Calendar) -> Result<UtcMillis, CalendarError> {
        let amount = i64::from(self.amount);
        match self.unit {
            Unit::Minute => Ok(start.plus(amount * 60_000)),
            Unit::ClockHour => Ok(start.plus(amount * 3_600_000)),
            Unit::WorkHour => calendar.after_work(start, amount * 3_600_000),
            Unit::WorkDay => calendar.work_day_end(start, self.amount),
            Unit::NaturalDay => calendar.natural_day_end(start, self.amount),
        }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    /// Reads `4 WORK_HOUR`, or with a colon in place of the blank.
    fn from_str(text: &str) -> Result<Self, LimitError> {
        let (amount, unit) = text.trim().split_once([' ', ':']).ok_or(LimitError::Amount)?;
        Self::of(amount.parse().map_err(|_| LimitError::Amount)?, unit.trim())
    }
}

impl TryFrom<String> for Limit {
    type Error = LimitError;

    fn try_from(text: String) -> Result<Self, LimitError> {
        text.parse()
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        limit.to_string()
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit.code())
    }
}
