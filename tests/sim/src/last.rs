//! What must hold when everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::op::Action;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::rules::packs::incident_automaton;
use fushan_grid_core::rules::workflow::{Line, Workflow, replay};
use fushan_grid_core::wire::push::OpStatus;
use serde_json::{Value, json};

use crate::acts::list;
use crate::world::World;

/// One seed of so many also judges what goes first on a full link.
const PRIORITY_EVERY: u64 = 5;

impl World {
    /// Judges the world at rest.
    pub fn judge(&self) {
        let records = self.oracle().records();
        for phone in 0..self.phones.len() {
            self.judge_mirror(phone, &records);
        }
        self.judge_books(&records);
        self.judge_history(&records);
        self.judge_refusals();
        self.judge_given_up();
        self.judge_photos();
        self.judge_foreign(&records);
        self.judge_pages();
        self.judge_repeats();
        if !self.failed() {
            self.judge_repair();
        }
        // costs as much as a whole small run
        if !self.failed() && self.seed.is_multiple_of(PRIORITY_EVERY) {
            self.judge_priority();
        }
    }

    /// I1, I12: a phone shows what the platform has in its scopes, no more and no less.
    fn judge_mirror(&self, phone: usize, records: &BTreeMap<RecordId, Record>) {
        let engine = self.phones[phone].engine();
        let scopes = engine.sync_status().map(|s| s.scopes).unwrap_or_default();
        let wanted: BTreeSet<RecordId> = scopes.iter().flat_map(|s| self.oracle().scope(s).into_keys()).collect();
        let kinds: BTreeSet<&str> = records.values().map(|r| r.kind.0.as_str()).collect();
        let shown: BTreeMap<RecordId, Record> = kinds
            .into_iter()
            .flat_map(|kind| list(&engine, kind))
            .map(|v| (v.record.id, v.record))
            .collect();
        for id in &wanted {
            match (shown.get(id), records.get(id)) {
                (Some(here), Some(there)) if here == there => {}
                (here, there) => {
                    let sides = (here.map(|r| (r.rev, &r.body)), there.map(|r| (r.rev, &r.body)));
                    return self.broken("I1", format!("phone {phone} and platform differ about {id}: {sides:?}"));
                }
            }
        }
        let more = shown.keys().find(|id| !wanted.contains(id));
        if let Some(id) = more {
            self.broken(
                "I11",
                format!("phone {phone} still shows {id}, which is in none of its scopes"),
            );
        }
    }

    /// I2: every value somebody was told is kept, is somewhere.
    fn judge_books(&self, records: &BTreeMap<RecordId, Record>) {
        let mut text = self.oracle().text();
        for record in records.values() {
            text.push_str(&json!(record.body).to_string());
        }
        for phone in &self.phones {
            let letters = phone.engine().sync_status().map(|s| s.dead_letters).unwrap_or_default();
            text.push_str(&json!(letters).to_string());
        }
        let ledger = self.ledger.borrow();
        let lost = ledger.writes.iter().find(|w| !w.excused && !text.contains(&w.value));
        let lost = lost.map(|w| {
            format!(
                "{} of phone {} in {} of {:?} is nowhere",
                w.value, w.phone, w.field, w.record
            )
        });
        drop(ledger);
        if let Some(lost) = lost {
            self.broken("I2", lost);
        }
    }

    /// I3, I13: each operation took effect once; each incident's history is a path of the automaton.
    fn judge_history(&self, records: &BTreeMap<RecordId, Record>) {
        let mut seen = BTreeSet::new();
        for line in self.oracle().all_history() {
            if !seen.insert(line.op.op) {
                self.broken("I3", format!("operation {} is in the history twice", line.op.op));
            }
        }
        for record in records.values() {
            for list in ["notes", "attachments"] {
                let items = record.body.get(list).and_then(Value::as_array);
                let ids: Vec<_> = items.into_iter().flatten().filter_map(|i| i.get("id")).collect();
                let distinct: BTreeSet<String> = ids.iter().map(|id| id.to_string()).collect();
                if distinct.len() != ids.len() {
                    self.broken("I3", format!("{list} of {} hold an item twice", record.id));
                }
            }
            if record.kind.is("incident") {
                self.judge_path(record);
            }
        }
        self.replay_history(records);
    }

    fn judge_path(&self, record: &Record) {
        let workflow = Workflow::new(incident_automaton().expect("the automaton")).expect("a sound automaton");
        let history = record
            .body
            .get("history")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let text = |line: &Value, name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let parts: Vec<_> = history
            .iter()
            .map(|l| ["event", "from", "to", "role"].map(|name| text(l, name)))
            .collect();
        let lines = (1..).zip(&parts).map(|(seq, [event, from, to, role])| Line {
            seq,
            event,
            from,
            to,
            role,
        });
        match replay(&workflow, lines) {
            Ok(state) if state == record.state => {}
            other => self.broken(
                "I13",
                format!(
                    "the history of {} leads to {other:?}, it is {}",
                    record.id, record.state
                ),
            ),
        }
    }

    /// I13, I20: evidence is never refused; a refused operation was refused by the platform, for a reason that stays.
    fn judge_refusals(&self) {
        let receipts = self.oracle().receipts();
        for receipt in receipts.values().filter(|r| r.status == OpStatus::Rejected) {
            let code = receipt.code.clone().unwrap_or_default();
            if code == "group_incomplete" {
                self.broken("I4", format!("a phone has sent half of a group: {}", receipt.op));
            }
            self.count(&format!("refused {code}"));
        }
        let mut late = 0;
        for line in self.oracle().all_history() {
            if matches!(line.op.action, Action::Append { .. }) {
                late += u64::from(
                    receipts
                        .get(&line.op.op)
                        .is_some_and(|r| r.code.as_deref() == Some("late_evidence")),
                );
            }
        }
        for _ in 0..late {
            self.count("late evidence");
        }
    }

    /// I20: a photo is given up only when its file is gone; whatever a network says in the platform's place is no reason.
    fn judge_given_up(&self) {
        for phone in &self.phones {
            let stuck = phone.engine().sync_status().map(|s| s.stuck).unwrap_or_default();
            let lost = self
                .ledger
                .borrow()
                .photos
                .iter()
                .any(|p| p.phone == phone.number && p.excused);
            // taken again and killed before the key was kept: a file that no known key opens is left
            let known = |code: &String| ["missing_media", "media_changed"].contains(&code.as_str()) && lost;
            if let Some(code) = stuck.keys().find(|code| !known(code)) {
                let number = phone.number;
                self.broken("I20", format!("phone {number} has given a photo up: {code}"));
            }
        }
    }

    /// I15: every photo's bytes are on the platform under their name.
    fn judge_photos(&self) {
        use sha2::{Digest, Sha256};
        let photos = self.ledger.borrow().photos.clone();
        let text = self.oracle().text();
        for photo in photos.iter().filter(|p| !p.excused) {
            let name = photo.hash.hex();
            let bytes = std::fs::read(self.server.blobs().join(&name)).ok();
            let cited = text.contains(&name);
            match bytes {
                Some(bytes) if Sha256::digest(&bytes).as_slice() == photo.hash.0 => {}
                Some(_) => self.broken("I15", format!("the platform's bytes of {name} are not that photo")),
                None if cited => self.broken("I15", format!("the platform has no bytes of {name}")),
                None => {}
            }
        }
    }

    /// I18: what only a later version knows is still there, whoever has edited the record since.
    fn judge_foreign(&self, records: &BTreeMap<RecordId, Record>) {
        let foreign = self.ledger.borrow().foreign.clone();
        for ((id, field), value) in foreign {
            let Some(record) = records.get(&id).filter(|r| !r.deleted) else {
                continue;
            };
            if record.body.get(&field) != Some(&value) {
                self.broken("I18", format!("{field} of {id} was dropped"));
            }
        }
    }
}
