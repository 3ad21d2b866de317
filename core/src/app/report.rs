//! Weekly and monthly figures from what this phone holds: the own grid's, by the same formulas as the district's.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{AppError, Engine};
use crate::model::area::GridArea;
use crate::model::record::{Kind, Record};
use crate::rules::report::{Context, Facts, Period, PeriodKind, Reader, Report, Spot, report_names};
use crate::store::areas;
use crate::store::records::{self, ListQuery};

/// Records read in one go.
const PAGE: u32 = 500;

/// A report, and what was left out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PhoneReport {
    /// The report.
    pub report: Report,
    /// Incidents that give no figures: a category or an urgency that the dictionaries do not know.
    pub left_out: u32,
    /// Boundaries of the grids this phone knows.
    pub grids: Vec<GridArea>,
    /// Names of the codes in it.
    pub names: BTreeMap<String, String>,
}

impl Engine {
    /// The report of the week or month that a day lies in, over the incidents of an area that this phone holds. Figures that
    /// only the platform has (rosters, registry checks) are shown as a dash.
    ///
    /// # Errors
    /// A period outside the calendar, or an error of the store.
    pub fn period_report(&self, kind: PeriodKind, day: NaiveDate, area: &str) -> Result<PhoneReport, AppError> {
        let dictionaries = self.dictionaries();
        let period = Period::holding(kind, day, dictionaries.calendar.offset_minutes())?;
        let mut cases: Vec<Facts> = Vec::new();
        let mut spots: Vec<Spot> = Vec::new();
        let mut left_out = 0;
        let now = self.env.clock.wall().min(period.frozen_at());
        let mut reader = Reader::new(&dictionaries.taxonomy, &dictionaries.limits, &dictionaries.calendar);
        for record in self.incidents_of(area)? {
            match reader.case(&record, now) {
                Some((case, spot)) => {
                    cases.push(case);
                    spots.extend(spot);
                }
                None => left_out += 1,
            }
        }
        let report = Report::make(area, period, &cases, &spots, &Context::default(), None)?;
        let grids = self.store.read(areas::all)?;
        let names = report_names(
            &report,
            &dictionaries.taxonomy,
            &dictionaries.schema,
            &dictionaries.dispatch,
        );
        Ok(PhoneReport {
            report,
            left_out,
            grids,
            names,
        })
    }

    fn incidents_of(&self, area: &str) -> Result<Vec<Record>, AppError> {
        let mut found = Vec::new();
        let mut query = ListQuery {
            kind: Kind::of(Kind::INCIDENT),
            grid: None,
            state: None,
            after: None,
            limit: PAGE,
        };
        loop {
            let page = self.store.read(|r| records::list(r, &query))?;
            let reported = |record: &Record| record.state != "DRAFT";
            let inside = |record: &Record| record.grid.as_ref().is_some_and(|grid| grid.as_str().starts_with(area));
            found.extend(
                page.items
                    .into_iter()
                    .map(|view| view.record)
                    .filter(|r| reported(r) && inside(r)),
            );
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(found),
            }
        }
    }
}
