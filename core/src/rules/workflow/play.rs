//! A stage for the tests: the shipped dictionaries, one person for each role, and arguments that every step is content with.

use serde_json::{Value, json};

use super::{Actor, Facts, Refusal, Workflow};
use crate::model::ids::{RecordId, StaffId};
use crate::model::incident::Taxonomy;
use crate::model::record::{Body, Kind, Record};
use crate::model::time::UtcMillis;
use crate::rules::deadline::{Calendar, LimitBook};
use crate::rules::packs;

pub(super) const GRID: &str = "370611001901001";
pub(super) const BUREAU: &str = "bureau";

pub(super) fn body(value: Value) -> Body {
    value.as_object().cloned().unwrap_or_default()
}

pub(super) struct Stage {
    pub(super) workflow: Workflow,
    pub(super) taxonomy: Taxonomy,
    pub(super) limits: LimitBook,
    pub(super) calendar: Calendar,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self {
            workflow: Workflow::new(packs::incident_automaton().unwrap()).unwrap(),
            taxonomy: packs::taxonomy().unwrap(),
            limits: packs::limits().unwrap(),
            calendar: packs::calendar().unwrap(),
        }
    }

    pub(super) fn take(
        &self,
        record: &mut Record,
        event: &str,
        actor: &Actor,
        args: Value,
        now: UtcMillis,
        master: Option<&Record>,
    ) -> Result<(), Refusal> {
        let category = record.body.get("category").and_then(Value::as_str);
        let category = category.and_then(|code| self.taxonomy.category(code)).cloned();
        let facts = Facts {
            master,
            ..Facts::new(category.as_ref(), now, &self.limits, &self.calendar)
        };
        self.workflow
            .take(record, event, &actor.roles[0], &body(args), actor, facts)
    }

    /// The transition whose id begins so.
    pub(super) fn id(&self, number: u32) -> String {
        let start = format!("T{number:02}_");
        let found = self
            .workflow
            .automaton
            .transitions
            .iter()
            .find(|t| t.id.starts_with(&start));
        found.unwrap().id.clone()
    }
}

/// One person for each role; the department's people work for the bureau, everybody else in the grid.
pub(super) fn person(role: &str) -> Actor {
    let department = role.starts_with("DEPT");
    Actor {
        staff: StaffId(format!("s_{}", role.to_lowercase())),
        roles: vec![role.to_owned()],
        grids: if department {
            Vec::new()
        } else {
            vec![GRID.parse().unwrap()]
        },
        orgs: if department {
            vec![BUREAU.to_owned()]
        } else {
            Vec::new()
        },
    }
}

/// A report that no guard of the reporter minds; not yet in any state.
pub(super) fn blank(number: u8, category: &str) -> Record {
    let fields = json!({
        "title": "t", "category": category, "description": "d", "severity": "GENERAL", "urgency": "NORMAL",
        "channel": "CITIZEN", "point": {"lon_e7": 1_212_648_010, "lat_e7": 375_029_030}, "reporter": "s_grid_staff",
        "attachments": [{"role": "near"}, {"role": "far"}, {"role": "after"}]
    });
    Record {
        id: RecordId::v7(UtcMillis(1), [number; 10]),
        kind: Kind::of(Kind::INCIDENT),
        grid: Some(GRID.parse().unwrap()),
        rev: 1,
        state: String::new(),
        body: body(fields),
        deleted: false,
    }
}

/// Arguments that a step is content with. `main` is whom it is dispatched to.
pub(super) fn args(number: u32, main: &str, now: UtcMillis) -> Value {
    match number {
        7 => json!({"result": "exist"}),
        9 => json!({"reason_code": "unverifiable", "reply": "told"}),
        10 => json!({"missing": ["address"]}),
        13 => json!({"main": main, "co": ["helpers"]}),
        14 => json!({"main": main, "co": [], "reason": "r", "person": "s_other"}),
        20 => json!({"limit": "2 WORK_DAY", "reason": "r"}),
        21 => json!({"granted": "2 WORK_DAY"}),
        22 => json!({"reason_code": "APPRAISAL", "until": now.plus(5 * 86_400_000)}),
        24 => json!({"result": "resolved", "note": "done"}),
        26 => json!({"result": "pass", "point": {"lon_e7": 1_212_648_010, "lat_e7": 375_029_030}}),
        28 => json!({"reply": "told"}),
        29 => json!({"reason": "r", "second": "s_second"}),
        30 => json!({"satisfaction": 4, "solved": true}),
        32 => json!({"level": 1}),
        34 => json!({"urgency": "URGENT"}),
        36 => json!({"answer": "a"}),
        _ => json!({"reason": "r", "note": "n"}),
    }
}
