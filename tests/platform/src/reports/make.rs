//! Makes a report: incidents are read in pages and reduced to figures at once, so that a year's histories never lie in memory.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use fushan_grid_core::model::area::GridArea;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::report::{
    Facts, Figures, Period, PeriodKind, Reader, Report, Spot, corrections, report_names,
};

use super::freeze;
use super::registry;
use crate::Platform;
use crate::books::Books;
use crate::store::{self, StoreError, Stored, Tx};

/// Records read in one go.
const PAGE: u32 = 1_000;

/// A report, and what was left out of it.
pub(crate) struct Made {
    pub(crate) report: Report,
    /// Incidents that give no figures: a category or urgency that the dictionaries do not know, or a limit past the calendar.
    pub(crate) left_out: u32,
    /// Boundaries of the area's grids.
    pub(crate) grids: Vec<GridArea>,
    /// Name of the area.
    pub(crate) name: String,
    /// Names of the codes in it.
    pub(crate) names: BTreeMap<String, String>,
}

/// The report of the week or month that a day lies in, over an area. What is asked for after the period was frozen is kept as
/// printed; the report after it tells what has changed since.
pub(crate) fn make(platform: &Platform, kind: PeriodKind, day: NaiveDate, area: &str) -> Stored<Option<Made>> {
    let books = platform.shelf.books(&*platform.store)?;
    let Some(node) = books.area(area) else { return Ok(None) };
    let Ok(period) = Period::holding(kind, day, books.calendar.offset_minutes()) else {
        return Ok(None);
    };
    let now = platform.now();
    let read = store::read(&*platform.store, |tx| {
        Read::of(tx, &books, area, now.min(period.frozen_at()))
    })?;
    let context = registry::context(platform, &books, area, &period)?;
    let Ok(before) = period.before(1) else { return Ok(None) };
    let printed = store::glance(&*platform.store, |tx| freeze::printed(tx, &before, area))?;
    let made = Report::make(area, period, &read.cases, &read.spots, &context, None);
    let Ok(mut report) = made else { return Ok(None) };
    if let Some(printed) = printed {
        let again: Figures = report.rows.iter().map(|row| (row.code, row.before)).collect();
        report.corrections = corrections(&printed, &incident_figures(again));
    }
    if now >= period.frozen_at() {
        let figures: Figures = report.rows.iter().map(|row| (row.code, row.now)).collect();
        store::write(&*platform.store, |tx| {
            freeze::freeze(tx, &period, area, &incident_figures(figures.clone()), now)
        })?;
    }
    let mut names = report_names(&report, &books.taxonomy, &platform.judge.schema, &books.dispatch);
    for (label, ..) in report.blocks.iter().flat_map(|block| &block.lines) {
        names.extend(books.area(label).map(|node| (label.clone(), node.name.clone())));
    }
    let below = |grid: &&GridArea| grid.code.as_str().starts_with(area);
    Ok(Some(Made {
        report,
        left_out: read.left_out,
        grids: books.grids().iter().filter(below).cloned().collect(),
        name: node.name.clone(),
        names,
    }))
}

/// Figures that come from histories: those of the registry are as of the day they are asked for, so that an earlier period
/// cannot be computed again, and are never called corrected.
fn incident_figures(figures: Figures) -> Figures {
    let of_the_day = [
        "K26", "K27", "K28", "K29", "K30", "K31", "K32", "K33", "K34", "K36", "K37",
    ];
    let from_history = |code: &str| code == "K29x" || !of_the_day.iter().any(|start| code.starts_with(start));
    figures.into_iter().filter(|(code, _)| from_history(code)).collect()
}

/// What a report is computed from.
struct Read {
    cases: Vec<Facts>,
    spots: Vec<Spot>,
    left_out: u32,
}

impl Read {
    fn of(tx: &mut Tx<'_>, books: &Books, area: &str, known_until: UtcMillis) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&books.taxonomy, &books.limits, &books.calendar);
        let mut read = Self {
            cases: Vec::new(),
            spots: Vec::new(),
            left_out: 0,
        };
        let mut after: Option<RecordId> = None;
        loop {
            let page = tx.incident_records(area, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(read) };
            after = Some(last.id);
            for record in &page {
                match reader.case(record, known_until) {
                    Some((case, spot)) => {
                        read.cases.push(case);
                        read.spots.extend(spot);
                    }
                    None => read.left_out += 1,
                }
            }
        }
    }
}
