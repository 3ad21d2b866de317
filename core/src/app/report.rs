//! Weekly and monthly figures from what this phone holds: the own grid's, by the same formulas as the district's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::{AppError, Engine};
use crate::model::area::GridArea;
use crate::model::incident::{HistoryEntry, Incident};
use crate::model::record::{Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::deadline::Limit;
use crate::rules::report::{Context, Facts, Period, PeriodKind, Report, Spot, Step, Surroundings, facts};
use crate::store::areas;
use crate::store::records::{self, ListQuery};

/// A report of the same place and category within this time repeats the one before: 90 days (domain dictionary 7.2, K22).
const REPEAT_MS: i64 = 90 * 24 * 3_600_000;
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
        let mut known = BTreeMap::new();
        for record in self.incidents_of(area)? {
            match self.case(&record, &period, &mut known) {
                Some((case, spot)) => {
                    cases.push(case);
                    spots.extend(spot);
                }
                None => left_out += 1,
            }
        }
        let report = Report::make(area, period, &cases, &spots, &Context::default(), None)?;
        let grids = self.store.read(areas::all)?;
        Ok(PhoneReport {
            report,
            left_out,
            grids,
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

    /// One incident in figures; nothing when the dictionaries cannot read it.
    fn case(&self, record: &Record, period: &Period, known: &mut Known) -> Option<(Facts, Option<Spot>)> {
        let dictionaries = self.dictionaries();
        let incident = Incident::from_body(&record.body).ok()?;
        let category = dictionaries.taxonomy.category(incident.category.as_deref()?)?;
        let steps: Vec<Step> = incident.history.iter().map(step).collect();
        let reported = steps.iter().map(|step| step.at).next()?;
        let place = record.body.get("place_id").and_then(Value::as_str).map(str::to_owned);
        let around = Surroundings {
            category: category.code.clone(),
            source: incident.channel.clone().unwrap_or_else(|| "GRID_STAFF".to_owned()),
            grid: record.grid.clone(),
            urgency: incident.urgency.clone().unwrap_or_else(|| category.urgency.clone()),
            dispose: Limit::of(category.limit, &category.unit).ok()?,
            follow_up: incident
                .channel
                .as_deref()
                .is_some_and(|channel| channel != "GRID_STAFF"),
            repeats: repeats(known, place.clone(), &category.code, reported),
        };
        let now = self.env.clock.wall().min(period.frozen_at());
        let facts = facts(&around, &steps, now, &dictionaries.limits, &dictionaries.calendar).ok()?;
        let spot = incident.point.map(|point| Spot {
            category: category.code.clone(),
            point,
            place,
            reported,
        });
        Some((facts, spot))
    }
}

/// The last report by place and category.
type Known = BTreeMap<(String, String), UtcMillis>;

fn repeats(known: &mut Known, place: Option<String>, category: &str, at: UtcMillis) -> bool {
    let Some(place) = place else { return false };
    let before = known.insert((place, category.to_owned()), at);
    before.is_some_and(|before| at.since(before).abs() <= REPEAT_MS)
}

/// A line of history as figures see it. The arguments are those the steps are taken with.
fn step(line: &HistoryEntry) -> Step {
    let text = |name: &str| line.args.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| {
        line.args
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|n| u8::try_from(n).ok())
            .unwrap_or(0)
    };
    let yes = |name: &str| line.args.get(name).and_then(Value::as_bool);
    Step {
        event: line.event.clone(),
        to: line.to.clone(),
        at: line.at,
        main: text("main"),
        code: text("reason_code").or_else(|| text("result")),
        supervise: number("level"),
        granted: text("granted").and_then(|text| text.parse().ok()),
        satisfaction: number("satisfaction"),
        contacted: yes("contacted"),
        solved: yes("solved"),
    }
}
