//! Working time on a calendar that was checked.

use chrono::{Datelike, Duration, FixedOffset, NaiveDate, NaiveDateTime, TimeZone};

use crate::model::calendar::{Session, WorkCalendar};
use crate::model::fault::{Coded, Fault};
use crate::model::time::UtcMillis;

const MINUTE_MS: i64 = 60_000;

/// Why a calendar is refused, or has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The offset from UTC is no offset.
    #[error("offset of {0} minutes")]
    Offset(i32),
    /// Nobody ever works.
    #[error("no period of work")]
    NoWork,
    /// Periods of work overlap, are empty, out of order or reach past the day.
    #[error("period of work {0} does not follow the one before")]
    Sessions(usize),
    /// A year between two known ones is missing.
    #[error("year {0} is missing between others")]
    Gap(i32),
    /// A day stands under another year.
    #[error("{0} stands under another year")]
    ForeignDay(NaiveDate),
    /// A day is off and worked.
    #[error("{0} is off and worked")]
    OffAndWorked(NaiveDate),
    /// The calendar does not reach so far.
    #[error("no calendar for {0}")]
    YearMissing(i32),
    /// The moment is no date.
    #[error("a moment outside all calendars")]
    Moment,
}

impl Coded for CalendarError {
    fn fault(&self) -> Fault {
        match self {
            Self::YearMissing(year) => Fault::of("calendar_year_missing").with("year", year),
            Self::Moment => Fault::of("calendar_moment"),
            refused => Fault::of("calendar_refused").with("why", refused),
        }
    }
}

/// A working calendar that does not contradict itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    days: WorkCalendar,
    zone: FixedOffset,
}

impl Calendar {
    /// Takes a calendar, refusing one that contradicts itself or has a gap.
    ///
    /// # Errors
    /// [`CalendarError`] with the first contradiction; the calendar in force stays in force.
    pub fn new(days: WorkCalendar) -> Result<Self, CalendarError> {
        let offset = days.offset_minutes;
        let zone = offset
            .checked_mul(60)
            .and_then(FixedOffset::east_opt)
            .ok_or(CalendarError::Offset(offset))?;
        check_sessions(&days)?;
        check_years(&days)?;
        Ok(Self { days, zone })
    }

    /// Version of the pack.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.days.version
    }

    /// Minutes that local time is ahead of UTC.
    #[must_use]
    pub fn offset_minutes(&self) -> i32 {
        self.days.offset_minutes
    }

    /// The last year that is known.
    #[must_use]
    pub fn last_year(&self) -> Option<i32> {
        self.days.years.keys().next_back().copied()
    }

    /// Whether people work on a day.
    ///
    /// # Errors
    /// [`CalendarError::YearMissing`].
    pub fn is_work_day(&self, day: NaiveDate) -> Result<bool, CalendarError> {
        let year = self
            .days
            .years
            .get(&day.year())
            .ok_or_else(|| CalendarError::YearMissing(day.year()))?;
        let weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or(0);
        Ok(year.worked.contains(&day) || !(year.off.contains(&day) || self.days.weekend.contains(&weekday)))
    }

    /// The moment at which so many milliseconds of work have passed: at the end of a period of work rather than at the
    /// start of the next one.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn after_work(&self, start: UtcMillis, work_ms: i64) -> Result<UtcMillis, CalendarError> {
        if work_ms <= 0 {
            return Ok(start);
        }
        let mut left = work_ms;
        let mut day = self.local(start)?.date();
        loop {
            for (from, to) in self.sessions_of(day)? {
                let from = from.max(start);
                let length = to.since(from);
                if length >= left {
                    return Ok(from.plus(left));
                }
                left -= length.max(0);
            }
            day = next(day)?;
        }
    }

    /// Milliseconds of work between two moments; 0 when the second is not later.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn work_between(&self, start: UtcMillis, end: UtcMillis) -> Result<i64, CalendarError> {
        let mut sum = 0;
        let mut day = self.local(start)?.date();
        let last = self.local(end)?.date();
        while start < end && day <= last {
            for (from, to) in self.sessions_of(day)? {
                sum += to.min(end).since(from.max(start)).max(0);
            }
            day = next(day)?;
        }
        Ok(sum)
    }

    /// End of the last period of work of the n-th working day after the day of a moment.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn work_day_end(&self, start: UtcMillis, n: u32) -> Result<UtcMillis, CalendarError> {
        let day = self.work_day_after(self.local(start)?.date(), n)?;
        let end = self.days.sessions.last().map_or(0, |session| session.to);
        self.moment(day, i64::from(end) * MINUTE_MS)
    }

    /// Start of work on the first working day after the day of a moment.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn next_work_day_start(&self, moment: UtcMillis) -> Result<UtcMillis, CalendarError> {
        let day = self.work_day_after(self.local(moment)?.date(), 1)?;
        let start = self.days.sessions.first().map_or(0, |session| session.from);
        self.moment(day, i64::from(start) * MINUTE_MS)
    }

    /// The same time of day, one working day earlier.
    ///
    /// # Errors
    /// A calendar that does not reach so far.
    pub fn one_work_day_before(&self, moment: UtcMillis) -> Result<UtcMillis, CalendarError> {
        let local = self.local(moment)?;
        let mut day = local.date().pred_opt().ok_or(CalendarError::Moment)?;
        while !self.is_work_day(day)? {
            day = day.pred_opt().ok_or(CalendarError::Moment)?;
        }
        self.utc(day.and_time(local.time()))
    }

    /// Last millisecond but 999 of the n-th day after the day of a moment: 23:59:59.
    ///
    /// # Errors
    /// A moment outside all calendars.
    pub fn natural_day_end(&self, start: UtcMillis, n: u32) -> Result<UtcMillis, CalendarError> {
        let day = self
            .local(start)?
            .date()
            .checked_add_signed(Duration::days(i64::from(n)));
        self.moment(day.ok_or(CalendarError::Moment)?, 24 * 60 * MINUTE_MS - 1_000)
    }

    /// A moment as people of the district write it: `2026-09-01 10:00:00`.
    #[must_use]
    pub fn shown(&self, moment: UtcMillis) -> String {
        self.local(moment).map_or_else(
            |_| moment.to_string(),
            |local| local.format("%Y-%m-%d %H:%M:%S").to_string(),
        )
    }

    fn work_day_after(&self, start: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
        let (mut day, mut left) = (start, n);
        while left > 0 {
            day = next(day)?;
            left -= u32::from(self.is_work_day(day)?);
        }
        Ok(day)
    }

    fn sessions_of(&self, day: NaiveDate) -> Result<Vec<(UtcMillis, UtcMillis)>, CalendarError> {
        if !self.is_work_day(day)? {
            return Ok(Vec::new());
        }
        let at = |minute: u16| self.moment(day, i64::from(minute) * MINUTE_MS);
        self.days
            .sessions
            .iter()
            .map(|session| Ok((at(session.from)?, at(session.to)?)))
            .collect()
    }

    fn local(&self, moment: UtcMillis) -> Result<NaiveDateTime, CalendarError> {
        let utc = chrono::DateTime::from_timestamp_millis(moment.0).ok_or(CalendarError::Moment)?;
        Ok(utc.with_timezone(&self.zone).naive_local())
    }

    fn moment(&self, day: NaiveDate, after_midnight_ms: i64) -> Result<UtcMillis, CalendarError> {
        self.utc(day.and_time(chrono::NaiveTime::MIN))
            .map(|midnight| midnight.plus(after_midnight_ms))
    }

    fn utc(&self, local: NaiveDateTime) -> Result<UtcMillis, CalendarError> {
        let moment = self
            .zone
            .from_local_datetime(&local)
            .single()
            .ok_or(CalendarError::Moment)?;
        Ok(UtcMillis(moment.timestamp_millis()))
    }
}

fn next(day: NaiveDate) -> Result<NaiveDate, CalendarError> {
    day.succ_opt().ok_or(CalendarError::Moment)
}

fn check_sessions(days: &WorkCalendar) -> Result<(), CalendarError> {
    let mut free_from = 0;
    for (index, Session { from, to }) in days.sessions.iter().enumerate() {
        if *from < free_from || to <= from || *to > 24 * 60 {
            return Err(CalendarError::Sessions(index));
        }
        free_from = *to;
    }
    let always_off = (1..=7).all(|day| days.weekend.contains(&day));
    if days.sessions.is_empty() || always_off {
        Err(CalendarError::NoWork)
    } else {
        Ok(())
    }
}

fn check_years(days: &WorkCalendar) -> Result<(), CalendarError> {
    let known = || days.years.keys();
    if let Some((year, _)) = known().zip(known().skip(1)).find(|(year, after)| **year + 1 != **after) {
        return Err(CalendarError::Gap(year + 1));
    }
    for (year, special) in &days.years {
        if let Some(day) = special
            .off
            .iter()
            .chain(&special.worked)
            .find(|day| day.year() != *year)
        {
            return Err(CalendarError::ForeignDay(*day));
        }
        if let Some(day) = special.off.intersection(&special.worked).next() {
            return Err(CalendarError::OffAndWorked(*day));
        }
    }
    Ok(())
}
