//! When people work: sessions of a day, weekends, holidays and make-up days by year. The data pack `calendar`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The working calendar of a district (domain dictionary 4.7). Next year's days are loaded, not compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkCalendar {
    /// Version of the pack.
    pub version: String,
    /// Minutes that local time is ahead of UTC; China has no daylight saving.
    pub offset_minutes: i32,
    /// Periods of work within a day, in order.
    pub sessions: Vec<Session>,
    /// Days of the week without work, 1 = Monday to 7 = Sunday.
    pub weekend: BTreeSet<u8>,
    /// What the State Council's notice says of each year that is known.
    pub years: BTreeMap<i32, YearDays>,
}

/// A period of work within a day, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// First minute.
    pub from: u16,
    /// The minute that no longer belongs to it.
    pub to: u16,
}

/// The special days of one year.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearDays {
    /// Days off that would be working days, or are named as holidays.
    pub off: BTreeSet<NaiveDate>,
    /// Weekend days that are worked.
    pub worked: BTreeSet<NaiveDate>,
}
