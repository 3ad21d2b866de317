//! What can be judged on the wire: each request a phone sends, each reply it gets.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::{OpId, RecordId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::platform::{Method, Request, Response};
use fushan_grid_core::wire::blobs::{BlobState, ProbeReply};
use fushan_grid_core::wire::pull::{PullLine, PullRequest};
use fushan_grid_core::wire::push::{NumberedOp, PushRequest};
use fushan_grid_core::wire::scopes::PurgedRequest;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::acts::list;
use crate::check::cause_of;
use crate::world::World;

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Watch {
    /// Content of each operation as first sent.
    sent: BTreeMap<(usize, OpId), Value>,
    /// Cursor of each phone's scopes as last asked: phone, scope, epoch.
    cursors: BTreeMap<(usize, String, i64), i64>,
    /// How often each operation was sent since the chaos ended.
    since_quiet: BTreeMap<OpId, u32>,
    /// What each phone showed of the records that its last page told of before their scope was complete.
    halfway: BTreeMap<usize, BTreeMap<RecordId, Option<i64>>>,
    /// What each phone's scopes were told since they were last complete.
    staged: BTreeMap<usize, BTreeMap<Scope, BTreeSet<RecordId>>>,
    /// Records that each phone has tried to make on the platform with nothing else in the push.
    alone: BTreeSet<(usize, RecordId)>,
    /// Records that went ahead of the one their writer had seen, since that one was set aside.
    overtook: BTreeSet<RecordId>,
    /// Digest and size announced for each upload.
    uploads: BTreeMap<String, (BlobHash, u64)>,
}

impl Watch {
    /// A phone was set back to older files: its cursors begin anew.
    pub fn forget_phone(&mut self, phone: usize) {
        self.cursors.retain(|(p, _, _), _| *p != phone);
        self.sent.retain(|(p, _), _| *p != phone);
        self.halfway.remove(&phone);
        self.staged.remove(&phone);
    }

    /// Takes in what a page told. Gives what it told of scopes whose head it does not reach, unless another one that it completes
    /// was told of the same record, now or earlier.
    fn take_page(&mut self, phone: usize, lines: &[PullLine]) -> BTreeSet<RecordId> {
        let staged = self.staged.entry(phone).or_default();
        let mut within = BTreeSet::new();
        for (scope, id) in lines.iter().filter_map(about) {
            staged.entry(scope.clone()).or_default().insert(id);
            within.insert(id);
        }
        // a phone takes nothing of a page that broke off
        if !lines.iter().any(|l| matches!(l, PullLine::End { .. })) {
            return BTreeSet::new();
        }
        let whole = lines.iter().filter_map(completed);
        let shown: BTreeSet<_> = whole
            .flat_map(|scope| staged.remove(scope).unwrap_or_default())
            .collect();
        within.retain(|id| !shown.contains(id));
        within
    }

    /// Whether a record went ahead of the one its writer had seen: an operation that cannot be delivered delays none on others.
    pub fn overtook(&self, record: RecordId) -> bool {
        self.overtook.contains(&record)
    }

    /// A phone follows its scopes anew.
    pub fn forget_cursors_of(&mut self, phone: usize) {
        self.cursors.retain(|(p, _, _), _| *p != phone);
    }

    /// A scope was lost and may be granted anew: its cursors begin anew.
    pub fn forget_cursors(&mut self) {
        self.cursors.clear();
    }
}

impl World {
    /// Judges what a phone sends.
    pub fn watch_request(&self, phone: usize, request: &Request) {
        self.watch_halfway(phone);
        match request.path.as_str() {
            "/v1/push" => {
                if let Ok(push) = serde_json::from_slice::<PushRequest>(&request.body) {
                    self.watch_push(phone, &push);
                }
            }
            "/v1/pull" => {
                if let Ok(pull) = serde_json::from_slice::<PullRequest>(&request.body) {
                    self.watch_pull(phone, &pull);
                }
            }
            "/v1/handover" => {
                let text = String::from_utf8_lossy(&request.body);
                let mut ledger = self.ledger.borrow_mut();
                ledger.let_go_of(phone, |w| text.contains(&w.value));
            }
            "/v1/purged" => {
                if let Ok(purged) = serde_json::from_slice::<PurgedRequest>(&request.body) {
                    self.watch_purged(phone, &purged);
                }
            }
            _ => {}
        }
    }

    /// What a phone wrote in a scope is not on it any more.
    fn watch_purged(&self, phone: usize, purged: &PurgedRequest) {
        let records = self.oracle().records();
        let inside = |id: &RecordId| {
            let grid = records.get(id).and_then(|r| r.grid.as_ref());
            grid.is_none_or(|g| purged.scope == Scope::grid(g))
        };
        let mut ledger = self.ledger.borrow_mut();
        ledger.let_go_of(phone, |w| w.record.as_ref().is_none_or(inside));
    }

    fn watch_push(&self, phone: usize, push: &PushRequest) {
        self.watch_overtaking(phone, push);
        for numbered in &push.ops {
            let op = &numbered.op;
            let content = serde_json::to_value(op).unwrap_or_default();
            let first = self.watch.borrow_mut().sent.insert((phone, op.op), content.clone());
            if first.is_some_and(|first| first != content) {
                self.broken(
                    "I14",
                    format!("phone {phone} sent operation {} with another content", op.op),
                );
            }
            if let Action::Patch { base, set } = &op.action {
                self.watch_base(phone, op.record, base, set);
            }
            if self.quiet.get() {
                let mut watch = self.watch.borrow_mut();
                let sent = watch.since_quiet.entry(op.op).or_default();
                *sent += 1;
                let sent = *sent;
                drop(watch);
                if sent > 4 {
                    self.broken(
                        "I20",
                        format!("phone {phone} sends operation {} again and again", op.op),
                    );
                }
            }
        }
    }

    /// Notes records whose cause was sent alone before, is not with the platform, and does not come along.
    fn watch_overtaking(&self, phone: usize, push: &PushRequest) {
        let known = self.oracle().records();
        let made = |op: &Operation| matches!(op.action, Action::Create { .. }).then_some(op.record);
        let along: BTreeSet<RecordId> = push.ops.iter().filter_map(|n| made(&n.op)).collect();
        for op in push.ops.iter().map(|numbered| &numbered.op) {
            let Action::Create { body, .. } = &op.action else {
                continue;
            };
            let Some(cause) = cause_of(body) else { continue };
            let mut watch = self.watch.borrow_mut();
            let tried = watch.alone.contains(&(phone, cause));
            if tried && !along.contains(&cause) && !known.contains_key(&cause) {
                watch.overtook.insert(op.record);
            }
        }
        // what fails alone is set aside: one operation, or one group
        let unit = |n: &NumberedOp| n.op.group.map_or_else(|| n.op.op.to_string(), |g| g.id.to_string());
        let alone = push.ops.iter().map(unit).collect::<BTreeSet<_>>().len() == 1;
        let made = along.into_iter().filter(|_| alone).map(|id| (phone, id));
        self.watch.borrow_mut().alone.extend(made);
    }

    /// The old values that a phone showed must be there when it sends the new ones.
    fn watch_base(
        &self,
        phone: usize,
        record: RecordId,
        base: &fushan_grid_core::model::record::Body,
        set: &fushan_grid_core::model::record::Body,
    ) {
        let ledger = self.ledger.borrow();
        let mut wrong = None;
        for (field, value) in set {
            let Some(text) = value.as_str() else { continue };
            let write = ledger.writes.iter().rev().find(|w| w.value == text);
            let Some(write) = write.filter(|w| w.record == Some(record) && w.field == *field) else {
                continue;
            };
            if base.get(field).unwrap_or(&Value::Null) != &write.before {
                wrong = Some(format!(
                    "phone {phone}: base of {field} is {:?}, it showed {}",
                    base.get(field),
                    write.before
                ));
            }
        }
        drop(ledger);
        if let Some(wrong) = wrong {
            self.broken("I14", wrong);
        }
    }

    fn watch_pull(&self, phone: usize, pull: &PullRequest) {
        for cursor in &pull.scopes {
            let key = (phone, cursor.scope.0.clone(), cursor.epoch);
            let before = self.watch.borrow_mut().cursors.insert(key, cursor.since);
            if before.is_some_and(|before| before > cursor.since) {
                self.broken("I10", format!("phone {phone}: cursor of {} went back", cursor.scope));
            }
        }
    }

    /// I4: a page that ends within a scope is no picture of it: what it told is not shown yet.
    pub fn watch_halfway(&self, phone: usize) {
        let Some(told) = self.watch.borrow_mut().halfway.remove(&phone) else {
            return;
        };
        let now = self.revisions(phone);
        if let Some((id, before)) = told.iter().find(|(id, before)| **before != now.get(id).copied()) {
            let now = now.get(id);
            self.broken(
                "I4",
                format!("phone {phone} shows {id} of a page that ended within its scope: {before:?}, now {now:?}"),
            );
        }
    }

    /// The platform's revision of every record a phone shows.
    fn revisions(&self, phone: usize) -> BTreeMap<RecordId, i64> {
        let engine = self.phones[phone].engine();
        let shown = ["person", "incident", "conflict"].map(|kind| list(&engine, kind));
        shown
            .into_iter()
            .flatten()
            .map(|v| (v.record.id, v.record.rev))
            .collect()
    }

    /// Notes what a phone shows of the records that a page tells of, in scopes whose head it does not reach.
    fn watch_page(&self, phone: usize, reply: &Response) {
        let text = String::from_utf8_lossy(&reply.body);
        let lines: Vec<PullLine> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        let within = self.watch.borrow_mut().take_page(phone, &lines);
        // with another scope set records come and go for another reason
        if lines.iter().any(|l| matches!(l, PullLine::ScopeSet { .. })) {
            return;
        }
        let shown = self.revisions(phone);
        let halfway = within.into_iter().map(|id| (id, shown.get(&id).copied())).collect();
        self.watch.borrow_mut().halfway.insert(phone, halfway);
    }

    /// Judges what a phone is told.
    pub fn watch_reply(&self, phone: usize, request: &Request, reply: &Response) {
        let told_stored = |hash: BlobHash, how: &str| {
            let file = self.server.blobs().join(hash.hex());
            let intact = std::fs::read(file).is_ok_and(|bytes| Sha256::digest(bytes).as_slice() == hash.0);
            if !intact {
                self.broken(
                    "I15",
                    format!("phone {phone} is told that {} is stored ({how})", hash.hex()),
                );
            }
        };
        if request.path == "/v1/blobs/probe" {
            let answers = serde_json::from_slice::<ProbeReply>(&reply.body).map(|r| r.blobs);
            for answer in answers.unwrap_or_default() {
                if answer.state == BlobState::Stored {
                    told_stored(answer.sha256, "probe");
                }
            }
        }
        if request.path == "/v1/pull" && reply.status == 200 {
            self.watch_page(phone, reply);
        }
        if request.path == "/v1/uploads" && reply.status == 201 {
            self.remember_upload(request, reply);
        }
        let ended = request.method == Method::Patch && reply.status == 204;
        let offset = reply.headers.get("upload-offset").and_then(|o| o.parse::<u64>().ok());
        if let (true, Some(offset)) = (ended, offset)
            && let Some((hash, bytes)) = self.watch.borrow().uploads.get(&request.path).copied()
            && offset == bytes
        {
            told_stored(hash, "last chunk");
        }
    }

    fn remember_upload(&self, request: &Request, reply: &Response) {
        let header = |name: &str| {
            request
                .headers
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| v.as_str())
        };
        let announced = header("repr-digest").and_then(|d| d.strip_prefix("sha-256=:")?.strip_suffix(':'));
        let digest = announced.and_then(|d| BASE64.decode(d).ok()?.try_into().ok());
        let bytes = header("upload-length").and_then(|l| l.parse().ok());
        if let (Some(digest), Some(bytes), Some(path)) = (digest, bytes, reply.headers.get("location")) {
            let mut watch = self.watch.borrow_mut();
            watch.uploads.insert(path.clone(), (BlobHash(digest), bytes));
        }
    }
}

/// The scope whose head a line says is reached.
fn completed(line: &PullLine) -> Option<&Scope> {
    match line {
        PullLine::ScopeDone {
            scope, complete: true, ..
        } => Some(scope),
        _ => None,
    }
}

/// The scope and the record that a line tells of.
fn about(line: &PullLine) -> Option<(&Scope, RecordId)> {
    match line {
        PullLine::Put { scope, record, .. } => Some((scope, record.id)),
        PullLine::Leave { scope, id, .. } | PullLine::Gone { scope, id, .. } => Some((scope, *id)),
        _ => None,
    }
}
