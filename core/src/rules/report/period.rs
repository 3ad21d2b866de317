//! The period of a report, in the district's local time.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, TimeZone};
use serde::Serialize;

use crate::model::fault::{Coded, Fault};
use crate::model::time::UtcMillis;

/// Data are frozen this long after the period: 24 hours (domain dictionary 7.1).
const FREEZE_MS: i64 = 24 * 3_600_000;

/// Kind of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

/// Why there is no such period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The offset from UTC is no offset.
    #[error("no such offset from UTC")]
    Offset,
    /// The dates leave the calendar.
    #[error("a period outside the calendar")]
    OutOfRange,
}

impl Coded for PeriodError {
    fn fault(&self) -> Fault {
        Fault::of("report_period")
    }
}

/// A period: from a moment, up to but without another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Kind.
    pub kind: PeriodKind,
    /// First day, local.
    pub first: NaiveDate,
    /// First day after it, local.
    pub next: NaiveDate,
    /// First moment.
    pub from: UtcMillis,
    /// First moment after it.
    pub to: UtcMillis,
    #[serde(skip)]
    offset: FixedOffset,
}

impl Period {
    /// The week or month that a day lies in.
    ///
    /// # Errors
    /// [`PeriodError`].
    pub fn holding(kind: PeriodKind, day: NaiveDate, offset_minutes: i32) -> Result<Self, PeriodError> {
        let offset = offset_minutes
            .checked_mul(60)
            .and_then(FixedOffset::east_opt)
            .ok_or(PeriodError::Offset)?;
        let first = match kind {
            PeriodKind::Week => day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))),
            PeriodKind::Month => day.with_day(1),
        };
        Self::starting(kind, first.ok_or(PeriodError::OutOfRange)?, offset)
    }

    /// The period so many periods before this one.
    ///
    /// # Errors
    /// [`PeriodError::OutOfRange`].
    pub fn before(&self, count: u32) -> Result<Self, PeriodError> {
        let first = match self.kind {
            PeriodKind::Week => self.first.checked_sub_days(Days::new(7 * u64::from(count))),
            PeriodKind::Month => self.first.checked_sub_months(Months::new(count)),
        };
        Self::starting(self.kind, first.ok_or(PeriodError::OutOfRange)?, self.offset)
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub fn holds(&self, moment: UtcMillis) -> bool {
        self.from <= moment && moment < self.to
    }

    /// When its data are frozen; what changes later is a correction in the next report.
    #[must_use]
    pub fn frozen_at(&self) -> UtcMillis {
        self.to.plus(FREEZE_MS)
    }

    /// The day of a moment, local.
    #[must_use]
    pub fn day_of(&self, moment: UtcMillis) -> Option<NaiveDate> {
        Some(
            DateTime::from_timestamp_millis(moment.0)?
                .with_timezone(&self.offset)
                .date_naive(),
        )
    }

    fn starting(kind: PeriodKind, first: NaiveDate, offset: FixedOffset) -> Result<Self, PeriodError> {
        let next = match kind {
            PeriodKind::Week => first.checked_add_days(Days::new(7)),
            PeriodKind::Month => first.checked_add_months(Months::new(1)),
        };
        let next = next.ok_or(PeriodError::OutOfRange)?;
        let midnight = |day: NaiveDate| {
            let local = offset.from_local_datetime(&day.and_time(NaiveTime::MIN)).single();
            local
                .map(|moment| UtcMillis(moment.timestamp_millis()))
                .ok_or(PeriodError::OutOfRange)
        };
        Ok(Self {
            kind,
            first,
            next,
            from: midnight(first)?,
            to: midnight(next)?,
            offset,
        })
    }
}
