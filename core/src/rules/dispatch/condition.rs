//! Whether a rule applies to a case: yes, no, or not to be told because a fact is missing.

use std::collections::BTreeSet;

use crate::model::area::GridCode;
use crate::model::dispatch::{Condition, Hours};
use crate::model::time::UtcMillis;

/// Severities from the lightest (domain dictionary 4.2).
pub(super) const SEVERITIES: [&str; 5] = ["NONE", "GENERAL", "MAJOR", "SERIOUS", "EXTREME"];

/// What the rules see of an incident. A fact that nobody knows is absent, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case {
    /// Category, such as `D01.10`.
    pub category: String,
    /// Grid it lies in.
    pub grid: Option<GridCode>,
    /// Kind of a dedicated grid; empty for an ordinary one.
    pub grid_kind: String,
    /// Kind of the place it is about.
    pub place_kind: Option<String>,
    /// Whether it lies in an estate with a property company.
    pub managed_estate: Option<bool>,
    /// Whether it is inside a home.
    pub at_home: Option<bool>,
    /// Suspected severity.
    pub severity: Option<String>,
    /// People involved.
    pub people: Option<u32>,
    /// Description as typed; only searched for words of danger.
    pub description: String,
    /// Seasons and warnings that are declared.
    pub seasons: BTreeSet<String>,
    /// How often it was refused in its present round.
    pub refusals: usize,
    /// Organisations that have refused it in its present round.
    pub refused_by: BTreeSet<String>,
    /// Who reported it.
    pub reporter: Option<crate::model::ids::StaffId>,
    /// Whether the category lets the grid close it on the spot.
    pub self_close: bool,
    /// Whether somebody else must check the result.
    pub check_required: bool,
}

/// Whether a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fits {
    /// It does not.
    No,
    /// A fact is missing.
    Unknown,
    /// It does.
    Yes,
}

impl Fits {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    fn known<T>(fact: Option<T>, holds: impl FnOnce(T) -> bool) -> Self {
        fact.map_or(Self::Unknown, |fact| Self::of(holds(fact)))
    }
}

/// How specific a rule is for a case: depth of the category, then of the area, then the number of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Specific(usize, usize, usize);

pub(super) fn fits(when: &Condition, case: &Case, now: UtcMillis, offset_minutes: i32) -> Fits {
    parts(when, case, now, offset_minutes)
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(Fits::No)
}

pub(super) fn specific(when: &Condition, case: &Case) -> Specific {
    let category = when
        .categories
        .iter()
        .filter(|code| below(&case.category, code))
        .map(String::len)
        .max();
    let grid = case.grid.as_ref().map_or("", GridCode::as_str);
    let area = when
        .areas
        .iter()
        .filter(|area| grid.starts_with(area.as_str()))
        .map(String::len)
        .max();
    let count = parts(when, case, UtcMillis(0), 0).into_iter().flatten().count();
    Specific(category.unwrap_or(0), area.unwrap_or(0), count)
}

/// One answer for each condition that is given.
fn parts(when: &Condition, case: &Case, now: UtcMillis, offset_minutes: i32) -> [Option<Fits>; 10] {
    let listed = |list: &Vec<String>, holds: &dyn Fn(&Vec<String>) -> Fits| (!list.is_empty()).then(|| holds(list));
    [
        listed(&when.categories, &|list| {
            Fits::of(list.iter().any(|code| below(&case.category, code)))
        }),
        listed(&when.areas, &|list| {
            Fits::known(case.grid.as_ref(), |grid| {
                list.iter().any(|area| grid.as_str().starts_with(area.as_str()))
            })
        }),
        listed(&when.grid_kinds, &|list| Fits::of(list.contains(&case.grid_kind))),
        listed(&when.place_kinds, &|list| {
            Fits::known(case.place_kind.as_ref(), |kind| list.contains(kind))
        }),
        when.managed_estate
            .map(|wanted| Fits::known(case.managed_estate, |is| is == wanted)),
        when.at_home.map(|wanted| Fits::known(case.at_home, |is| is == wanted)),
        when.severity_at_least
            .as_ref()
            .map(|least| Fits::known(case.severity.as_deref(), |severity| rank(severity) >= rank(least))),
        when.people_at_least
            .map(|least| Fits::known(case.people, |people| people >= least)),
        listed(&when.seasons, &|list| {
            Fits::of(list.iter().any(|season| case.seasons.contains(season)))
        }),
        when.hours.map(|hours| Fits::of(within(hours, now, offset_minutes))),
    ]
}

/// Whether a category is another one or lies below it: `A01.03` below `A01`.
fn below(category: &str, above: &str) -> bool {
    category
        .strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The class of a category: `A01` of `A01.03`.
pub(super) fn class(category: &str) -> &str {
    category.split('.').next().unwrap_or(category)
}

fn rank(severity: &str) -> usize {
    SEVERITIES.iter().position(|known| *known == severity).unwrap_or(0)
}

fn within(hours: Hours, now: UtcMillis, offset_minutes: i32) -> bool {
    let minute = (now.0.div_euclid(60_000) + i64::from(offset_minutes)).rem_euclid(24 * 60);
    let (from, to) = (i64::from(hours.from), i64::from(hours.to));
    if from <= to {
        (from..to).contains(&minute)
    } else {
        minute >= from || minute < to
    }
}
