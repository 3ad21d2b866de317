//! When a target is due next.
//!
//! A period with `n` visits is cut into `n` parts; the k-th visit may begin with the k-th part and is due on its last day. A
//! period that ended without enough visits stays due, as of its last day, until the next visit.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::{Period, Plan, Target};

/// A visit that may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Last day on which it is in time.
    pub on: NaiveDate,
    /// Visits made in the period so far.
    pub done: u32,
    /// Visits the period asks for.
    pub of: u32,
}

/// The visit that a plan asks for now, given the days on which the target was visited; `None` when there is nothing to do
/// today.
#[must_use]
pub fn due(plan: &Plan, target: &Target, visited: &[NaiveDate], today: NaiveDate) -> Option<Due> {
    let frequency = plan.frequency_of(target);
    let in_season = plan.season.is_none_or(|season| season.holds(today));
    let runs = plan.enabled && in_season && today >= plan.from && plan.until.is_none_or(|last| today <= last);
    if !runs || frequency.times == 0 || !plan.visits(target) {
        return None;
    }
    let (first, last) = bounds(plan, frequency.per, today)?;
    let visits_in = |from: NaiveDate, to: NaiveDate| {
        let days = visited.iter().filter(|day| (from..=to).contains(*day)).count();
        u32::try_from(days).unwrap_or(u32::MAX)
    };
    let done = visits_in(first, last.min(today));
    if done >= frequency.times {
        return None;
    }
    let (opens, on) = part(first, last, done, frequency.times)?;
    let missed = if done == 0 {
        missed(plan, frequency.per, first, &visits_in, frequency.times)
    } else {
        None
    };
    match missed {
        Some(on) => Some(Due {
            on,
            done,
            of: frequency.times,
        }),
        None if today >= opens => Some(Due {
            on,
            done,
            of: frequency.times,
        }),
        None => None,
    }
}

/// The last day of the period before, when that one had too few visits.
fn missed(
    plan: &Plan,
    per: Period,
    first: NaiveDate,
    visits_in: &impl Fn(NaiveDate, NaiveDate) -> u32,
    times: u32,
) -> Option<NaiveDate> {
    let before = first.pred_opt()?;
    let in_season = plan.season.is_none_or(|season| season.holds(before));
    if before < plan.from || !in_season || per == Period::Campaign {
        return None;
    }
    let (from, to) = bounds(plan, per, before)?;
    (visits_in(from, to) < times).then_some(to)
}

/// First and last day of the period around a day, within the plan's own days and season.
fn bounds(plan: &Plan, per: Period, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let (first, last) = match per {
        Period::Campaign => (plan.from, plan.until?),
        _ => per.around(day)?,
    };
    let mut first = first.max(plan.from);
    let mut last = plan.until.map_or(last, |until| last.min(until));
    if let Some(season) = plan.season {
        let inside = |d: &NaiveDate| season.holds(*d);
        first = back(day, first).take_while(inside).last()?;
        last = day.iter_days().take_while(|d| *d <= last).take_while(inside).last()?;
    }
    Some((first, last))
}

/// Days from one back to another.
fn back(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    std::iter::successors(Some(from), NaiveDate::pred_opt).take_while(move |day| *day >= to)
}

/// First and last day of the k-th of `n` parts of a period; a part of a period shorter than `n` days may share its day with
/// others.
fn part(first: NaiveDate, last: NaiveDate, k: u32, n: u32) -> Option<(NaiveDate, NaiveDate)> {
    let days = u64::try_from((last - first).num_days()).ok()? + 1;
    let (k, n) = (u64::from(k), u64::from(n));
    let opens = first.checked_add_days(Days::new(days * k / n))?;
    let ends = first.checked_add_days(Days::new((days * (k + 1)).div_ceil(n) - 1))?;
    Some((opens, ends.min(last)))
}
