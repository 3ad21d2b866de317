//! Hotspots, what people care about, and difficulties, where work gets stuck (domain dictionary 7.3).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::facts::Facts;
use super::period::Period;

/// Categories shown for their share alone.
const TOP: usize = 5;
/// Periods that growth is measured against.
const LOOK_BACK: usize = 4;
/// Periods without a case after which a category counts as new.
const QUIET: usize = 8;

/// A category that stands out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hotspot {
    /// Category.
    pub category: String,
    /// Cases in the period.
    pub cases: u64,
    /// 0.5 · share + 0.3 · growth + 0.2 · share of distinct reporting grids.
    pub score: f64,
    /// Standard deviations above the mean of the last four periods.
    pub growth: f64,
    /// Nothing for eight periods, and three or more now.
    pub new_topic: bool,
}

/// Finds them. `earlier` holds counts by category of the periods before, the latest first.
#[must_use]
pub fn hotspots<'a>(
    cases: impl IntoIterator<Item = &'a Facts>,
    period: &Period,
    earlier: &[BTreeMap<String, u64>],
) -> Vec<Hotspot> {
    let mut counts: BTreeMap<&str, (u64, BTreeSet<&str>)> = BTreeMap::new();
    let mut all = 0_u64;
    for case in cases
        .into_iter()
        .filter(|case| case.reported.is_some_and(|at| period.holds(at)))
    {
        let entry = counts.entry(&case.category).or_default();
        entry.0 += 1;
        entry
            .1
            .extend(case.grid.as_ref().map(crate::model::area::GridCode::as_str));
        all += 1;
    }
    let grids = counts.values().map(|(_, grids)| grids.len()).max().unwrap_or(0);
    let mut by_share: Vec<u64> = counts.values().map(|(cases, _)| *cases).collect();
    by_share.sort_unstable_by(|a, b| b.cmp(a));
    let least = by_share.get(TOP - 1).copied().unwrap_or(0);
    let mut found: Vec<Hotspot> = counts
        .into_iter()
        .map(|(category, (cases, reporters))| {
            let growth = growth(cases, category, earlier);
            let share = real(cases) / real(all.max(1));
            let spread = real(reporters.len() as u64) / real(grids.max(1) as u64);
            let score = 0.5 * share + 0.3 * growth + 0.2 * spread;
            Hotspot {
                category: category.to_owned(),
                cases,
                score,
                growth,
                new_topic: is_new(cases, category, earlier),
            }
        })
        .filter(|spot| (spot.cases >= 5 && spot.growth >= 2.0) || spot.cases >= least || spot.new_topic)
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.category.cmp(&b.category)));
    found
}

fn counts_before<'a>(category: &'a str, earlier: &'a [BTreeMap<String, u64>]) -> impl Iterator<Item = u64> + 'a {
    earlier
        .iter()
        .map(move |counts| counts.get(category).copied().unwrap_or(0))
}

fn growth(cases: u64, category: &str, earlier: &[BTreeMap<String, u64>]) -> f64 {
    let before: Vec<f64> = counts_before(category, earlier).take(LOOK_BACK).map(real).collect();
    if before.is_empty() {
        return 0.0;
    }
    let (mean, deviation) = mean_and_deviation(&before);
    (real(cases) - mean) / deviation.max(1.0)
}

fn is_new(cases: u64, category: &str, earlier: &[BTreeMap<String, u64>]) -> bool {
    let quiet = counts_before(category, earlier).take(QUIET).all(|count| count == 0);
    cases >= 3 && earlier.len() >= QUIET && quiet
}

/// A category that gives trouble.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difficulty {
    /// Category.
    pub category: String,
    /// Department, when it is about one.
    pub main: Option<String>,
    /// Cases accepted in the period.
    pub cases: u64,
    /// Sum of the standard scores of P90 time, refusals, rework and redo, extension and suspension, dissatisfaction.
    pub index: f64,
}

/// The five most difficult categories and the five most difficult pairs of category and department.
#[must_use]
pub fn difficulties<'a>(cases: impl IntoIterator<Item = &'a Facts>, period: &Period) -> [Vec<Difficulty>; 2] {
    let accepted: Vec<&Facts> = cases
        .into_iter()
        .filter(|case| case.accepted.is_some_and(|at| period.holds(at)))
        .collect();
    let mut by_category: BTreeMap<(String, Option<String>), Vec<&Facts>> = BTreeMap::new();
    let mut by_pair = by_category.clone();
    for case in accepted {
        by_category.entry((case.category.clone(), None)).or_default().push(case);
        if case.main.is_some() {
            by_pair
                .entry((case.category.clone(), case.main.clone()))
                .or_default()
                .push(case);
        }
    }
    [rank(by_category), rank(by_pair)]
}

fn rank(groups: BTreeMap<(String, Option<String>), Vec<&Facts>>) -> Vec<Difficulty> {
    let measures: Vec<[f64; 5]> = groups.values().map(|cases| measure(cases)).collect();
    let scores: Vec<(f64, f64)> = (0..5)
        .map(|part| mean_and_deviation(&measures.iter().filter_map(|m| m.get(part).copied()).collect::<Vec<_>>()))
        .collect();
    let index = |measure: &[f64; 5]| {
        measure
            .iter()
            .zip(&scores)
            .map(|(x, (mean, sd))| if *sd > 0.0 { (x - mean) / sd } else { 0.0 })
            .sum()
    };
    let mut ranked: Vec<Difficulty> = groups
        .into_iter()
        .zip(&measures)
        .map(|(((category, main), cases), measure)| Difficulty {
            category,
            main,
            cases: cases.len() as u64,
            index: index(measure),
        })
        .collect();
    ranked.sort_by(|a, b| {
        b.index
            .total_cmp(&a.index)
            .then_with(|| (&a.category, &a.main).cmp(&(&b.category, &b.main)))
    });
    ranked.truncate(TOP);
    ranked
}

/// P90 of the time to dispose, and the rates of refusal, rework and redo, extension and suspension, dissatisfaction.
fn measure(cases: &[&Facts]) -> [f64; 5] {
    let mut times: Vec<i64> = cases.iter().filter_map(|case| case.dispose_work_ms).collect();
    times.sort_unstable();
    let p90 = (times.len() * 9)
        .div_ceil(10)
        .checked_sub(1)
        .and_then(|index| times.get(index))
        .copied()
        .unwrap_or(0);
    let rate = |holds: &dyn Fn(&Facts) -> bool| {
        let count = cases.iter().filter(|case| holds(case)).count();
        real(count as u64) / real(cases.len().max(1) as u64)
    };
    [
        real(u64::try_from(p90 / 60_000).unwrap_or(0)),
        rate(&|case| case.refusals > 0),
        rate(&|case| case.reworks + case.redos > 0),
        rate(&|case| case.extensions > 0 || case.suspended),
        rate(&|case| (1..=2).contains(&case.satisfaction)),
    ]
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = real(values.len().max(1) as u64);
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

/// Counts are small enough for a float.
#[allow(clippy::cast_precision_loss)]
fn real(count: u64) -> f64 {
    count as f64
}
