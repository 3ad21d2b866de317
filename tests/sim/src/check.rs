//! What must hold on a phone at every moment.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::op::Action;
use fushan_grid_core::model::record::{Body, Record};
use serde_json::Value;

use crate::acts::list;
use crate::oracle::HistoryLine;
use crate::world::World;

impl World {
    /// Judges what a phone shows now.
    pub fn check_phone(&self, phone: usize) {
        let engine = self.phones[phone].engine();
        let Ok(status) = engine.sync_status() else {
            return self.broken("R9", format!("phone {phone} has no status"));
        };
        let made = self.books.borrow()[phone].made;
        if status.ops.all() != made {
            let all = status.ops.all();
            self.broken(
                "I2",
                format!("phone {phone} made {made} operations and accounts for {all}"),
            );
        }
        let mut shown: BTreeMap<RecordId, Record> = BTreeMap::new();
        for kind in ["person", "incident"] {
            for view in list(&engine, kind) {
                self.check_group(phone, &view.record);
                shown.insert(view.record.id, view.record);
            }
        }
        // a scope that is granted again before it had gone shows what is left of it until the rest has come
        if self.quiet.get() || self.mix.move_scope == 0 {
            self.check_causes(phone, &shown);
        }
        self.check_revisions(phone, &shown);
        self.check_own(phone, &shown);
        self.check_photos_kept(phone);
    }

    /// I4: nobody else sees a report before it was submitted; both operations took effect, or neither.
    fn check_group(&self, phone: usize, record: &Record) {
        if record.state == "DRAFT" && record.rev > 0 {
            self.broken("I4", format!("phone {phone} shows half of a group: {}", record.id));
        }
    }

    /// I8: whoever sees a record sees the one its writer had seen, unless that one has ended, never left its phone, or was set
    /// aside by it, which delays nothing else (I6).
    fn check_causes(&self, phone: usize, shown: &BTreeMap<RecordId, Record>) {
        for record in shown.values().filter(|r| r.rev > 0) {
            let Some(cause) = cause_of(&record.body) else { continue };
            if self.watch.borrow().overtook(record.id) || shown.contains_key(&cause) {
                continue;
            }
            let known = self
                .oracle()
                .records()
                .get(&cause)
                .is_some_and(|r| !r.deleted && r.grid == record.grid);
            let ended = self.ledger.borrow().ended.contains(&cause);
            if known && !ended {
                self.broken("I8", format!("phone {phone} shows {} without {cause}", record.id));
            }
        }
    }

    /// I10: what a phone shows of the platform's word never goes back.
    fn check_revisions(&self, phone: usize, shown: &BTreeMap<RecordId, Record>) {
        // after a restore the platform's word does go back, on each phone when it hears of it
        if self.server.restores.get() > 0 {
            return;
        }
        let mut back = None;
        {
            let mut books = self.books.borrow_mut();
            let revs = &mut books[phone].revs;
            for record in shown.values() {
                if revs
                    .insert(record.id, record.rev)
                    .is_some_and(|before| before > record.rev)
                {
                    back = Some(record.id);
                }
            }
        }
        if let Some(id) = back {
            self.broken("I10", format!("phone {phone}: the revision of {id} went back"));
        }
    }

    /// I9: what was written here is shown here, until something accepted later takes its place, a conflict is raised, or it lies
    /// in a refused operation for its writer to mend.
    fn check_own(&self, phone: usize, shown: &BTreeMap<RecordId, Record>) {
        let mine: Vec<_> = {
            let ledger = self.ledger.borrow();
            let own = ledger.shown.iter().filter(|((p, _, _), _)| *p == phone);
            own.map(|((_, id, field), value)| (*id, field.clone(), value.clone()))
                .collect()
        };
        let Ok(status) = self.phones[phone].engine().sync_status() else {
            return;
        };
        let letters = &status.dead_letters;
        // after a restore the platform's word stands until what it has lost is sent again and answered
        let sends_again = self.server.restores.get() > 0 && status.ops.unsent() > 0;
        let refused = |value: &str| letters.iter().any(|l| written(&l.op.action).contains(value));
        for (id, field, value) in mine {
            let now = shown.get(&id).and_then(|r| r.body.get(&field)).and_then(Value::as_str);
            if now == Some(&value) || refused(&value) {
                continue;
            }
            if sends_again && !self.oracle().history(id).iter().any(|line| wrote(line, &value)) {
                continue;
            }
            if let Some(why) = self.unexplained(id, &field, &value, now, shown.contains_key(&id)) {
                self.broken(
                    "I9",
                    format!("phone {phone} wrote {value} into {field} of {id} and shows {now:?}: {why}"),
                );
                self.tell_history(id);
            }
            self.ledger.borrow_mut().shown.remove(&(phone, id, field));
        }
    }

    /// Why a value may not have vanished from its writer's phone; `None` when it may.
    fn unexplained(&self, id: RecordId, field: &str, value: &str, now: Option<&str>, there: bool) -> Option<String> {
        let oracle = self.oracle();
        let records = oracle.records();
        let history = oracle.history(id);
        let wrote = |line: &&HistoryLine| wrote(line, value);
        let in_conflict = records
            .values()
            .any(|r| r.kind.is("conflict") && (r.body.get("record").and_then(Value::as_str) == Some(&id.to_string())));
        if in_conflict {
            return None;
        }
        let ended = records.get(&id).is_some_and(|r| r.deleted) || self.ledger.borrow().ended.contains(&id);
        let left = records.get(&id).is_none_or(|r| r.grid.is_none());
        match (history.iter().rev().find(wrote), there) {
            (_, false) if ended || left || self.mix.move_scope > 0 => None,
            (None, _) => Some("it is not with the platform".into()),
            (Some(own), _) => {
                let later = history.iter().filter(|l| l.rev > own.rev);
                let by = |text: &str| later.clone().any(|l| written(&l.op.action).contains(text));
                let replaced = now.is_some_and(by);
                (!replaced).then(|| format!("nothing accepted later wrote {field}"))
            }
        }
    }

    /// I15: a photo's file stays until the platform has its bytes.
    fn check_photos_kept(&self, phone: usize) {
        let photos = self.ledger.borrow().photos.clone();
        let mine = photos.iter().filter(|p| p.phone == phone && !p.excused);
        for photo in mine {
            let name = photo.hash.hex();
            let there = self.phones[phone].files().join("media").join(&name).exists();
            if !there && !self.server.blobs().join(&name).exists() {
                self.broken(
                    "I15",
                    format!("photo {name} of phone {phone} is neither here nor there"),
                );
            }
        }
    }
}

/// What an action writes, as text, without what it saw before.
/// Whether a line of history put a value anywhere.
fn wrote(line: &HistoryLine, value: &str) -> bool {
    written(&line.op.action).contains(value)
}

fn written(action: &Action) -> String {
    let mut action = action.clone();
    if let Action::Patch { base, .. } | Action::Transition { base, .. } = &mut action {
        base.clear();
    }
    serde_json::to_string(&action).unwrap_or_default()
}

/// The record that a record's writer had seen.
pub fn cause_of(body: &Body) -> Option<RecordId> {
    let text = body.get("legal_basis").and_then(Value::as_str)?;
    text.strip_prefix("after:")?.parse().ok()
}
