//! Today's list: one visit per place, whatever the number of departments that ask for it, the most urgent and nearest first.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::{Due, Plan};
use crate::model::geo::Point;
use crate::model::ids::RecordId;

/// Days ahead that count as soon.
const SOON_DAYS: i64 = 7;

/// How pressing a visit is, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// A hazard waits for its recheck, today or since earlier.
    Recheck,
    /// The last day has passed.
    Overdue,
    /// Today is the last day.
    Today,
    /// Due within a week.
    Soon,
    /// May be done now.
    Open,
}

/// A place with everything that is due there.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<'p> {
    /// The place, dwelling, risk point …
    pub record: RecordId,
    /// What the list shows.
    pub name: String,
    /// Where it is, when known.
    pub point: Option<Point>,
    /// Its risk colour, `RED` before all others.
    pub risk: String,
    /// What plans ask for.
    pub due: Vec<(&'p Plan, Due)>,
    /// Rechecks of open hazards: form id and last day.
    pub rechecks: Vec<(String, NaiveDate)>,
}

/// A checklist of a visit, asked once though several departments want it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bundled {
    /// The checklist.
    pub form: String,
    /// Departments that ask for it.
    pub departments: Vec<String>,
    /// Plans that it counts for.
    pub plans: Vec<String>,
}

/// One visit of one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Visit {
    /// The place.
    pub record: RecordId,
    /// What the list shows.
    pub name: String,
    /// Last day of the most pressing part.
    pub due: NaiveDate,
    /// How pressing it is.
    pub urgency: Urgency,
    /// Checklists, in the order of the plans that ask for them.
    pub forms: Vec<Bundled>,
    /// Whole metres from the worker, when both places are known.
    pub distance_m: Option<u32>,
    /// Risk colour of the place.
    pub risk: String,
}

/// Puts the visits of a day in order: urgency, red places first, then the nearest, then the day and the id, so that the same
/// input always gives the same list.
#[must_use]
pub fn today(candidates: Vec<Candidate<'_>>, here: Option<Point>, day: NaiveDate) -> Vec<Visit> {
    let mut visits: Vec<Visit> = candidates.into_iter().filter_map(|c| visit(c, here, day)).collect();
    visits.sort_by(|a, b| {
        let key = |v: &Visit| {
            (
                v.urgency,
                v.risk != "RED",
                v.distance_m.unwrap_or(u32::MAX),
                v.due,
                v.record,
            )
        };
        key(a).cmp(&key(b))
    });
    visits
}

fn visit(candidate: Candidate<'_>, here: Option<Point>, day: NaiveDate) -> Option<Visit> {
    let planned = candidate.due.iter().map(|(_, due)| (pressing(due.on, day), due.on));
    let rechecks = candidate.rechecks.iter().map(|(_, on)| {
        let urgency = if *on <= day {
            Urgency::Recheck
        } else {
            pressing(*on, day)
        };
        (urgency, *on)
    });
    let (urgency, due) = planned.chain(rechecks).min()?;
    Some(Visit {
        record: candidate.record,
        due,
        urgency,
        forms: bundle(&candidate),
        distance_m: distance(candidate.point, here),
        name: candidate.name,
        risk: candidate.risk,
    })
}

fn pressing(on: NaiveDate, day: NaiveDate) -> Urgency {
    match (on - day).num_days() {
        i64::MIN..=-1 => Urgency::Overdue,
        0 => Urgency::Today,
        1..=SOON_DAYS => Urgency::Soon,
        _ => Urgency::Open,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // no two points are 4 million kilometres apart
fn distance(point: Option<Point>, here: Option<Point>) -> Option<u32> {
    Some(point?.distance_m(&here?).round() as u32)
}

/// Joins what several departments ask at one place; a checklist that two of them want is gone through once.
fn bundle(candidate: &Candidate<'_>) -> Vec<Bundled> {
    let mut order: Vec<String> = Vec::new();
    let mut found: BTreeMap<String, Bundled> = BTreeMap::new();
    let planned = candidate
        .due
        .iter()
        .flat_map(|(plan, _)| plan.forms.iter().map(move |form| (form, Some(*plan))));
    for (form, plan) in candidate.rechecks.iter().map(|(form, _)| (form, None)).chain(planned) {
        let bundled = found.entry(form.clone()).or_insert_with(|| {
            order.push(form.clone());
            Bundled {
                form: form.clone(),
                departments: Vec::new(),
                plans: Vec::new(),
            }
        });
        if let Some(plan) = plan {
            if !bundled.departments.contains(&plan.department) {
                bundled.departments.push(plan.department.clone());
            }
            bundled.plans.push(plan.id.clone());
        }
    }
    order.into_iter().filter_map(|form| found.remove(&form)).collect()
}
