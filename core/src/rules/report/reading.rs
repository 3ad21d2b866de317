//! From records to figures: the one way in which a raw history is read, on the phone and on the platform.

use std::collections::BTreeMap;

use serde_json::Value;

use super::clusters::Spot;
use super::facts::{Facts, Step, Surroundings, facts};
use crate::model::incident::{Category, HistoryEntry, Incident, Taxonomy};
use crate::model::record::Record;
use crate::model::time::UtcMillis;
use crate::rules::deadline::{Calendar, Limit, LimitBook, first_urgency};

/// A report of the same place and category within this time repeats the one before: 90 days (domain dictionary 7.2, K22).
const REPEAT_MS: i64 = 90 * 24 * 3_600_000;

/// Reads incidents by one set of dictionaries, in the order of their reports.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    taxonomy: &'a Taxonomy,
    limits: &'a LimitBook,
    calendar: &'a Calendar,
    /// The last report by place and category.
    known: BTreeMap<(String, String), UtcMillis>,
}

impl<'a> Reader<'a> {
    /// A reader that has seen nothing yet.
    #[must_use]
    pub fn new(taxonomy: &'a Taxonomy, limits: &'a LimitBook, calendar: &'a Calendar) -> Self {
        Self {
            taxonomy,
            limits,
            calendar,
            known: BTreeMap::new(),
        }
    }

    /// One incident in figures, by what was known at a moment; nothing when the dictionaries cannot read it.
    pub fn case(&mut self, record: &Record, known_until: UtcMillis) -> Option<(Facts, Option<Spot>)> {
        let incident = Incident::from_body(&record.body).ok()?;
        let code = incident.category.clone()?;
        let category = self.taxonomy.nearest(&code)?;
        let steps: Vec<Step> = incident.history.iter().map(step).collect();
        // a draft's moment is its phone's clock and counts for nothing
        let reported = steps.iter().find(|step| step.to != "DRAFT")?.at;
        let place = record.body.get("place_id").and_then(Value::as_str).map(str::to_owned);
        let channel = incident.channel.as_deref();
        let around = Surroundings {
            source: channel.unwrap_or("GRID_STAFF").to_owned(),
            grid: record.grid.clone(),
            urgency: first_urgency(&record.body, category).to_owned(),
            dispose: dispose_limit(&incident.history, category)?,
            follow_up: channel.is_some_and(|channel| channel != "GRID_STAFF"),
            repeats: self.repeats(place.clone(), &code, reported),
            category: code.clone(),
        };
        let facts = facts(&around, &steps, known_until, self.limits, self.calendar).ok()?;
        let spot = incident.point.map(|point| Spot {
            category: code,
            point,
            place,
            reported,
        });
        Some((facts, spot))
    }

    fn repeats(&mut self, place: Option<String>, category: &str, at: UtcMillis) -> bool {
        let Some(place) = place else { return false };
        let before = self.known.insert((place, category.to_owned()), at);
        before.is_some_and(|before| at.since(before).abs() <= REPEAT_MS)
    }
}

/// How long disposal may take: as the last dispatch set it, else as the category has it.
#[must_use]
pub fn dispose_limit(history: &[HistoryEntry], category: &Category) -> Option<Limit> {
    let set = history
        .iter()
        .rev()
        .filter(|line| matches!(line.event.get(..3), Some("T13" | "T14")))
        .find_map(|line| line.args.get("limit").and_then(Value::as_str)?.parse().ok());
    set.or_else(|| Limit::of(category.limit, &category.unit).ok())
}

/// A line of history as figures see it. The arguments are those the steps are taken with.
#[must_use]
pub fn step(line: &HistoryEntry) -> Step {
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
        urgency: text("urgency").filter(|_| line.event.starts_with("T34")),
        satisfaction: number("satisfaction"),
        contacted: yes("contacted"),
        solved: yes("solved"),
    }
}
