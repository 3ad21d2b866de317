//! I7 and I22: what was sent is sent again, and what was read is read in pieces; neither may make a difference.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Method, Request};
use fushan_grid_core::store::identity::{self, Identity};
use fushan_grid_core::store::{StoreError, identity as known};
use fushan_grid_core::wire;
use fushan_grid_core::wire::pull::{PullLine, PullRequest, ScopeCursor};

use crate::world::World;

/// Requests that are sent again.
const REPEATS: usize = 40;

impl World {
    /// I7: old requests, in any order, change nothing.
    pub fn judge_repeats(&self) {
        let log = self.log.borrow().clone();
        let before = self.oracle().everything();
        for _ in 0..REPEATS.min(log.len()) {
            let Some(request) = self.roll(|d| d.pick(&log).cloned()) else {
                return;
            };
            let _ = self.deliver(&request, None);
        }
        let after = self.oracle().everything();
        if before != after {
            let differs = before.lines().zip(after.lines()).find(|(a, b)| a != b);
            self.broken("I7", format!("a repeat changed the platform: {differs:?}"));
        }
    }

    /// I22: a scope read line by line is the scope read at once.
    pub fn judge_pages(&self) {
        // its token may have run out while the others settled
        self.sync(0);
        let (me, scopes) = self.phones[0].read_store(|store| {
            let me = store.read(identity::get).expect("an identity");
            let session = store.read::<_, StoreError>(known::session).expect("a store");
            let set = store.read::<_, StoreError>(known::scope_set).expect("scopes");
            let mut me = me.expect("an enrolled phone");
            me.token = session.expect("credentials").token;
            (me, set.scopes)
        });
        for scope in scopes.iter().filter(|s| **s != Scope::district()) {
            let whole = self.read_scope(&me, scope, u64::MAX / 2);
            let pieces = self.read_scope(&me, scope, 1);
            if whole != pieces {
                self.broken("I22", format!("{scope} read in pieces differs"));
            }
        }
    }

    fn read_scope(&self, me: &Identity, scope: &Scope, max_bytes: u64) -> BTreeMap<RecordId, i64> {
        let mut found = BTreeMap::new();
        let (mut epoch, mut since) = (0, 0);
        for _ in 0..10_000 {
            let (lines, done) = self.page(me, scope, (epoch, since), max_bytes);
            for line in lines {
                match line {
                    PullLine::Put { record, .. } => {
                        found.insert(record.id, record.rev);
                    }
                    PullLine::Leave { id, .. } | PullLine::Gone { id, .. } => {
                        found.remove(&id);
                    }
                    PullLine::ScopeDone { epoch: e, seq, .. } => (epoch, since) = (e, seq),
                    _ => {}
                }
            }
            if done {
                return found;
            }
        }
        self.broken("I22", format!("{scope} has no end"));
        found
    }

    fn page(&self, me: &Identity, scope: &Scope, (epoch, since): (i64, i64), max_bytes: u64) -> (Vec<PullLine>, bool) {
        let body = PullRequest {
            device: me.device,
            scopes: vec![ScopeCursor {
                scope: scope.clone(),
                epoch,
                since,
                unfinished: false,
            }],
            scope_set_version: 0,
            max_bytes,
            wait_ms: 0,
            sent_at: UtcMillis(0),
        };
        let request = Request {
            method: Method::Post,
            path: "/v1/pull".into(),
            headers: vec![
                ("authorization", format!("Bearer {}", me.token)),
                ("content-type", wire::JSON.to_owned()),
            ],
            body: serde_json::to_vec(&body).unwrap_or_default(),
        };
        let reply = self.deliver(&request, None).map(|r| r.body).unwrap_or_default();
        let text = String::from_utf8(reply).unwrap_or_default();
        let lines: Vec<PullLine> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        let done = lines
            .iter()
            .any(|l| matches!(l, PullLine::ScopeDone { complete: true, .. }));
        (lines, done)
    }
}
