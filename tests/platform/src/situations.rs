//! The conflict table: situations in which a phone's operation meets the platform's record, each decided by the very code that
//! decides pushes, with the shipped automaton and schema. For people to read and for a test to hold. [`crate::exchanges`] has what
//! takes more than one operation.

use std::collections::BTreeMap;

use fushan_grid_core::merge::{Outcome, Versioned};
use fushan_grid_core::model::ids::{OpId, RecordId, StaffId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Body, Kind, Record};
use fushan_grid_core::model::time::{Hlc, UtcMillis};
use fushan_grid_core::rules::packs;
use fushan_grid_core::rules::workflow::{Actor, Workflow};
use fushan_grid_core::wire::push::OpStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::around::Around;
use crate::judge::{Dictionaries, Judge, Moment};

/// The grid all situations play in.
const GRID: &str = "370611001901001";

/// One situation with what must come of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    /// Its name.
    pub id: String,
    /// What happened, in Chinese.
    pub zh: String,
    /// What happened, in English.
    pub en: String,
    /// Kind of record.
    pub kind: String,
    /// The record as the platform holds it; none when it has none.
    pub held: Option<Held>,
    /// What the phone did, having seen revision 1.
    pub op: Action,
    /// The phone's wall clock.
    #[serde(default)]
    pub at: i64,
    /// Schema the phone wrote in.
    #[serde(default)]
    pub schema: u32,
    /// What must come of it.
    pub expect: Verdict,
}

/// A record as the platform holds it, at revision 2.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Its fields.
    pub body: Body,
    /// Fields that changed since the phone saw it.
    #[serde(default)]
    pub moved: Vec<String>,
    /// Its state.
    #[serde(default)]
    pub state: String,
    /// Whether it has ended.
    #[serde(default)]
    pub deleted: bool,
    /// The record it was merged into.
    #[serde(default)]
    pub merged_into: Option<Box<Held>>,
}

/// What came of a situation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Status answered.
    pub status: OpStatus,
    /// Code of a refusal, or a note on how it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Kind of the conflict raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Fields in the conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// State afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Fields afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Whether another record was touched in its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redirected: bool,
}

impl Verdict {
    /// Whether this verdict has all that `expected` names.
    #[must_use]
    pub fn fulfils(&self, expected: &Self) -> bool {
        let has = |mine: &Option<String>, theirs: &Option<String>| theirs.is_none() || mine == theirs;
        self.status == expected.status
            && has(&self.code, &expected.code)
            && self.what == expected.what
            && (expected.fields.is_none() || self.fields == expected.fields)
            && has(&self.state, &expected.state)
            && (expected.after.is_none() || self.after == expected.after)
            && self.redirected == expected.redirected
    }
}

/// All situations.
///
/// # Errors
/// When the table that ships with the platform does not read.
pub fn all() -> Result<Vec<Situation>, serde_json::Error> {
    serde_json::from_str(include_str!("situations.json"))
}

/// Decides on all situations, in their order.
///
/// # Errors
/// When the shipped dictionaries do not read.
pub fn decide_all(situations: &[Situation]) -> Result<Vec<Verdict>, Box<dyn std::error::Error>> {
    let dictionaries = Dictionaries {
        taxonomy: packs::taxonomy()?,
        limits: packs::limits()?,
        calendar: packs::calendar()?,
    };
    let workflow = Workflow::new(packs::incident_automaton()?)?;
    let judge = Judge::new(packs::registry()?, workflow, packs::roles()?, dictionaries);
    situations.iter().map(|s| decide(&judge, s)).collect()
}

fn decide(judge: &Judge, situation: &Situation) -> Result<Verdict, Box<dyn std::error::Error>> {
    let actor = Actor {
        staff: StaffId("s_1".into()),
        roles: vec!["GRID_STAFF".into()],
        grids: vec![GRID.parse()?],
        orgs: Vec::new(),
    };
    let moment = Moment {
        actor: &actor,
        now: UtcMillis(1_795_000_000_000),
        conflict_id: id(3),
        around: &Around::default(),
    };
    let held = situation.held.as_ref();
    let lives_on = held
        .and_then(|h| h.merged_into.as_deref())
        .map(|h| versioned(h, &situation.kind, id(2)))
        .transpose()?;
    let mut current = held.map(|h| versioned(h, &situation.kind, id(1))).transpose()?;
    if let (Some(current), Some(_)) = (&mut current, &lives_on) {
        current.record.body.insert("merged_into".to_owned(), json!(id(2)));
    }
    let op = Operation {
        op: OpId::v7(UtcMillis(1), [4; 10]),
        kind: Kind::of(&situation.kind),
        record: id(1),
        action: situation.op.clone(),
        base_rev: Some(1),
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc(1),
        at: UtcMillis(situation.at),
        schema: situation.schema,
    };
    let outcome = judge.decide(current.as_ref(), lives_on.as_ref(), &op, op.base_rev, &moment);
    Ok(verdict(outcome, current.as_ref()))
}

fn id(n: u8) -> RecordId {
    RecordId::v7(UtcMillis(n.into()), [n; 10])
}

fn versioned(held: &Held, kind: &str, id: RecordId) -> Result<Versioned, Box<dyn std::error::Error>> {
    let record = Record {
        id,
        kind: Kind::of(kind),
        grid: Some(GRID.parse()?),
        rev: 2,
        state: held.state.clone(),
        body: held.body.clone(),
        deleted: held.deleted,
    };
    let field_rev: BTreeMap<_, _> = held.moved.iter().map(|name| (name.clone(), 2)).collect();
    Ok(Versioned { record, field_rev })
}

fn verdict(outcome: Outcome, before: Option<&Versioned>) -> Verdict {
    let conflict = outcome.conflict.map(|c| c.body).unwrap_or_default();
    let what = conflict.get("what").and_then(Value::as_str).map(str::to_owned);
    let fields = conflict.get("fields").and_then(Value::as_object);
    let fields = fields.map(|f| f.keys().cloned().collect());
    let after = outcome.after.map(|v| v.record);
    let state = after.as_ref().or(before.map(|v| &v.record)).map(|r| r.state.clone());
    let after = after.map(|record| without_stamps(Value::Object(record.body)));
    Verdict {
        status: outcome.status,
        code: outcome.code,
        what,
        fields,
        state: state.filter(|s| !s.is_empty()),
        after,
        redirected: outcome.redirected.is_some(),
    }
}

/// A body without what is stamped with the platform's clock.
pub(crate) fn without_stamps(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "history" | "late_evidence_at"));
    }
    body
}
