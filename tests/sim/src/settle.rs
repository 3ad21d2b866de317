//! The end of the chaos: the network is fair, nobody types, and everything must come to rest within a few rounds.

use fushan_grid_core::app::sync::SyncOutcome;
use serde_json::json;

use crate::acts::list;
use crate::world::World;

/// Rounds within which everything must have come to rest. Wrong counts, new lives of a database and moved scopes each cost one.
const ROUNDS: u32 = 12;

impl World {
    /// Brings the world to rest. Clocks stay as wrong as they are.
    pub fn settle(&self) {
        self.quiet.set(true);
        self.at_step(u64::MAX / 2);
        self.note("quiet".into());
        self.arrive_late();
        for phone in 0..self.phones.len() {
            self.phones[phone].seams.kill_after(0);
            self.finish_drafts(phone);
        }
        for round in 1..=ROUNDS {
            let mut still = true;
            for phone in 0..self.phones.len() {
                self.clock.pass(60_000);
                still &= self.settle_phone(phone);
                if self.failed() {
                    return;
                }
            }
            if still && round > 1 {
                self.count(&format!("settled in {round} rounds"));
                return;
            }
        }
        self.broken("I5", format!("not at rest after {ROUNDS} rounds"));
    }

    /// Whatever was begun is submitted or given up.
    fn finish_drafts(&self, phone: usize) {
        let drafts = list(&self.phones[phone].engine(), "incident");
        for view in drafts.iter().filter(|v| v.record.state == "DRAFT") {
            let engine = self.phones[phone].engine();
            if engine.incident_submit(view.record.id).is_ok() {
                self.books.borrow_mut()[phone].made += 1;
            } else if engine.incident_withdraw(view.record.id, "x").is_ok() {
                self.ledger
                    .borrow_mut()
                    .excuse_text(&json!(view.record.body).to_string());
            }
        }
    }

    /// One synchronisation of a phone; tells whether there was nothing left to do.
    fn settle_phone(&self, phone: usize) -> bool {
        let letters = |w: &Self| {
            w.phones[phone]
                .engine()
                .sync_status()
                .map_or(0, |s| s.dead_letters.len())
        };
        let had = letters(self);
        for _ in 0..had {
            self.mend(phone);
        }
        let Some(report) = self.sync(phone) else { return false };
        self.check_phone(phone);
        let open = report.ops_left.unsent() + report.photos_left.due;
        if report.outcome != SyncOutcome::Done {
            self.note(format!("phone {phone} is not done: {:?}", report.outcome));
        }
        had == 0 && letters(self) == 0 && report.outcome == SyncOutcome::Done && open == 0 && report.pulled == 0
    }
}
