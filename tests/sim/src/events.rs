//! What happens in a run: the days, and within them people, desks, and whatever can go wrong.

use std::sync::OnceLock;
use std::time::Duration;

use fushan_grid_core::app::sync::{Budget, SyncOutcome, SyncReport, Unwatched};
use fushan_grid_core::model::automaton::Automaton;
use fushan_grid_core::platform::Cancel;
use fushan_grid_core::rules::packs::incident_automaton;
use serde_json::{Value, json};

use crate::acts::body;
use crate::ledger::Photo;
use crate::net::Link;
use crate::world::{GRIDS, World};

static AUTOMATON: OnceLock<Automaton> = OnceLock::new();

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

impl World {
    /// The chaos: every day's events, each from its own stream.
    pub fn live(&self, without: &std::collections::BTreeSet<u64>) {
        self.phones.iter().for_each(|p| {
            p.start();
        });
        for phone in 0..self.phones.len() {
            self.settle_books(phone);
        }
        let steps = (self.mix.days * self.mix.per_day * self.phones.len()) as u64;
        let gap = DAY / i64::try_from(self.mix.per_day * self.phones.len()).unwrap_or(1);
        for step in 1..=steps {
            self.at_step(step);
            self.clock.pass(self.roll(|d| d.between(gap / 2, gap + gap / 2)));
            if !without.contains(&step) {
                self.event();
            }
            if self.failed() {
                return;
            }
        }
    }

    /// One event.
    fn event(&self) {
        self.arrive_late();
        let phone = self.roll(|d| d.below(self.phones.len()));
        self.trouble(phone);
        if self.roll(|d| d.chance(self.mix.kill)) {
            let calls = self.roll(|d| d.between(1, 60));
            self.phones[phone].seams.kill_after(calls);
        }
        match self.roll(|d| d.below(100)) {
            0..14 => self.desk_step(),
            14..26 => self.desk_edit(),
            26..64 => self.act(phone),
            64..68 => self.nap(phone),
            _ => {
                self.sync(phone);
            }
        }
        self.phones[phone].seams.kill_after(0);
        self.check_phone(phone);
    }

    /// Something that happens while a request of `phone` is under way.
    pub fn nested_event(&self, phone: usize) {
        if self.depth.get() > 0 {
            return;
        }
        self.depth.set(1);
        self.count("Between");
        let other = self.roll(|d| d.below(self.phones.len()));
        match self.roll(|d| d.below(10)) {
            0..4 => self.act(phone),
            4..6 if other != phone => {
                self.sync(other);
            }
            6..8 => self.desk_edit(),
            _ => self.desk_step(),
        }
        self.depth.set(0);
    }

    /// The engine is closed and opened, as a system does that suspends an app.
    fn nap(&self, phone: usize) {
        let napped = self.phones[phone].run(|e| e.suspend().and_then(|()| e.resume()));
        self.note(format!("phone {phone} nap"));
        if !matches!(napped, Ok(Ok(()))) {
            self.broken("R9", format!("phone {phone} does not wake: {napped:?}"));
        }
    }

    /// What may befall a phone or the platform before an event.
    fn trouble(&self, phone: usize) {
        let at = &self.phones[phone];
        at.offline.set(self.roll(|d| d.chance(self.mix.offline)));
        if self.roll(|d| d.chance(self.mix.clock)) {
            let year = 365 * DAY;
            let off = match self.roll(|d| d.below(4)) {
                0 => 0,
                1 => self.roll(|d| d.between(-60_000, 60_000)),
                2 => self.roll(|d| d.between(-30 * year, 0)),
                _ => self.roll(|d| d.between(0, 30 * year)),
            };
            at.clock.jump(off);
            self.count("ClockJump");
            self.note(format!("phone {phone} clock {off}"));
        }
        if self.roll(|d| d.chance(self.mix.reboot)) {
            at.stop();
            at.clock.reboot();
            self.count("Reboot");
            self.start_phone(phone);
        }
        if self.roll(|d| d.chance(self.mix.set_back)) {
            self.set_back(phone);
        }
        if self.roll(|d| d.chance(self.mix.restart)) {
            self.count("PlatformRestart");
            self.server.start();
        }
        if self.roll(|d| d.chance(self.mix.restore)) {
            self.restore();
        }
        if self.roll(|d| d.chance(self.mix.move_scope)) {
            self.move_scope();
        }
        if self.roll(|d| d.chance(self.mix.lose_photo)) {
            self.lose_photo(phone);
        }
        if self.roll(|d| d.chance(self.mix.upgrade)) {
            self.upgrade(phone);
        }
    }

    /// A photo's file vanishes from a phone: a tidy system, a worker who looks for room.
    fn lose_photo(&self, phone: usize) {
        let media = self.phones[phone].files().join("media");
        let photos = self.ledger.borrow().photos.clone();
        let there = |p: &&Photo| p.phone == phone && media.join(p.hash.hex()).exists();
        let there: Vec<_> = photos.iter().filter(there).collect();
        let Some(lost) = self.roll(|d| d.pick(&there).map(|p| p.hash)) else {
            return;
        };
        std::fs::remove_file(media.join(lost.hex())).expect("a photo is removed");
        for photo in &mut self.ledger.borrow_mut().photos {
            photo.excused |= photo.phone == phone && photo.hash == lost;
        }
        self.count("PhotoLost");
        self.note(format!("phone {phone} lost a photo"));
    }

    /// Starts a phone's app; its files must be sound whatever happened.
    pub fn start_phone(&self, phone: usize) {
        if self.phones[phone].start() {
            self.broken("I16", format!("phone {phone} finds its database damaged"));
        }
    }

    /// Starts a phone after it was killed: the use case that was under way is there as a whole, or not at all.
    pub fn revive(&self, phone: usize) {
        self.count("Kill");
        self.note(format!("phone {phone} killed"));
        self.start_phone(phone);
        self.watch_halfway(phone);
        let begun = self.books.borrow_mut()[phone].begun.take().unwrap_or_default();
        let before = self.books.borrow()[phone].made;
        self.settle_books(phone);
        let now = self.books.borrow()[phone].made;
        if now == before + begun.ops {
            // without an operation of its own a use case leaves no trace by which to tell
            if begun.ops > 0 {
                self.enter(phone, begun);
            }
        } else if now != before {
            self.broken(
                "I16",
                format!("phone {phone} had {before} operations, was killed, and has {now}"),
            );
        }
    }

    /// Takes the engine's count of operations into the books.
    fn settle_books(&self, phone: usize) {
        let made = self.phones[phone].engine().sync_status().map_or(0, |s| s.ops.all());
        self.books.borrow_mut()[phone].made = made;
    }

    /// A phone's files are copied aside, or an older copy is put back.
    fn set_back(&self, phone: usize) {
        let aside = self.books.borrow()[phone].aside;
        let at = &self.phones[phone];
        let Some((since, _)) = aside.filter(|_| self.roll(|d| d.chance(600))) else {
            at.set_aside();
            let made = self.books.borrow()[phone].made;
            self.books.borrow_mut()[phone].aside = Some((self.clock.now(), made));
            return;
        };
        at.set_back();
        self.count("SetBack");
        self.note(format!("phone {phone} set back"));
        self.ledger.borrow_mut().excuse_since(phone, since);
        self.watch.borrow_mut().forget_phone(phone);
        self.books.borrow_mut()[phone].revs.clear();
        self.settle_books(phone);
        self.enrol_again(phone);
    }

    /// The credentials of a phone that was set back are of the past, like those of a copy: its worker gets a new code.
    fn enrol_again(&self, phone: usize) {
        let quiet = self.quiet.replace(true);
        for _ in 0..20 {
            let asked = json!({"staff": self.phones[phone].staff});
            let (_, reply) = self.server.operate("/admin/v1/codes", Some(&asked));
            let code = reply.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
            let link = Link { world: self, phone };
            let url = "http://127.0.0.1:1";
            match self.phones[phone].run(|e| e.enrol(&link, url, &code, &Cancel::new())) {
                Ok(Ok(_)) => break,
                Ok(Err(_)) => {}
                Err(_) => self.revive(phone),
            }
        }
        self.quiet.set(quiet);
    }

    /// The platform is backed up, or set back to its backup.
    fn restore(&self) {
        if self.roll(|d| d.chance(500)) && self.server.restore() {
            self.count("Restore");
            self.note("platform restored".into());
            let text = self.oracle().text();
            self.ledger.borrow_mut().foreign.clear();
            self.ledger.borrow_mut().excuse_let_go(&text);
            for books in self.books.borrow_mut().iter_mut() {
                books.revs.clear();
            }
        } else {
            self.server.back_up();
        }
    }

    /// The leader gets or loses a grid.
    fn move_scope(&self) {
        let grids: Vec<&str> = match self.roll(|d| d.below(4)) {
            0 => vec![GRIDS[0]],
            1 => vec![GRIDS[1]],
            _ => GRIDS.to_vec(),
        };
        self.assign("l_370611001901", &grids);
        self.count("ScopeMove");
        self.note(format!("leader works in {grids:?}"));
    }

    /// The grid a phone works in, as it knows it.
    pub fn grid_of(&self, phone: usize) -> &'static str {
        let scopes = self.phones[phone]
            .engine()
            .sync_status()
            .map(|s| s.scopes)
            .unwrap_or_default();
        let held: Vec<_> = GRIDS
            .into_iter()
            .filter(|g| scopes.contains(&format!("grid:{g}")))
            .collect();
        self.roll(|d| d.pick(&held).copied()).unwrap_or(GRIDS[0])
    }

    /// A synchronisation within some budget. `None` when the phone was killed in it.
    pub fn sync(&self, phone: usize) -> Option<SyncReport> {
        let budget = match self.roll(|d| d.below(10)) {
            _ if self.quiet.get() => Budget::time(Duration::from_secs(3_600)),
            0 => Budget::time(Duration::from_millis(1_500)),
            1 => Budget {
                bytes: Some(2_000),
                ..Budget::time(Duration::from_secs(600))
            },
            _ => Budget::time(Duration::from_secs(600)),
        };
        let link = Link { world: self, phone };
        let ended = self.phones[phone].run(|e| e.sync_once(&link, budget, &Unwatched, &Cancel::new()));
        let Ok(ended) = ended else {
            self.revive(phone);
            return None;
        };
        self.watch_halfway(phone);
        match ended {
            Ok(report) => {
                let (outcome, left) = (json!(report.outcome), report.ops_left);
                self.note(format!(
                    "phone {phone} sync {outcome} taken {} conflicts {} refused {} pulled {} photos {} up {} down {} left {} {} {}",
                    report.taken,
                    report.conflicts,
                    report.refused,
                    report.pulled,
                    report.photos_stored,
                    report.bytes_up,
                    report.bytes_down,
                    left.unsent(),
                    left.dead,
                    report.photos_left.due
                ));
                self.count("sync");
                self.judge_report(phone, &report);
                Some(report)
            }
            Err(error) => {
                self.broken("R9", format!("phone {phone} sync: {error:?}"));
                None
            }
        }
    }

    /// A run that could not settle says why and when to come again; nothing left may lack both.
    fn judge_report(&self, phone: usize, report: &SyncReport) {
        let left = report.ops_left.unsent() + report.photos_left.due;
        let failed = matches!(report.outcome, SyncOutcome::Offline { .. });
        if failed {
            let kept = self.phones[phone].engine().next_sync_ms().ok().flatten();
            if report.next_attempt_ms.is_none() || kept.is_none() {
                let told = report.next_attempt_ms;
                self.broken(
                    "I5",
                    format!("phone {phone}: {left} left, told to come in {told:?} ms, kept {kept:?}"),
                );
            }
        }
        if matches!(report.outcome, SyncOutcome::Locked { .. }) {
            self.broken("I20", format!("phone {phone} was locked out: {:?}", report.outcome));
        }
    }

    /// A desk takes a step with an incident.
    pub fn desk_step(&self) {
        let automaton = AUTOMATON.get_or_init(|| incident_automaton().expect("the shipped automaton"));
        let incidents: Vec<_> = self
            .oracle()
            .records()
            .into_values()
            .filter(|r| r.kind.is("incident"))
            .collect();
        let Some(incident) = self.roll(|d| d.pick(&incidents).cloned()) else {
            return;
        };
        let from = automaton
            .transitions
            .iter()
            .filter(|t| t.from.contains(&incident.state));
        let steps: Vec<_> = from.filter(|t| t.id != "T01_SAVE_DRAFT").collect();
        let Some(step) = self.roll(|d| d.pick(&steps).map(|t| (*t).clone())) else {
            return;
        };
        let role = step.actors.first().cloned().unwrap_or_default();
        let staff = format!("d_{}", role.to_lowercase());
        let message =
            json!({"record": incident.id, "event": step.id, "role": role, "staff": staff, "args": said(&step.id)});
        let (status, reply) = self.server.operate("/admin/v1/act", Some(&message));
        self.note(format!(
            "desk {} {status} {}",
            step.id,
            reply.get("status").unwrap_or(&Value::Null)
        ));
        self.count("desk step");
    }

    /// A desk edits a person: a field that phones know, or one that only a later version will.
    pub fn desk_edit(&self) {
        let people = self
            .oracle()
            .records()
            .into_values()
            .filter(|r| r.kind.is("person") && !r.deleted);
        let people: Vec<_> = people.collect();
        let Some(person) = self.roll(|d| d.pick(&people).cloned()) else {
            return;
        };
        let value = self.ledger.borrow_mut().fresh(99);
        let foreign = self.roll(|d| d.chance(400));
        let field = if foreign { "x_later" } else { "care_need" };
        let set = body(json!({field: value}));
        let message = json!({"record": person.id, "role": "COMMUNITY_DESK", "staff": "d_1", "set": set});
        let (status, reply) = self.server.operate("/admin/v1/act", Some(&message));
        if foreign && reply.get("status") == Some(&json!("applied")) {
            let mut ledger = self.ledger.borrow_mut();
            ledger.foreign.insert((person.id, field.to_owned()), json!(value));
        }
        self.note(format!("desk edit {field} {status}"));
        self.count("desk edit");
    }

    /// Sets what grids a staff member works in.
    pub fn assign(&self, staff: &str, grids: &[&str]) {
        let message = json!({"id": staff, "grids": grids});
        let (status, reply) = self.server.operate("/admin/v1/staff", Some(&message));
        assert_eq!(status, 200, "{staff} is assigned: {reply}");
    }
}

/// What a step must say for its guards to let it through.
fn said(step: &str) -> Value {
    match step.get(..3) {
        Some("T07") => json!({"result": "exist"}),
        Some("T09") => json!({"reason_code": "unverifiable", "reply": "x"}),
        Some("T10") => json!({"missing": ["x"]}),
        Some("T13" | "T14") => json!({"main": "squad", "reason": "x"}),
        Some("T24") => json!({"result": "explained", "note": "x"}),
        Some("T26") => json!({"result": "pass", "reason": "x"}),
        Some("T30") => json!({"satisfaction": 3}),
        Some("T32") => json!({"level": 1}),
        Some("T34") => json!({"urgency": "URGENT"}),
        _ => json!({"reason": "x", "note": "x"}),
    }
}
