//! What people do on phones. Each act is one use case of the engine, entered in the run's books before and after.

use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::app::{AppError, Engine};
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::op::{Action, Choice};
use fushan_grid_core::model::record::{Body, Kind, Record};
use fushan_grid_core::store::StoreError;
use fushan_grid_core::store::ops::DeadLetter;
use fushan_grid_core::store::records::{ListQuery, View};
use fushan_grid_core::wire::push::OpStatus;
use serde_json::{Value, json};

use crate::books::Begun;
use crate::ledger::{Photo, Write};
use crate::photos::jpeg;
use crate::world::{GRIDS, World};

/// Fields of a person that two people may not both change unseen.
const GUARDED: [&str; 3] = ["live_addr", "care_need", "purpose"];
/// Descriptive fields of an incident.
const TEXTS: [&str; 2] = ["title", "description"];

/// Fields from a JSON object.
pub fn body(value: Value) -> Body {
    value.as_object().cloned().unwrap_or_default()
}

/// Every living record of a kind that a phone shows.
pub fn list(engine: &Engine, kind: &str) -> Vec<View> {
    let query = ListQuery {
        kind: Kind::of(kind),
        grid: None,
        state: None,
        after: None,
        limit: 1000,
    };
    engine.list(&query).map(|p| p.items).unwrap_or_default()
}

impl World {
    /// One act of a person on a phone.
    pub fn act(&self, phone: usize) {
        match self.roll(|d| d.below(52)) {
            0..8 => self.add_person(phone),
            8..22 => self.change_person(phone),
            22..24 => self.end_person(phone),
            24..29 => self.draft(phone),
            29..33 => self.photo(phone),
            33..38 => self.submit(phone),
            38..42 => self.note_down(phone),
            42..45 => self.change_incident(phone),
            45..46 => self.withdraw(phone),
            46..49 => self.resolve(phone),
            _ => self.mend(phone),
        }
    }

    /// Runs a use case that makes `begun.ops` operations, and keeps the books: whatever happens, all of it or nothing.
    fn use_case<T>(
        &self,
        phone: usize,
        name: &str,
        begun: Begun,
        f: impl FnOnce(&Engine) -> Result<T, AppError>,
    ) -> Option<T> {
        let ops = begun.ops;
        self.books.borrow_mut()[phone].begun = Some(begun);
        // a kill leaves the books open: they are closed when the phone starts again
        let ended = self.phones[phone].run(f).ok();
        let Some(ended) = ended else {
            self.revive(phone);
            return None;
        };
        let begun = self.books.borrow_mut()[phone].begun.take().unwrap_or_default();
        match ended {
            Ok(value) => {
                self.note(format!("phone {phone} {name}"));
                self.count(name);
                self.books.borrow_mut()[phone].made += ops;
                self.enter(phone, begun);
                Some(value)
            }
            Err(error) => {
                self.note(format!("phone {phone} {name}: {error:?}"));
                self.refused(phone, name, &error);
                None
            }
        }
    }

    /// Enters what a use case has written.
    pub fn enter(&self, phone: usize, begun: Begun) {
        let mut ledger = self.ledger.borrow_mut();
        begun.writes.into_iter().for_each(|w| ledger.enter(w));
        if let Some(id) = begun.ends {
            ledger.ended.insert(id);
            ledger.shown.retain(|(p, record, _), _| *p != phone || *record != id);
        }
    }

    /// A use case that is refused says why; the store itself never fails.
    fn refused(&self, phone: usize, name: &str, error: &AppError) {
        let by_rule =
            !matches!(error, AppError::Store(e) if !matches!(e, StoreError::NotFound | StoreError::WrongState));
        if by_rule {
            self.count(&format!("{name} refused"));
        } else {
            self.broken("R9", format!("phone {phone} {name}: {error:?}"));
        }
    }

    fn write(&self, phone: usize, record: Option<RecordId>, field: &str, before: Value) -> Write {
        Write {
            phone,
            record,
            field: field.to_owned(),
            before,
            value: self.ledger.borrow_mut().fresh(phone),
            at: self.clock.now(),
            excused: false,
        }
    }

    /// A living record of a kind that the phone shows.
    fn any(&self, phone: usize, kind: &str, fits: impl Fn(&Record) -> bool) -> Option<View> {
        let engine = self.phones[phone].engine();
        let views = list(&engine, kind);
        let fitting: Vec<_> = views.into_iter().filter(|v| fits(&v.record)).collect();
        self.roll(|d| d.pick(&fitting).cloned())
    }

    fn add_person(&self, phone: usize) {
        let foreign = self.roll(|d| d.chance(60));
        let own = self.grid_of(phone);
        let grid = if foreign { "370611001901009" } else { own };
        let mut write = self.write(phone, None, "live_addr", Value::Null);
        let seen = self.any(phone, "person", |r| r.grid.as_ref().is_some_and(|g| g.as_str() == grid));
        let after = seen.map(|v| format!("after:{}", v.record.id));
        let mut fields = body(json!({"name": "测试", "live_addr": write.value, "legal_basis": after}));
        fields.retain(|_, v| !v.is_null());
        let begun = Begun {
            ops: 1,
            writes: vec![write.clone()],
            ..Begun::default()
        };
        let Ok(code) = grid.parse() else { return };
        let made = self.use_case(phone, "add", begun, |e| e.registry_add("person", &code, fields));
        if let Some(made) = made {
            write.record = Some(made.id);
            let mut ledger = self.ledger.borrow_mut();
            ledger.writes.pop();
            ledger.enter(write);
        }
    }

    fn change_person(&self, phone: usize) {
        let Some(view) = self.any(phone, "person", |_| true) else {
            return;
        };
        let mut set = Body::new();
        let mut writes = Vec::new();
        let guarded = self.roll(|d| d.below(GUARDED.len()));
        for field in [GUARDED[guarded]].into_iter().chain(
            self.roll(|d| d.chance(300))
                .then_some(GUARDED[(guarded + 1) % GUARDED.len()]),
        ) {
            let before = view.record.body.get(field).cloned().unwrap_or(Value::Null);
            let write = self.write(phone, Some(view.record.id), field, before);
            set.insert(field.to_owned(), json!(write.value));
            writes.push(write);
        }
        if self.roll(|d| d.chance(200)) {
            let day = self.roll(|d| d.between(1, 28));
            set.insert("next_verify_due".into(), json!(format!("2027-02-{day:02}")));
        }
        if self.roll(|d| d.chance(150)) {
            set.insert(
                "verified_at".into(),
                json!(self.roll(|d| d.between(1_700_000_000_000, 1_790_000_000_000))),
            );
        }
        let begun = Begun {
            ops: 1,
            writes,
            ends: None,
        };
        self.use_case(phone, "change", begun, |e| e.registry_change(view.record.id, set));
    }

    fn end_person(&self, phone: usize) {
        let Some(view) = self.any(phone, "person", |_| true) else {
            return;
        };
        let id = view.record.id;
        let begun = Begun {
            ops: 1,
            ends: Some(id),
            ..Begun::default()
        };
        self.use_case(phone, "end", begun, |e| e.registry_withdraw(id, "moved away"));
    }

    fn draft(&self, phone: usize) {
        let mut write = self.write(phone, None, "title", Value::Null);
        let lon = if self.grid_of(phone) == GRIDS[0] {
            121.264
        } else {
            121.268
        };
        let Ok(point) = Point::from_degrees(lon, 37.502, Crs::Cgcs2000) else {
            return;
        };
        let new = NewIncident {
            category: "A01.03".into(),
            title: write.value.clone(),
            description: "占用通道".into(),
            point,
            accuracy_m: None,
            severity: "GENERAL".into(),
            found_at: None,
        };
        let begun = Begun {
            ops: 1,
            writes: vec![write.clone()],
            ..Begun::default()
        };
        if let Some(id) = self.use_case(phone, "draft", begun, |e| e.incident_draft(new)) {
            write.record = Some(id);
            let mut ledger = self.ledger.borrow_mut();
            ledger.writes.pop();
            ledger.enter(write);
            drop(ledger);
            for role in ["near", "far", "after"] {
                self.take(phone, id, role);
            }
        }
    }

    fn photo(&self, phone: usize) {
        let Some(view) = self.any(phone, "incident", |_| true) else {
            return;
        };
        self.take(phone, view.record.id, "other");
    }

    /// Takes a photo, now and then one that another phone has taken as well.
    fn take(&self, phone: usize, incident: RecordId, role: &str) {
        let is_draft = self.is_draft(phone, incident);
        let number = match self.roll(|d| d.chance(150)) {
            true => 7,
            false => u64::try_from(self.roll(|d| d.between(1_000, 1_000_000_000))).unwrap_or(0),
        };
        let long = self.roll(|d| d.chance(25));
        let bytes = jpeg(number, if long { 300_000 } else { 0 });
        let begun = Begun {
            ops: u64::from(!is_draft),
            ..Begun::default()
        };
        let taken = self.use_case(phone, "photo", begun, |e| {
            e.evidence_add(incident, bytes.as_slice(), role)
        });
        if let Some(taken) = taken {
            let photo = |hash| Photo {
                phone,
                hash,
                at: self.clock.now(),
                excused: false,
            };
            let mut ledger = self.ledger.borrow_mut();
            ledger.photos.push(photo(taken.sha256));
            ledger.photos.extend(taken.thumbnail.map(photo));
        }
    }

    /// Whether an incident is a draft of this phone.
    pub fn is_draft(&self, phone: usize, incident: RecordId) -> bool {
        let engine = self.phones[phone].engine();
        engine.record(incident).is_ok_and(|v| v.record.state == "DRAFT")
    }

    fn submit(&self, phone: usize) {
        let Some(view) = self.any(phone, "incident", |r| r.state == "DRAFT") else {
            return;
        };
        let id = view.record.id;
        let begun = Begun {
            ops: 1,
            ..Begun::default()
        };
        match self.roll(|d| d.chance(300)) {
            true => self.use_case(phone, "self-close", begun, |e| e.incident_self_close(id, "已清理")),
            false => self.use_case(phone, "submit", begun, |e| e.incident_submit(id)),
        };
    }

    fn note_down(&self, phone: usize) {
        let Some(view) = self.any(phone, "incident", |_| true) else {
            return;
        };
        let id = view.record.id;
        // a note is found by its text; it takes no other value's place
        let write = self.write(phone, None, "notes", Value::Null);
        let text = write.value.clone();
        let begun = Begun {
            ops: u64::from(!self.is_draft(phone, id)),
            writes: vec![write],
            ..Begun::default()
        };
        self.use_case(phone, "note", begun, |e| e.incident_note(id, &text));
    }

    fn change_incident(&self, phone: usize) {
        let Some(view) = self.any(phone, "incident", |_| true) else {
            return;
        };
        let id = view.record.id;
        let field = TEXTS[self.roll(|d| d.below(2))];
        let before = view.record.body.get(field).cloned().unwrap_or(Value::Null);
        let write = self.write(phone, Some(id), field, before);
        let set = body(json!({field: write.value}));
        let draft = self.is_draft(phone, id);
        if draft {
            // a draft is typed over in place: what it said before need not be anywhere
            self.ledger
                .borrow_mut()
                .excuse_text(&view.record.body.get(field).map_or(String::new(), Value::to_string));
        }
        let begun = Begun {
            ops: u64::from(!draft),
            writes: vec![write],
            ..Begun::default()
        };
        self.use_case(phone, "edit", begun, |e| e.incident_change(id, set));
    }

    fn withdraw(&self, phone: usize) {
        let Some(view) = self.any(phone, "incident", |_| true) else {
            return;
        };
        let id = view.record.id;
        let draft = self.is_draft(phone, id);
        let begun = Begun {
            ops: u64::from(!draft),
            ..Begun::default()
        };
        let done = self.use_case(phone, "withdraw", begun, |e| e.incident_withdraw(id, "弄错了"));
        if done.is_some() && draft {
            self.ledger
                .borrow_mut()
                .excuse_text(&Value::Object(view.record.body).to_string());
        }
    }

    /// Settles an open conflict that the phone shows.
    pub fn resolve(&self, phone: usize) {
        let open = self.phones[phone].engine().conflicts_open().unwrap_or_default();
        let Some(conflict) = self.roll(|d| d.pick(&open).cloned()) else {
            return;
        };
        let mut begun = Begun {
            ops: 1,
            ..Begun::default()
        };
        let choice = match self.roll(|d| d.below(3)) {
            0 => Choice::Platform,
            1 => Choice::Phone,
            _ if conflict.fields.is_empty() => Choice::Platform,
            _ => {
                let write = self.write(phone, None, "resolution", Value::Null);
                let set = conflict
                    .fields
                    .keys()
                    .map(|name| (name.clone(), json!(write.value)))
                    .collect();
                begun.writes.push(write);
                Choice::Values { set }
            }
        };
        self.use_case(phone, "resolve", begun, |e| e.conflict_resolve(conflict.id, choice));
    }

    /// I20: only the platform refuses, and what it refused it knows.
    fn judge_letter(&self, phone: usize, letter: &DeadLetter) {
        // a restored platform has forgotten; other content under a known id is refused without a receipt of its own
        if self.server.restores.get() > 0 || letter.code == "idempotency_mismatch" {
            return;
        }
        let receipt = self.oracle().receipts().remove(&letter.op.op);
        if receipt.is_none_or(|r| r.status != OpStatus::Rejected) {
            let (op, code) = (letter.op.op, &letter.code);
            self.broken(
                "I20",
                format!("phone {phone} holds {op} for refused ({code}), the platform does not"),
            );
        }
    }

    /// Edits a refused operation and queues it again, or drops it.
    pub fn mend(&self, phone: usize) {
        let engine = self.phones[phone].engine();
        let letters = engine.sync_status().map(|s| s.dead_letters).unwrap_or_default();
        drop(engine);
        let Some(letter) = self.roll(|d| d.pick(&letters).cloned()) else {
            return;
        };
        self.judge_letter(phone, &letter);
        let op = letter.op;
        if !self.quiet.get() && self.roll(|d| d.chance(400)) {
            // what was refused with it in one group goes again with it
            let with_it = |other: &&DeadLetter| {
                let group = other.op.group.map(|g| g.id);
                other.op.op == op.op || (group.is_some() && group == op.group.map(|g| g.id))
            };
            let begun = Begun {
                ops: letters.iter().filter(with_it).count() as u64,
                ..Begun::default()
            };
            self.use_case(phone, "requeue", begun, |e| e.requeue(op.op, Body::new()));
            return;
        }
        let dropped = self.use_case(phone, "drop", Begun::default(), |e| e.drop_refused(op.op));
        if dropped.is_none() {
            return;
        }
        let mut ledger = self.ledger.borrow_mut();
        ledger.excuse_text(&json!(op).to_string());
        if matches!(op.action, Action::Create { .. }) {
            // what stands on a record that was never made goes with it
            let gone = |w: &&mut Write| w.phone == phone && w.record == Some(op.record);
            ledger.writes.iter_mut().filter(gone).for_each(|w| w.excused = true);
            ledger
                .shown
                .retain(|(p, record, _), _| *p != phone || *record != op.record);
        }
    }
}
