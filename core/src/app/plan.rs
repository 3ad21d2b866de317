//! Plans of visits, and today's list.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::Engine;
use super::error::AppError;
use super::inspect::InspectError;
use crate::forms::shipped;
use crate::model::geo::Point;
use crate::model::ids::{RecordId, StaffId};
use crate::model::record::{Kind, Record};
use crate::rules::plan::{Candidate, Due, Plan, Target, Targets, Visit, check, due, today};
use crate::rules::validate::china_day;
use crate::store::records::ListQuery;
use crate::store::{identity, inspections, packs, patrols};

/// Name of the data pack in which the platform sends plans.
const PACK: &str = "plans";

impl Engine {
    /// Keeps a plan; one of the same id is replaced.
    ///
    /// # Errors
    /// [`InspectError::NotAPlan`]; [`InspectError::Plan`] with everything that contradicts itself, and the plan in force stays.
    pub fn plan_put(&self, document: &str) -> Result<Plan, AppError> {
        let doc: Value = serde_json::from_str(document).map_err(|_| InspectError::NotAPlan)?;
        let plan: Plan = serde_json::from_value(doc.clone()).map_err(|_| InspectError::NotAPlan)?;
        let known = self.forms()?;
        let findings = check(&plan, &|form| {
            shipped::find(form).is_some() || known.iter().any(|version| version.form == form)
        });
        if !findings.is_empty() {
            return Err(InspectError::Plan { findings }.into());
        }
        self.store
            .write(|w| Ok::<_, AppError>(patrols::put_plan(w, &plan.id, &doc)?))?;
        Ok(plan)
    }

    /// Removes a plan of this phone.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub fn plan_remove(&self, id: &str) -> Result<(), AppError> {
        let removed = self.store.write(|w| Ok::<_, AppError>(patrols::remove_plan(w, id)?))?;
        if removed { Ok(()) } else { Err(AppError::NotFound) }
    }

    /// All plans: those of the platform's pack, and this phone's own, which replace one of the same id. A plan that does not
    /// read is passed over: the others stay in force.
    ///
    /// # Errors
    /// Those of the store.
    pub fn plans(&self) -> Result<Vec<Plan>, AppError> {
        let (own, sent) = self
            .store
            .read(|r| Ok::<_, AppError>((patrols::plans(r)?, packs::active(r, PACK)?)))?;
        let sent = sent
            .map(|pack| pack.content.as_array().cloned().unwrap_or_default())
            .unwrap_or_default();
        let all = sent
            .into_iter()
            .chain(own)
            .filter_map(|doc| serde_json::from_value::<Plan>(doc).ok());
        let by_id: BTreeMap<String, Plan> = all.map(|plan| (plan.id.clone(), by_form(plan))).collect();
        Ok(by_id.into_values().collect())
    }

    /// The day it is by the platform's clock, as far as this phone has heard it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn day(&self) -> Result<NaiveDate, AppError> {
        Ok(china_day(self.moment()?))
    }

    /// Today's visits: one a place, the most urgent and nearest first.
    ///
    /// # Errors
    /// Those of the store.
    pub fn plan_today(&self, here: Option<Point>) -> Result<Vec<Visit>, AppError> {
        self.plan_on(self.day()?, here)
    }

    /// The visits of a day, given what has been done up to now.
    ///
    /// # Errors
    /// Those of the store.
    pub fn plan_on(&self, day: NaiveDate, here: Option<Point>) -> Result<Vec<Visit>, AppError> {
        let me = self
            .store
            .read(identity::get)?
            .map_or_else(|| StaffId(String::new()), |me| me.staff.id);
        let plans: Vec<Plan> = self
            .plans()?
            .into_iter()
            .filter(|plan| plan.enabled && plan.concerns(&me))
            .collect();
        let visited = self.visited()?;
        let mut rechecks = self.rechecks()?;
        let mut candidates = Vec::new();
        for record in self.targets(&plans, rechecks.keys().copied())? {
            let target = target_of(&record);
            let due: Vec<(&Plan, Due)> = plans
                .iter()
                .filter_map(|plan| {
                    let days = days_of(&visited, record.id, &plan.forms);
                    Some((plan, due(plan, &target, &days, day)?))
                })
                .collect();
            candidates.push(Candidate {
                record: record.id,
                name: name_of(&record),
                point: super::inspect::point_of(&record.body),
                risk: target.fields.get("risk").cloned().unwrap_or_default(),
                due,
                rechecks: rechecks.remove(&record.id).unwrap_or_default(),
            });
        }
        Ok(today(candidates, here, day))
    }

    /// Days of visits by place and checklist.
    fn visited(&self) -> Result<BTreeMap<(String, String), Vec<NaiveDate>>, AppError> {
        let mut by: BTreeMap<(String, String), Vec<NaiveDate>> = BTreeMap::new();
        for visit in self.store.read(inspections::visited)? {
            if let Ok(day) = visit.day.parse() {
                by.entry((visit.place, visit.form)).or_default().push(day);
            }
        }
        Ok(by)
    }

    /// Open hazards by place: the checklist to go through again, and the last day.
    fn rechecks(&self) -> Result<BTreeMap<RecordId, Vec<(String, NaiveDate)>>, AppError> {
        let mut by: BTreeMap<RecordId, Vec<(String, NaiveDate)>> = BTreeMap::new();
        for view in self.store.read(|r| inspections::open_hazards(r, None))? {
            let text = |name: &str| view.record.body.get(name).and_then(Value::as_str);
            let (Some(place), Some(form), Some(due)) = (text("place"), text("form"), text("due")) else {
                continue;
            };
            if let (Ok(place), Ok(due)) = (place.parse(), due.parse()) {
                by.entry(place).or_default().push((form.to_owned(), due));
            }
        }
        Ok(by)
    }

    /// Every living record that some plan may visit, or that waits for a recheck.
    fn targets(&self, plans: &[Plan], also: impl Iterator<Item = RecordId>) -> Result<Vec<Record>, AppError> {
        let mut found: BTreeMap<RecordId, Record> = BTreeMap::new();
        let mut named: Vec<RecordId> = also.collect();
        let mut kinds: Vec<&str> = Vec::new();
        for plan in plans {
            match &plan.targets {
                Targets::Kind { kind, .. } if !kinds.contains(&kind.as_str()) => kinds.push(kind),
                Targets::Kind { .. } => {}
                Targets::Set { records } => named.extend(records),
            }
        }
        for kind in kinds {
            let mut query = ListQuery {
                kind: Kind::of(kind),
                grid: None,
                state: None,
                after: None,
                limit: 1000,
            };
            loop {
                let page = self.list(&query)?;
                found.extend(page.items.into_iter().map(|view| (view.record.id, view.record)));
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        for id in named {
            // a place of a campaign may lie outside this phone's grids
            match self.living(id) {
                Ok(view) => drop(found.insert(id, view.record)),
                Err(AppError::NotFound | AppError::Ended) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(found.into_values().collect())
    }
}

/// Days on which a place was visited with any of a plan's checklists.
fn days_of(visited: &BTreeMap<(String, String), Vec<NaiveDate>>, place: RecordId, forms: &[String]) -> Vec<NaiveDate> {
    let days = forms
        .iter()
        .filter_map(|form| visited.get(&(place.to_string(), form.clone())));
    let mut days: Vec<NaiveDate> = days.flatten().copied().collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// A plan may name a shipped checklist by its code; everything else names it by the id of its form.
fn by_form(mut plan: Plan) -> Plan {
    for form in &mut plan.forms {
        if let Some(shipped) = shipped::find(form) {
            *form = shipped.form.to_owned();
        }
    }
    plan
}

fn target_of(record: &Record) -> Target {
    Target {
        record: record.id,
        kind: record.kind.0.clone(),
        fields: super::inspect::plain_fields(&record.body),
    }
}

fn name_of(record: &Record) -> String {
    let text = |name: &str| record.body.get(name).and_then(Value::as_str);
    text("name").or_else(|| text("address")).unwrap_or_default().to_owned()
}
