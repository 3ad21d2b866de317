//! Counts for the screen.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveTime, TimeZone};
use fushan_grid_core::model::incident::is_over;
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::workflow::PLACED;
use serde_json::{Value, json};

use crate::Platform;
use crate::books::Books;
use crate::organisation;
use crate::store::{self, StepTaken, Stored};

/// Overdue incidents and steps shown.
const SHOWN: u32 = 14;

/// The seven steps, and the state in which an incident stands before each is done (domain dictionary 4.4).
const STEPS: [(&str, &str, &[&str]); 7] = [
    ("上报", "report", &["REPORTED", "VERIFYING", "RETURNED"]),
    ("受理", "accept", &["ACCEPTED"]),
    ("分拨", "dispatch", &["DISPATCHED"]),
    ("处置", "dispose", &["DISPOSING", "SUSPENDED"]),
    ("反馈", "feedback", &["FEEDBACK", "CHECKING"]),
    ("结案", "close", &["CLOSED"]),
    ("评价", "evaluate", &["EVALUATED"]),
];

/// Grids with their boundaries, in ten-millionths of a degree.
pub(crate) fn map(platform: &Platform) -> Stored<Value> {
    let books = platform.shelf.books(&*platform.store)?;
    let grids: Vec<Value> = books
        .grids()
        .iter()
        .map(|grid| {
            let ring: Vec<[i32; 2]> = grid.ring.iter().map(|p| [p.lon_e7, p.lat_e7]).collect();
            json!({"code": grid.code, "name": grid.name, "ring": ring})
        })
        .collect();
    let district = books.area(&books.channels.district).map(|node| node.name.clone());
    Ok(json!({"district": district, "grids": grids}))
}

/// What is now.
pub(crate) fn now(platform: &Platform) -> Stored<Value> {
    let books = platform.shelf.books(&*platform.store)?;
    let now = platform.now();
    let midnight = midnight(now, books.calendar.offset_minutes());
    store::read(&*platform.store, |tx| {
        let states = tx.state_counts(midnight, now)?;
        let steps: Vec<Value> = STEPS
            .iter()
            .map(|(zh, en, of)| {
                let mine = || states.iter().filter(|count| of.contains(&count.state.as_str()));
                let level = |n: u8| {
                    mine()
                        .filter(|count| count.level == n)
                        .map(|count| count.today)
                        .sum::<u64>()
                };
                json!({
                    "zh": zh, "en": en, "levels": [level(1), level(2), level(3)],
                    "today": mine().map(|count| count.today).sum::<u64>(),
                    "all": mine().map(|count| count.all).sum::<u64>(),
                    "overdue": mine().map(|count| count.overdue).sum::<u64>(),
                })
            })
            .collect();
        let total = |f: &dyn Fn(&store::StateCount) -> u64| states.iter().map(f).sum::<u64>();
        let grids: Vec<Value> = tx
            .grid_counts(now)?
            .into_iter()
            .map(|g| json!([g.grid, g.open, g.overdue]))
            .collect();
        let overdue: Vec<Value> = tx
            .most_overdue(now, SHOWN)?
            .iter()
            .map(|row| {
                json!({
                    "case_no": row.case_no, "category": category(&books, &row.category), "level": row.level,
                    "grid": place(&books, &row.grid), "due": row.due_at, "org": org(&books, &row.main),
                })
            })
            .collect();
        let feed: Vec<Value> = tx
            .last_steps(SHOWN)?
            .iter()
            .map(|taken| step(platform, &books, taken))
            .collect();
        let mut alarms: BTreeMap<&str, usize> = BTreeMap::new();
        for alarm in organisation::of_areas(tx, &books, &platform.judge.roles, now)? {
            *alarms.entry(alarm.code).or_default() += 1;
        }
        Ok(json!({
            "alarms": alarms, "now": now, "offset_minutes": books.calendar.offset_minutes(), "today": total(&|c| c.today),
            "open": total(&|c| if is_over(&c.state) { 0 } else { c.all }), "overdue": total(&|c| c.overdue),
            "closed_today": total(&|c| if matches!(c.state.as_str(), "CLOSED" | "EVALUATED") { c.today } else { 0 }),
            "steps": steps, "grids": grids, "late": overdue, "feed": feed,
        }))
    })
}

/// When the district's day began.
fn midnight(now: UtcMillis, offset_minutes: i32) -> UtcMillis {
    let zone = FixedOffset::east_opt(offset_minutes.saturating_mul(60));
    let start = zone
        .zip(DateTime::from_timestamp_millis(now.0))
        .and_then(|(zone, now)| {
            let day = now.with_timezone(&zone).date_naive();
            zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).single()
        });
    start.map_or(now, |start| UtcMillis(start.timestamp_millis()))
}

fn category(books: &Books, code: &str) -> String {
    books
        .category(code)
        .map_or_else(|| code.to_owned(), |category| category.zh.clone())
}

fn place(books: &Books, code: &str) -> String {
    books.area(code).map_or_else(String::new, |node| node.name.clone())
}

fn org(books: &Books, id: &str) -> String {
    books.dispatch.org(id).map_or_else(String::new, |org| org.zh.clone())
}

/// A step in words: which, of what category, where. Arguments stay out: they may hold what somebody typed.
fn step(platform: &Platform, books: &Books, taken: &StepTaken) -> Value {
    let op: Option<Operation> = serde_json::from_str(&taken.doc).ok();
    let event = match op.map(|op| op.action) {
        Some(Action::Transition { event, .. }) => event,
        Some(Action::Create { .. }) => "T01_SAVE_DRAFT".to_owned(),
        Some(Action::Patch { set, .. }) => set
            .get("history")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        _ => String::new(),
    };
    let names: BTreeMap<&str, String> = platform
        .judge
        .workflow
        .transition(&event)
        .map(|t| BTreeMap::from([("zh", t.zh.clone()), ("en", t.en.clone())]))
        .or_else(|| {
            (event == PLACED).then(|| BTreeMap::from([("zh", "确定网格".to_owned()), ("en", "Placed".to_owned())]))
        })
        .unwrap_or_default();
    json!({
        "at": taken.at, "zh": names.get("zh"), "case_no": taken.case_no, "category": category(books, &taken.category),
        "grid": place(books, &taken.grid),
    })
}
