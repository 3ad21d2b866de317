//! Dates and times as ODK forms know them: moments in milliseconds, shown in the offset of the device.
//!
//! Rules of reading and writing: ODK XForms specification, "Data types" and "XPath functions: date and time".

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// The clock of a form session: the moment now and the offset of the device from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormClock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub now_ms: i64,
    /// Offset of local time from UTC, in minutes.
    pub offset_min: i32,
}

impl FormClock {
    /// The clock of a moment written with its offset: `2026-03-04T09:30:00.000+08:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (_, time) = text.split_once('T')?;
        let offset_min = i32::try_from(split_offset(time)?.1?).ok()?;
        let clock = Self { now_ms: 0, offset_min };
        clock.parse_date_time(text).map(|now_ms| Self { now_ms, offset_min })
    }

    /// The same clock so many milliseconds later.
    #[must_use]
    pub fn later(self, ms: i64) -> Self {
        Self {
            now_ms: self.now_ms.saturating_add(ms),
            ..self
        }
    }

    fn offset_ms(self) -> i64 {
        i64::from(self.offset_min) * 60_000
    }

    fn local(self, moment: i64) -> NaiveDateTime {
        DateTime::from_timestamp_millis(moment.saturating_add(self.offset_ms()))
            .map_or(NaiveDateTime::MIN, |at| at.naive_utc())
    }

    fn moment(self, local: NaiveDateTime) -> i64 {
        local.and_utc().timestamp_millis() - self.offset_ms()
    }

    /// Local midnight of the day that holds a moment.
    #[must_use]
    pub fn midnight(self, moment: i64) -> i64 {
        let local = moment.saturating_add(self.offset_ms());
        moment - local.rem_euclid(DAY_MS)
    }

    /// Whole local days since 1970-01-01.
    #[must_use]
    pub fn days(self, moment: i64) -> i64 {
        moment.saturating_add(self.offset_ms()).div_euclid(DAY_MS)
    }

    /// Local midnight of the n-th day after 1970-01-01.
    #[must_use]
    pub fn day(self, days: i64) -> i64 {
        days.saturating_mul(DAY_MS).saturating_sub(self.offset_ms())
    }

    /// The part of the local day that has passed, 0 to 1.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn day_fraction(self, moment: i64) -> f64 {
        moment.saturating_add(self.offset_ms()).rem_euclid(DAY_MS) as f64 / DAY_MS as f64
    }

    /// Reads `yyyy-mm-dd`; local midnight.
    #[must_use]
    pub fn parse_date(self, text: &str) -> Option<i64> {
        date_fields(text)
            .and_then(|date| date.and_hms_opt(0, 0, 0))
            .map(|at| self.moment(at))
    }

    /// Reads a date, or a date and a time with or without offset.
    #[must_use]
    pub fn parse_date_time(self, text: &str) -> Option<i64> {
        let Some((date, time)) = text.split_once('T') else {
            return self.parse_date(text);
        };
        self.parse_time_on(date_fields(date)?, time)
    }

    /// Reads a time of the current local day, with or without offset.
    #[must_use]
    pub fn parse_time(self, text: &str) -> Option<i64> {
        self.parse_time_on(self.local(self.now_ms).date(), text)
    }

    fn parse_time_on(self, date: NaiveDate, text: &str) -> Option<i64> {
        let (clock, offset_min) = split_offset(text)?;
        let local = date.and_time(time_fields(clock)?);
        match offset_min {
            None => Some(self.moment(local)),
            Some(minutes) => Some(local.and_utc().timestamp_millis() - minutes * 60_000),
        }
    }

    /// `yyyy-mm-dd`
    #[must_use]
    pub fn iso_date(self, moment: i64) -> String {
        let at = self.local(moment);
        format!("{:04}-{:02}-{:02}", at.year(), at.month(), at.day())
    }

    /// `hh:mm:ss.sss+08:00`
    #[must_use]
    pub fn iso_time(self, moment: i64) -> String {
        let at = self.local(moment);
        format!(
            "{:02}:{:02}:{:02}.{:03}{}",
            at.hour(),
            at.minute(),
            at.second(),
            at.and_utc().timestamp_subsec_millis(),
            self.offset_text()
        )
    }

    /// `yyyy-mm-ddThh:mm:ss.sss+08:00`
    #[must_use]
    pub fn iso_date_time(self, moment: i64) -> String {
        format!("{}T{}", self.iso_date(moment), self.iso_time(moment))
    }

    fn offset_text(self) -> String {
        if self.offset_min == 0 {
            return "Z".into();
        }
        let sign = if self.offset_min < 0 { '-' } else { '+' };
        let minutes = self.offset_min.abs();
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Formats by the pattern letters of `format-date` (`%Y-%m-%d` and so on).
    ///
    /// # Errors
    /// The letter that the function does not know.
    pub fn format(self, moment: i64, pattern: &str) -> Result<String, char> {
        let at = self.local(moment);
        let mut out = String::new();
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            let Some(field) = letters.next() else {
                return Err('%');
            };
            out.push_str(&format_field(at, field).ok_or(field)?);
        }
        Ok(out)
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const LONG_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONG_DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

fn format_field(at: NaiveDateTime, field: char) -> Option<String> {
    let name = |list: &[&str], index: u32| list.get(index as usize).map(ToString::to_string);
    Some(match field {
        '%' => "%".into(),
        'Y' => format!("{:04}", at.year()),
        'y' => format!("{:02}", at.year().rem_euclid(100)),
        'm' => format!("{:02}", at.month()),
        'n' => at.month().to_string(),
        'B' => name(&LONG_MONTHS, at.month0())?,
        'b' => name(&MONTHS, at.month0())?,
        'd' => format!("{:02}", at.day()),
        'e' => at.day().to_string(),
        'H' => format!("{:02}", at.hour()),
        'h' => at.hour().to_string(),
        'M' => format!("{:02}", at.minute()),
        'S' => format!("{:02}", at.second()),
        '3' => format!("{:03}", at.and_utc().timestamp_subsec_millis()),
        'a' => name(&DAYS, at.weekday().num_days_from_sunday())?,
        'A' => name(&LONG_DAYS, at.weekday().num_days_from_sunday())?,
        'W' => week(at).to_string(),
        _ => return None,
    })
}

/// The week of the year, from Sunday on; the one that holds the first of January is the first.
fn week(at: NaiveDateTime) -> u32 {
    let from_sunday = at.weekday().num_days_from_sunday();
    let new_year = NaiveDate::from_ymd_opt(at.year() + 1, 1, 1);
    let until_new_year = new_year.map_or(7, |day| (day - at.date()).num_days());
    if until_new_year <= i64::from(6 - from_sunday) {
        return 1;
    }
    let first_of_january = (from_sunday + 7 - at.ordinal0() % 7) % 7;
    (at.ordinal0() + first_of_january) / 7 + 1
}

fn date_fields(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Splits `10:20:30+08:00` into the clock part and the offset in minutes.
fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, Some(0)));
    }
    let (clock, offset, sign) = if let Some((clock, offset)) = text.split_once('+') {
        (clock, offset, 1)
    } else if let Some((clock, offset)) = text.split_once('-') {
        (clock, offset, -1)
    } else {
        return Some((text, None));
    };
    let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "0"));
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some((clock, Some(sign * (hours.checked_mul(60)?.checked_add(minutes)?))))
}

fn time_fields(text: &str) -> Option<chrono::NaiveTime> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, *second),
        _ => return None,
    };
    let end = second
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(second.len());
    let second: f64 = second.get(..end)?.parse().ok()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let millis = (second * 1000.0).round() as u32;
    chrono::NaiveTime::from_hms_milli_opt(hour.parse().ok()?, minute.parse().ok()?, millis / 1000, millis % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: FormClock = FormClock {
        now_ms: 1_772_587_800_000,
        offset_min: 480,
    };

    #[test]
    fn a_time_with_another_offset_is_shown_in_the_offset_of_the_device() {
        let moment = CLOCK.parse_date_time("2026-03-04T23:30:00.000-05:00").unwrap();
        assert_eq!(CLOCK.iso_date_time(moment), "2026-03-05T12:30:00.000+08:00");
    }

    #[test]
    fn days_are_counted_from_local_midnight() {
        let moment = CLOCK.parse_date_time("1970-01-02T00:00:00.000+08:00").unwrap();
        assert_eq!(CLOCK.days(moment), 1);
        assert_eq!(CLOCK.iso_date(CLOCK.day(19_000)), "2022-01-08");
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        assert_eq!(CLOCK.parse_date("2026-02-30"), None);
        assert_eq!(CLOCK.parse_date("2026-02"), None);
        assert_eq!(CLOCK.parse_date_time("2026-02-03T25:00"), None);
    }

    #[test]
    fn patterns_format_and_unknown_letters_are_named() {
        let moment = CLOCK.parse_date_time("2026-03-04T09:05:07.089+08:00").unwrap();
        assert_eq!(
            CLOCK.format(moment, "%Y/%n/%e %H:%M:%S.%3 %a %b %%").unwrap(),
            "2026/3/4 09:05:07.089 Wed Mar %"
        );
        assert_eq!(CLOCK.format(moment, "%Q"), Err('Q'));
        for (day, week) in [
            ("1995-06-18", "25"),
            ("2024-12-28", "52"),
            ("2024-12-30", "1"),
            ("2026-01-01", "1"),
        ] {
            assert_eq!(
                CLOCK.format(CLOCK.parse_date(day).unwrap(), "%W").unwrap(),
                week,
                "{day}"
            );
        }
    }
}
