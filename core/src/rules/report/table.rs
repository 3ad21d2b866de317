//! A report as data: headline figures, tables, findings. JSON is its serde form; CSV and the page are made from it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::clusters::{Cluster, Spot, clusters, repeated_spots};
use super::corrections::{Correction, corrections};
use super::facts::Facts;
use super::figures::{Figures, HEADLINES, figures};
use super::hotspots::{Difficulty, Hotspot, difficulties, hotspots};
use super::period::{Period, PeriodError};
use super::ratio::Ratio;
use super::tally::{Context, Tally};
use super::{DEFINITIONS, Figure};

/// Periods of the trend.
const TREND: u32 = 12;
/// Cells below this are not printed where they could point to a person (domain dictionary 7.3).
const FEWEST: u64 = 5;

/// A headline figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Code.
    pub code: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// Its value now.
    pub now: Figure,
    /// In the period before.
    pub before: Figure,
    /// In the same period of last year.
    pub last_year: Figure,
    /// Change to the period before (环比), for counts.
    pub change: Option<Ratio>,
    /// Whether the change is a fall.
    pub falls: bool,
}

/// A table of counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Chinese title.
    pub zh: &'static str,
    /// English title.
    pub en: &'static str,
    /// Label, cases, closed in time of due; a guarded count is absent.
    pub lines: Vec<(String, Option<u64>, Ratio)>,
}

/// A report of one area over one period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Edition of the formulas.
    pub definitions: &'static str,
    /// Code of the area; the start of its grids' codes.
    pub area: String,
    /// The period.
    pub period: Period,
    /// Headline figures.
    pub rows: Vec<Row>,
    /// Tables: sources, categories, areas below, departments.
    pub blocks: Vec<Block>,
    /// Reports of each grid, for the map.
    pub grids: Vec<(String, u64)>,
    /// What people care about.
    pub hotspots: Vec<Hotspot>,
    /// What gives trouble: categories.
    pub difficulties: Vec<Difficulty>,
    /// And pairs of category and department.
    pub difficult_pairs: Vec<Difficulty>,
    /// Where cases crowd.
    pub clusters: Vec<Cluster>,
    /// Places that come again.
    pub repeated_spots: Vec<(String, usize)>,
    /// Reports of the last twelve periods, the oldest first.
    pub trend: Vec<(NaiveDate, u64)>,
    /// What changed in the report before since it was frozen.
    pub corrections: Vec<Correction>,
}

impl Report {
    /// Makes the report of an area. `cases` are those of the area and of all periods that are compared; `frozen` holds the
    /// figures of the report before as they were printed.
    ///
    /// # Errors
    /// A period outside the calendar.
    pub fn make(
        area: &str,
        period: Period,
        cases: &[Facts],
        spots: &[Spot],
        context: &Context,
        frozen: Option<&Figures>,
    ) -> Result<Self, PeriodError> {
        let before = period.before(1)?;
        let year = period.before(match period.kind {
            super::PeriodKind::Week => 52,
            super::PeriodKind::Month => 12,
        })?;
        let tally = Tally::of(cases, &period);
        let figures_of = |period: &Period| figures(&Tally::of(cases, period), context);
        let (then, last_year) = (figures_of(&before), figures_of(&year));
        let earlier = (1..=TREND).map(|n| Ok(Tally::of(cases, &period.before(n)?).by_category));
        let earlier: Vec<BTreeMap<String, u64>> = earlier.collect::<Result<_, PeriodError>>()?;
        let [difficulties, difficult_pairs] = difficulties(cases, &period);
        let here: Vec<Spot> = spots
            .iter()
            .filter(|spot| period.holds(spot.reported))
            .cloned()
            .collect();
        Ok(Self {
            definitions: DEFINITIONS,
            area: area.to_owned(),
            rows: rows(&figures(&tally, context), &then, &last_year),
            blocks: blocks(area, cases, &period, &tally),
            grids: grids(cases, &period),
            hotspots: hotspots(cases, &period, &earlier),
            difficulties,
            difficult_pairs,
            clusters: clusters(&here),
            repeated_spots: repeated_spots(&here),
            trend: trend(cases, &period)?,
            corrections: frozen.map(|frozen| corrections(frozen, &then)).unwrap_or_default(),
            period,
        })
    }
}

fn rows(now: &Figures, before: &Figures, last_year: &Figures) -> Vec<Row> {
    let of = |figures: &Figures, code: &str| figures.get(code).copied().unwrap_or(Figure::Count(0));
    let row = |headline: &super::Headline| {
        let (now, before) = (of(now, headline.code), of(before, headline.code));
        let (change, falls) = match (now, before) {
            (Figure::Count(now), Figure::Count(before)) if before > 0 => {
                (Some(Ratio::new(now.abs_diff(before), before)), now < before)
            }
            _ => (None, false),
        };
        let last_year = of(last_year, headline.code);
        Row {
            code: headline.code,
            zh: headline.zh,
            en: headline.en,
            now,
            before,
            last_year,
            change,
            falls,
        }
    };
    HEADLINES.iter().map(row).collect()
}

fn blocks(area: &str, cases: &[Facts], period: &Period, tally: &Tally) -> Vec<Block> {
    let below = |case: &Facts| {
        let length = match area.len() {
            0..=6 => 9,
            7..=9 => 12,
            _ => 15,
        };
        case.grid
            .as_ref()
            .and_then(|grid| grid.as_str().get(..length))
            .map(str::to_owned)
    };
    let counted =
        |lines: Vec<(String, u64, Ratio)>| lines.into_iter().map(|(label, n, r)| (label, Some(n), r)).collect();
    let sources = tally
        .by_source
        .iter()
        .map(|(label, n)| (label.clone(), *n, Ratio::new(*n, tally.reports)))
        .collect();
    vec![
        Block {
            zh: "来源",
            en: "Sources",
            lines: counted(sorted(sources)),
        },
        Block {
            zh: "类别",
            en: "Categories",
            lines: categories(area, cases, period),
        },
        Block {
            zh: "下级区域",
            en: "Areas",
            lines: counted(grouped(cases, period, below)),
        },
        Block {
            zh: "主办单位",
            en: "Departments",
            lines: counted(grouped(cases, period, |case| case.main.clone())),
        },
    ]
}

/// Reports of each grid, in the order of the codes. All categories together point to nobody.
fn grids(cases: &[Facts], period: &Period) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let reported = |case: &&Facts| case.reported.is_some_and(|at| period.holds(at));
    for grid in cases.iter().filter(reported).filter_map(|case| case.grid.as_ref()) {
        *counts.entry(grid.as_str()).or_default() += 1;
    }
    counts.into_iter().map(|(grid, n)| (grid.to_owned(), n)).collect()
}

/// Reports by a key, with the share closed in time of those due.
fn grouped(cases: &[Facts], period: &Period, key: impl Fn(&Facts) -> Option<String>) -> Vec<(String, u64, Ratio)> {
    let mut groups: BTreeMap<String, Vec<&Facts>> = BTreeMap::new();
    for case in cases {
        if let Some(key) = key(case) {
            groups.entry(key).or_default().push(case);
        }
    }
    let line = |(key, cases): (String, Vec<&Facts>)| {
        let tally = Tally::of(cases, period);
        (key, tally.reports, Ratio::new(tally.due_closed_in_time, tally.due))
    };
    sorted(
        groups
            .into_iter()
            .map(line)
            .filter(|(_, reports, ratio)| *reports > 0 || ratio.of > 0)
            .collect(),
    )
}

fn categories(area: &str, cases: &[Facts], period: &Period) -> Vec<(String, Option<u64>, Ratio)> {
    let lines = grouped(cases, period, |case| Some(case.category.clone()));
    lines
        .into_iter()
        .map(|(category, n, ratio)| (category.clone(), guarded(area, &category, n), ratio))
        .collect()
}

fn sorted(mut lines: Vec<(String, u64, Ratio)>) -> Vec<(String, u64, Ratio)> {
    lines.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    lines
}

/// A count of a category in an area, or nothing when it is so small that it could point to a person: disputes, public
/// security, help and health, in a community or a grid.
#[must_use]
pub fn guarded(area: &str, category: &str, count: u64) -> Option<u64> {
    let about_people = ["B", "C", "E06", "F"].iter().any(|class| category.starts_with(class));
    (count >= FEWEST || !about_people || area.len() < 12).then_some(count)
}

fn trend(cases: &[Facts], period: &Period) -> Result<Vec<(NaiveDate, u64)>, PeriodError> {
    let one = |n: u32| {
        let period = period.before(n)?;
        Ok((period.first, Tally::of(cases, &period).reports))
    };
    (0..TREND).rev().map(one).collect()
}

/// The report as comma-separated values: headline figures, then every table. A guarded count is `<5`.
#[must_use]
pub fn csv(report: &Report) -> String {
    let period = &report.period;
    let mut text = format!(
        "definitions,{},area,{},{},{}\r\n",
        report.definitions, report.area, period.first, period.next
    );
    text.push_str("code,zh,en,now,before,last_year\r\n");
    for row in &report.rows {
        let values = [
            row.code.into(),
            row.zh.into(),
            row.en.into(),
            row.now.to_string(),
            row.before.to_string(),
            row.last_year.to_string(),
        ];
        line(&mut text, &values);
    }
    for block in &report.blocks {
        line(&mut text, &[block.zh.into(), block.en.into()]);
        for (label, count, ratio) in &block.lines {
            let count = count.map_or_else(|| format!("<{FEWEST}"), |count| count.to_string());
            line(&mut text, &[label.clone(), count, ratio.to_string()]);
        }
    }
    text
}

fn line(text: &mut String, values: &[String]) {
    let quoted: Vec<String> = values.iter().map(|value| cell(value)).collect();
    text.push_str(&quoted.join(","));
    text.push_str("\r\n");
}

/// Quotes what needs it, and keeps a spreadsheet from taking a text for a formula.
fn cell(value: &str) -> String {
    let safe = if value.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{value}")
    } else {
        value.to_owned()
    };
    if safe.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}
