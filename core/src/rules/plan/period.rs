//! Calendar periods in which visits are counted.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// One day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three months from January, April, July, October.
    Quarter,
    /// January to June, July to December.
    HalfYear,
    /// A calendar year.
    Year,
    /// The whole of a campaign, from its first day to its last.
    Campaign,
}

impl Period {
    /// Its usual length in days, for comparing frequencies; a campaign counts as the longest.
    pub(super) fn days(self) -> u32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 91,
            Self::HalfYear => 182,
            Self::Year => 365,
            Self::Campaign => 3650,
        }
    }

    /// First and last day of the period that a day lies in; `None` for a campaign, whose bounds are the plan's, and at the
    /// ends of the calendar.
    #[must_use]
    pub fn around(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let months = |length: u32| {
            let first = day.with_day(1)?.with_month0(day.month0() / length * length)?;
            let last = first.checked_add_months(Months::new(length))?.pred_opt()?;
            Some((first, last))
        };
        match self {
            Self::Day => Some((day, day)),
            Self::Week => {
                let first = day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))?;
                Some((first, first.checked_add_days(Days::new(6))?))
            }
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::HalfYear => months(6),
            Self::Year => months(12),
            Self::Campaign => None,
        }
    }
}
