//! I2, strictly: the platform's history, replayed by a second and simpler reading of the merge rules, gives what the platform
//! holds. An operation whose writer had not seen a value may take its place only by a stated policy.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::op::{Action, Choice, Operation};
use fushan_grid_core::model::record::{Body, Record};
use fushan_grid_core::wire::push::{OpResult, OpStatus};
use serde_json::Value;

use crate::oracle::HistoryLine;
use crate::world::World;

/// Fields that are followed: two people may not both change them unseen.
const FOLLOWED: [&str; 7] = [
    "live_addr",
    "care_need",
    "purpose",
    "title",
    "description",
    "x_later",
    LAST_WINS,
];
/// The field in which the later arrival is the later write.
const LAST_WINS: &str = "next_verify_due";

type Bodies = BTreeMap<RecordId, BTreeMap<String, Value>>;

impl World {
    /// Replays the platform's history.
    pub fn replay_history(&self, records: &BTreeMap<RecordId, Record>) {
        // what phones send again after a restore stands on values the platform has lost
        if self.server.restores.get() > 0 {
            return;
        }
        let receipts = self.oracle().receipts();
        let mut bodies = Bodies::new();
        // what was written to a merged incident went to another one: reports are followed only where none was merged
        let merged = records.values().any(|r| r.state == "MERGED");
        let followed = |line: &HistoryLine| !(merged && line.op.kind.is("incident"));
        for line in self.oracle().all_history().into_iter().filter(followed) {
            let answer = receipts.get(&line.op.op);
            if line.by_phone && answer.is_none() {
                return self.broken("I3", format!("operation {} took effect without a receipt", line.op.op));
            }
            self.follow(&mut bodies, &line.op, answer, records);
            if self.failed() {
                return self.tell_history(line.op.record);
            }
        }
        self.judge_counts(records);
        for (id, body) in bodies {
            let Some(record) = records.get(&id).filter(|r| !r.deleted) else {
                continue;
            };
            for (field, value) in body {
                let held = record.body.get(&field).unwrap_or(&Value::Null);
                if *held != value {
                    self.broken(
                        "I2",
                        format!("{field} of {id} should be {value}, the platform has {held}"),
                    );
                }
            }
        }
    }

    /// I3: each revision was made by one operation; a resolution makes one of the record it is about as well.
    fn judge_counts(&self, records: &BTreeMap<RecordId, Record>) {
        let history = self.oracle().all_history();
        let receipts = self.oracle().receipts();
        // an operation on a merged incident counts on another one
        for record in records.values().filter(|r| r.kind.is("person")) {
            let own = history.iter().filter(|l| l.op.record == record.id);
            let made: std::collections::BTreeSet<i64> = own.map(|l| l.rev).collect();
            let resolved = history.iter().filter(|l| {
                let about = records
                    .get(&l.op.record)
                    .and_then(|c| c.body.get("record"))
                    .and_then(Value::as_str);
                let taken = receipts.get(&l.op.op).is_some_and(|a| a.status == OpStatus::Applied);
                matches!(l.op.action, Action::Resolve { .. }) && taken && about == Some(&record.id.to_string())
            });
            let most = made.len() + resolved.count() + 1;
            if usize::try_from(record.rev).unwrap_or(0) > most {
                let how = format!(
                    "{} has revision {}, but only {most} operations can have made one",
                    record.id, record.rev
                );
                return self.broken("I3", how);
            }
        }
    }

    /// Puts what happened to a record into the trace of a failure.
    pub fn tell_history(&self, record: RecordId) {
        let receipts = self.oracle().receipts();
        for line in self.oracle().all_history() {
            let answer = receipts.get(&line.op.op);
            let about_it = line.op.record == record || matches!(line.op.action, Action::Resolve { .. });
            if about_it {
                let told = answer.map(|a| (a.status, a.rev, a.conflict, a.code.clone()));
                let (base_rev, base_op) = (line.op.base_rev, line.op.base_op);
                self.note(format!(
                    "  rev {} {} base {base_rev:?} {base_op:?} {} -> {told:?}",
                    line.rev,
                    line.op.op,
                    serde_json::json!(line.op.action)
                ));
            }
        }
    }

    fn follow(
        &self,
        bodies: &mut Bodies,
        op: &Operation,
        answer: Option<&OpResult>,
        records: &BTreeMap<RecordId, Record>,
    ) {
        let status = answer.map_or(OpStatus::Applied, |a| a.status);
        let none = Body::new();
        match &op.action {
            Action::Create { body, .. } if status == OpStatus::Applied => {
                let followed = FOLLOWED
                    .iter()
                    .filter_map(|f| Some(((*f).to_owned(), body.get(*f)?.clone())));
                bodies.insert(op.record, followed.collect());
            }
            Action::Patch { base, set } | Action::Transition { base, set, .. } => {
                // these codes go with an operation whose fields are merged one by one
                let whole = answer
                    .and_then(|a| a.code.as_deref())
                    .is_some_and(|code| !["rebased", "late_scope"].contains(&code));
                if !(whole && status == OpStatus::Conflict) {
                    self.follow_fields(bodies, op, (base, set), status, answer);
                }
            }
            Action::Resolve { choice } if status == OpStatus::Applied => {
                let conflict = records.get(&op.record).map_or(&none, |r| &r.body);
                resolve(bodies, conflict, choice);
            }
            Action::Withdraw { .. } if status == OpStatus::Applied => {
                bodies.remove(&op.record);
            }
            _ => {}
        }
    }

    fn follow_fields(
        &self,
        bodies: &mut Bodies,
        op: &Operation,
        (base, set): (&Body, &Body),
        status: OpStatus,
        answer: Option<&OpResult>,
    ) {
        let body = bodies.entry(op.record).or_default();
        for (field, new) in set.iter().filter(|(f, _)| FOLLOWED.contains(&f.as_str())) {
            let held = body.get(field).cloned().unwrap_or(Value::Null);
            let seen = base.get(field).unwrap_or(&Value::Null);
            if held == *new {
                continue;
            }
            if held == *seen || field == LAST_WINS {
                body.insert(field.clone(), new.clone());
                continue;
            }
            let shown = answer.is_some_and(|a| a.conflict.is_some() && a.fields.contains(field));
            if status != OpStatus::Conflict || !shown {
                let how = format!(
                    "{} put {new} in the place of {held}, which its writer had not seen",
                    op.op
                );
                self.broken("I2", format!("{field} of {}: {how}", op.record));
            }
        }
    }
}

fn resolve(bodies: &mut Bodies, conflict: &Body, choice: &Choice) {
    let target = conflict
        .get("record")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok());
    let Some(body) = target.and_then(|id: RecordId| bodies.get_mut(&id)) else {
        return;
    };
    let fields = conflict
        .get("fields")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let wanted: Body = match choice {
        Choice::Platform | Choice::FollowUp { .. } => Body::new(),
        Choice::Values { set } => set.clone(),
        Choice::Phone => fields
            .iter()
            .map(|(f, sides)| (f.clone(), sides.get("phone").cloned().unwrap_or(Value::Null)))
            .collect(),
    };
    for (field, value) in wanted.into_iter().filter(|(f, _)| FOLLOWED.contains(&f.as_str())) {
        body.insert(field, value);
    }
}
