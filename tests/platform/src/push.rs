//! Takes the operations of a push: receipts, order, groups, rights, merge, all in one transaction per group.

mod plan;

use std::collections::BTreeMap;

use fushan_grid_core::merge::{Versioned, redirect_of};
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::OpId;
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::validate::china_day;
use fushan_grid_core::rules::workflow::{Actor, was_handler};
use fushan_grid_core::wire::limits;
use fushan_grid_core::wire::push::{NumberedOp, OpResult, OpStatus, PushReply, PushRequest};

use serde_json::Value;

use crate::Platform;
use crate::around::Around;
use crate::cited::unknown_inspection;
use crate::judge::Moment;
use crate::mobilise::pushed;
use crate::operation::{conflict_id, digest, may_write, rejected, scopes_of, target_of, written};
use crate::organisation::{Rights, Seen};
use crate::store::{self, Device, Receipt, Stored, TrainingMark, Tx};
use plan::{Plan, seen};

/// Why a push as a whole is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PushFault {
    /// A number is missing: start again at this one.
    Held { expected_n: u64 },
    /// Numbers are used again for other operations: the database was cloned or restored.
    Forked,
}

/// Takes a push in one transaction: effects, receipts and count together. A refused group changes nothing and is answered, so
/// it does not keep the others back.
pub(crate) fn push(
    platform: &Platform,
    device: &Device,
    actor: &Actor,
    request: &PushRequest,
) -> Stored<Result<PushReply, PushFault>> {
    let now = platform.now();
    let about: Vec<_> = request.ops.iter().map(|op| (op.op.op, op.op.record)).collect();
    #[cfg(feature = "planted")]
    let mut told = None;
    let taken = store::write(&*platform.store, |tx| {
        #[cfg(feature = "planted")]
        crate::planted::write_apart(tx)?;
        let start = tx.start_push(device.id, &about)?;
        let mut device = start.device.unwrap_or_else(|| device.clone());
        if device.incarnation != request.incarnation {
            device.incarnation = request.incarnation;
            device.next_n = 1;
        }
        if let Some(fault) = out_of_order(&device, request, &start.receipts) {
            return Ok(Err(fault));
        }
        let rights = Rights::of(tx, &actor.staff)?;
        let mut taker = Taker {
            rights,
            platform,
            tx,
            device: &device,
            actor,
            now,
            sent_at: request.sent_at,
            receipts: start.receipts,
        };
        let mut results = Vec::with_capacity(request.ops.len());
        for unit in units(&request.ops) {
            results.extend(taker.unit(unit)?);
        }
        let last = request.ops.iter().map(|op| op.n + 1).max().unwrap_or(0);
        device.next_n = device.next_n.max(last);
        tx.touch_device(&device, now)?;
        let reply = PushReply {
            results,
            expected_n: device.next_n,
            server_time: now,
        };
        #[cfg(feature = "planted")]
        if crate::planted::answers_early() {
            told = Some(reply);
            return Err(store::StoreError::Lost);
        }
        Ok(Ok(reply))
    });
    #[cfg(feature = "planted")]
    if let Some(reply) = told {
        return Ok(Ok(reply));
    }
    taken
}

/// Numbers must go on without a gap; an earlier number must be of an operation that was answered.
fn out_of_order(device: &Device, request: &PushRequest, receipts: &BTreeMap<OpId, Receipt>) -> Option<PushFault> {
    let mut expected = device.next_n;
    for op in &request.ops {
        if op.n > expected {
            return Some(PushFault::Held {
                expected_n: device.next_n,
            });
        }
        if op.n == expected {
            expected += 1;
        } else if !receipts.contains_key(&op.op.op) {
            return Some(PushFault::Forked);
        }
    }
    None
}

/// Neighbouring operations of one group belong together, all others stand alone.
fn units(ops: &[NumberedOp]) -> Vec<&[NumberedOp]> {
    let together = |a: &NumberedOp, b: &NumberedOp| match (&a.op.group, &b.op.group) {
        (Some(a), Some(b)) => a.id == b.id,
        _ => false,
    };
    ops.chunk_by(together).collect()
}

/// Whether an actor may touch a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is theirs.
    Now,
    /// It was theirs when they did it.
    Late,
    /// It is not.
    None,
}

struct Taker<'a, 't> {
    platform: &'a Platform,
    tx: &'a mut Tx<'t>,
    device: &'a Device,
    actor: &'a Actor,
    now: UtcMillis,
    /// The phone's clock at sending.
    sent_at: UtcMillis,
    /// Answers given before, and in this push.
    receipts: BTreeMap<OpId, Receipt>,
    /// Posts and trainings of somebody who has posts.
    rights: Option<Rights>,
}

impl Taker<'_, '_> {
    /// A group is refused as a whole when one of its members is: the members are looked at first, written afterwards.
    fn unit(&mut self, unit: &[NumberedOp]) -> Stored<Vec<OpResult>> {
        let complete = unit
            .first()
            .and_then(|op| op.op.group)
            .is_none_or(|g| g.of as usize == unit.len());
        let mut planned: Vec<(&Operation, Plan)> = Vec::new();
        for NumberedOp { op, .. } in unit {
            let plan = match self.answered(op)? {
                Some(result) => Plan::answered(result),
                None if !complete => Plan::refused("group_incomplete"),
                None => self.plan(op, &planned, unit)?,
            };
            planned.push((op, plan));
        }
        let spoiled = planned
            .iter()
            .any(|(_, p)| !p.repeat && p.result_status() == OpStatus::Rejected);
        let mut results = Vec::new();
        for (op, plan) in planned {
            let plan = match spoiled && !plan.repeat && plan.result_status() != OpStatus::Rejected {
                true => Plan::refused("group_refused"),
                false => plan,
            };
            results.push(self.carry_out(op, plan)?);
        }
        Ok(results)
    }

    /// The answer an operation has got already.
    fn answered(&mut self, op: &Operation) -> Stored<Option<OpResult>> {
        let Some(receipt) = self.receipts.get(&op.op).cloned() else {
            return Ok(None);
        };
        if receipt.hash != digest(op) {
            return Ok(Some(rejected(op, "idempotency_mismatch", Vec::new())));
        }
        let mut result = receipt.result;
        result.record = self.tx.record(op.record)?.map(|v| v.record);
        Ok(Some(result))
    }

    /// A receipt of this push or an earlier one.
    fn receipt(&mut self, op: OpId) -> Stored<Option<Receipt>> {
        match self.receipts.get(&op) {
            Some(receipt) => Ok(Some(receipt.clone())),
            None => self.tx.receipt(self.device.id, op),
        }
    }

    fn plan(&mut self, op: &Operation, before: &[(&Operation, Plan)], unit: &[NumberedOp]) -> Stored<Plan> {
        // an earlier member of the same group has not been written yet
        let planned = before
            .iter()
            .rev()
            .find_map(|(_, p)| p.after.as_ref().filter(|v| v.record.id == op.record));
        let current = match planned {
            Some(planned) => Some(planned.clone()),
            None => self.tx.record(op.record)?,
        };
        if op.kind.is(Kind::MOBILISATION) {
            let answered = pushed(self.tx, current.as_ref(), op, &self.actor.staff, self.now)?;
            return Ok(answered.map_or_else(Plan::refused, Plan::applied));
        }
        if !self.platform.judge.knows(&op.kind) || current.as_ref().is_some_and(|c| c.record.kind != op.kind) {
            return Ok(Plan::refused("unknown_kind"));
        }
        if written(op).len() > limits::BODY_BYTES {
            return Ok(Plan::refused("too_large"));
        }
        if !may_write(&self.actor.roles) {
            return Ok(Plan::refused("permission"));
        }
        let grid = match (&op.action, &current) {
            (_, Some(current)) => current.record.grid.clone(),
            (Action::Create { grid, .. }, None) => Some(grid.clone()),
            _ => None,
        };
        let standing = self.standing(op, grid.as_ref(), current.as_ref().map(|c| &c.record))?;
        if standing == Standing::None {
            return Ok(Plan::refused("scope"));
        }
        let mark = match self.by_training(op, current.as_ref().map(|c| &c.record)) {
            Seen::Fit => None,
            Seen::Marked(role, course) => Some((role, course)),
            Seen::Refused(course) => {
                let mut plan = Plan::refused("training_missing");
                plan.fields = vec![course];
                return Ok(plan);
            }
        };
        let invalid = self.platform.judge.invalid(current.as_ref(), op, self.now);
        if !invalid.is_empty() {
            let mut plan = Plan::refused("validation");
            plan.fields = invalid;
            return Ok(plan);
        }
        if unknown_inspection(self.tx, op, current.as_ref().map(|c| &c.record), unit)? {
            return Ok(Plan::refused("inspection_unknown"));
        }
        if let Action::Resolve { choice } = &op.action {
            let Some(conflict) = current.filter(|c| c.record.kind.is(Kind::CONFLICT)) else {
                return Ok(Plan::refused("unknown_entity"));
            };
            let target = match target_of(&conflict.record) {
                Some(id) => self.tx.record(id)?,
                None => None,
            };
            let around = Around::default();
            let moment = self.moment(op, &around);
            let resolution = self
                .platform
                .judge
                .resolve(&conflict, target.as_ref(), op, choice, &moment);
            return Ok(Plan {
                also: resolution.target,
                ..Plan::of(resolution.conflict)
            });
        }
        let base_rev = self.base_of(op, before)?;
        let lives_on = match current.as_ref().and_then(|c| redirect_of(&c.record)) {
            Some(id) => self.tx.record(id)?,
            None => None,
        };
        let judge = &self.platform.judge;
        let around = Around::of(self.tx, op, current.as_ref().map(|c| &c.record))?;
        let moment = self.moment(op, &around);
        let outcome = judge.decide(current.as_ref(), lives_on.as_ref(), op, base_rev, &moment);
        let mut plan = Plan {
            seen: seen(current.as_ref(), base_rev, &outcome),
            also: around.takes_in(op, &outcome),
            ..Plan::of(outcome)
        };
        if standing == Standing::Late && plan.code.is_none() {
            plan.code = Some("late_scope".to_owned());
        }
        if mark.is_some() && plan.code.is_none() {
            plan.code = Some("training_missing".to_owned());
        }
        plan.mark = mark;
        Ok(plan)
    }

    /// Whether the actor may touch a record of that grid. What was done while the phone held the grid still counts after it was
    /// given to somebody else (grace rule): the moment of doing is the platform's clock less what passed on the phone since, so
    /// that a wrong clock does not matter. How long the push was on its way nobody knows: it is taken for as long as can be,
    /// since that counts for the worker.
    fn standing(&mut self, op: &Operation, grid: Option<&GridCode>, record: Option<&Record>) -> Stored<Standing> {
        let Some(grid) = grid else { return Ok(Standing::Now) };
        if self.actor.grids.contains(grid) {
            return Ok(Standing::Now);
        }
        // one's own conflicts follow a person, wherever they work now
        let own = record
            .filter(|r| r.kind.is(Kind::CONFLICT))
            .and_then(|r| r.body.get("actor"));
        if own.and_then(Value::as_str) == Some(self.actor.staff.0.as_str()) {
            return Ok(Standing::Now);
        }
        // a case is, or was, in their hands: what they did there is never lost (domain dictionary 4.6)
        if record.is_some_and(|r| r.kind.is(Kind::INCIDENT) && was_handler(r, self.actor)) {
            return Ok(Standing::Now);
        }
        let at_last = self.now.plus(-self.sent_at.since(op.at));
        let at_first = at_last.plus(-self.platform.on_the_way_ms);
        let staff = &self.actor.staff;
        Ok(match self.tx.was_assigned(staff, grid.as_str(), at_first, at_last)? {
            true => Standing::Late,
            false => Standing::None,
        })
    }

    /// What the trainings of whoever pushes make of an operation, on the day on which it was done; about midnight the better day
    /// counts, as under the grace rule.
    fn by_training(&self, op: &Operation, current: Option<&Record>) -> Seen {
        let Some(rights) = &self.rights else { return Seen::Fit };
        let at_last = self.now.plus(-self.sent_at.since(op.at).max(0));
        let at_first = at_last.plus(-self.platform.on_the_way_ms);
        let book = &self.platform.judge.roles;
        match rights.judge(op, current, china_day(at_last), book) {
            Seen::Fit => Seen::Fit,
            _ => rights.judge(op, current, china_day(at_first), book),
        }
    }

    fn moment<'m>(&'m self, op: &Operation, around: &'m Around) -> Moment<'m> {
        Moment {
            actor: self.actor,
            now: self.now,
            conflict_id: conflict_id(op),
            around,
        }
    }

    /// Through which revision the phone had seen the record. For an operation that stands on an earlier one of its phone this
    /// is what that one's phone had seen, not the revision it got: others may have written in between.
    fn base_of(&mut self, op: &Operation, before: &[(&Operation, Plan)]) -> Stored<Option<i64>> {
        let Some(base) = op.base_op else { return Ok(op.base_rev) };
        match before.iter().find(|(o, _)| o.op == base).and_then(|(_, p)| p.seen) {
            Some(seen) => Ok(Some(seen)),
            None => Ok(self.receipt(base)?.and_then(|r| r.seen)),
        }
    }

    fn carry_out(&mut self, op: &Operation, plan: Plan) -> Stored<OpResult> {
        if let Some(result) = plan.answer {
            return Ok(result);
        }
        #[cfg(feature = "planted")]
        crate::planted::close_conflicts(self.tx, op.record)?;
        let written = [plan.after.as_ref(), plan.also.as_ref()];
        for versioned in written.into_iter().flatten() {
            #[cfg(feature = "planted")]
            let versioned = &crate::planted::narrowed(versioned, &self.platform.judge.schema);
            self.tx.put(versioned, &scopes_of(&versioned.record))?;
        }
        if let Some(conflict) = &plan.conflict {
            let versioned = Versioned {
                record: conflict.clone(),
                field_rev: BTreeMap::new(),
            };
            self.tx.put(&versioned, &scopes_of(conflict))?;
        }
        let current = self.tx.record(op.record)?.map(|v| v.record);
        let rev = current.as_ref().map(|r| r.rev);
        if let Some((role, course)) = plan.mark.filter(|_| plan.status != OpStatus::Rejected) {
            let (op, staff, at) = (op.op, self.actor.staff.clone(), self.now);
            self.tx.mark_untrained(&TrainingMark {
                op,
                staff,
                role,
                course,
                at,
            })?;
        }
        if plan.status != OpStatus::Rejected {
            self.tx
                .history(op, rev.unwrap_or(0), &self.actor.staff, Some(self.device.id), self.now)?;
            let mut known: Vec<Scope> = self.actor.grids.iter().map(Scope::grid).collect();
            known.push(Scope::user(&self.actor.staff));
            known.extend(self.actor.orgs.iter().map(|org| Scope::org(org)));
            let touched = plan.after.iter().map(|v| &v.record);
            for scope in current.iter().chain(touched).flat_map(scopes_of) {
                for cited in &op.evidence {
                    self.tx.cite(self.device.id, cited.sha256, &scope, &known)?;
                }
            }
        }
        let result = OpResult {
            op: op.op,
            status: plan.status,
            rev,
            record: None,
            conflict: plan.conflict.map(|c| c.id),
            code: plan.code,
            fields: plan.fields,
            redirected: plan.redirected,
        };
        let receipt = Receipt {
            hash: digest(op),
            result: result.clone(),
            seen: plan.seen,
        };
        #[cfg(feature = "planted")]
        let apart = crate::planted::keep_apart(self.device.id, op.op, &receipt);
        #[cfg(not(feature = "planted"))]
        let apart = false;
        if !apart {
            self.tx.put_receipt(self.device.id, op.op, &receipt)?;
        }
        self.receipts.insert(op.op, receipt);
        Ok(OpResult {
            record: current,
            ..result
        })
    }
}
