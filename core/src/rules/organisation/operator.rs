//! What the operating company sees: who is posted where, and how much was done. No resident, no place, no text of a case leaves here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use crate::model::area::AreaCode;
use crate::model::ids::StaffId;
use crate::model::org::{AreaNode, Posting, RoleBook};
use crate::model::record::{Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::org_check::check_staffing;

/// Posts of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Staffing {
    /// People in post, by role.
    pub in_post: BTreeMap<String, usize>,
    /// Grids that lack somebody, with what they lack: an alarm.
    pub alarms: Vec<(AreaCode, String)>,
}

/// What one person has done in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Performance {
    /// Reports sent.
    pub reported: u64,
    /// Closed on the spot.
    pub self_closed: u64,
    /// Cases signed for.
    pub signed: u64,
    /// Cases put right.
    pub handled: u64,
    /// Checks made.
    pub checked: u64,
    /// Cases that came back after a check of their work.
    pub reworked: u64,
}

impl std::ops::AddAssign for Performance {
    fn add_assign(&mut self, other: Self) {
        self.reported += other.reported;
        self.self_closed += other.self_closed;
        self.signed += other.signed;
        self.handled += other.handled;
        self.checked += other.checked;
        self.reworked += other.reworked;
    }
}

/// Who is in post on a day, and where somebody is missing.
#[must_use]
pub fn staffing(nodes: &[AreaNode], posts: &[Posting], book: &RoleBook, day: NaiveDate) -> Staffing {
    let mut in_post: BTreeMap<String, std::collections::BTreeSet<&StaffId>> = BTreeMap::new();
    for post in posts.iter().filter(|post| post.is_in_force(day)) {
        in_post.entry(post.role.clone()).or_default().insert(&post.staff);
    }
    let lacking = check_staffing(nodes, posts, book, day);
    let alarms = lacking.into_iter().filter(|f| f.code.starts_with("grid_without"));
    Staffing {
        in_post: in_post.into_iter().map(|(role, people)| (role, people.len())).collect(),
        alarms: alarms.map(|finding| (finding.area, finding.code.to_owned())).collect(),
    }
}

/// What each person has done from one moment up to another, counted from the histories.
#[must_use]
pub fn performance(records: &[Record], from: UtcMillis, until: UtcMillis) -> BTreeMap<StaffId, Performance> {
    let mut done: BTreeMap<StaffId, Performance> = BTreeMap::new();
    for record in records.iter().filter(|r| r.kind.is(Kind::INCIDENT)) {
        let history = record.body.get("history").and_then(Value::as_array);
        let mut handler: Option<StaffId> = None;
        for line in history.into_iter().flatten() {
            let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
            let at = UtcMillis(line.get("at").and_then(Value::as_i64).unwrap_or(0));
            let actor = StaffId(text("actor").to_owned());
            let event = text("event").get(..3).unwrap_or_default();
            if event == "T24" {
                handler = Some(actor.clone());
            }
            if at < from || at >= until {
                continue;
            }
            // a rework is told of whose work came back
            let whose = if event == "T27" { handler.clone() } else { Some(actor) };
            let Some(whose) = whose.filter(|staff| !staff.0.is_empty()) else {
                continue;
            };
            count(done.entry(whose).or_default(), event);
        }
    }
    done.retain(|_, performance| *performance != Performance::default());
    done
}

fn count(performance: &mut Performance, event: &str) {
    let counter = match event {
        "T02" => &mut performance.reported,
        "T04" => &mut performance.self_closed,
        "T17" => &mut performance.signed,
        "T24" => &mut performance.handled,
        "T26" => &mut performance.checked,
        "T27" => &mut performance.reworked,
        _ => return,
    };
    *counter += 1;
}
