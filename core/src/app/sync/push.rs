//! Operations up: a batch read, sent, and its answers taken one by one.

use serde::Deserialize;
use serde_json::Value;

use super::run::{Next, Run};
use super::trouble::Trouble;
use crate::model::env::ten_random;
use crate::model::ids::{Incarnation, OpId};
use crate::planted::{Bug, planted};
use crate::platform::reply::{ReplyError, json as read};
use crate::store::ops;
use crate::sync::Event;
use crate::wire::limits;
use crate::wire::push::{OpResult, OpStatus, PushRequest};

/// A reply to a push, its results not yet read: one that this phone cannot read leaves its own operation waiting, no other.
#[derive(Deserialize)]
struct Reply {
    results: Vec<Value>,
}

/// What the planted bug makes of a page that is not the platform's.
fn refused(op: OpId) -> OpResult {
    OpResult {
        op,
        status: OpStatus::Rejected,
        rev: None,
        record: None,
        conflict: None,
        code: Some("captive_portal".to_owned()),
        fields: Vec::new(),
        redirected: None,
    }
}

impl Run<'_> {
    pub(super) fn read_batch(&mut self, most: usize) -> Result<Event, Trouble> {
        let lanes = self.lanes()?;
        let bytes = limits::PUSH_BYTES / 2;
        self.batch = self.engine.store.write(|w| ops::next_push(w, &lanes, most, bytes))?;
        Ok(Event::BatchRead(self.batch.len()))
    }

    pub(super) fn push(&mut self) -> Result<Event, Trouble> {
        let before = self.wire.up;
        let request = PushRequest {
            device: self.me.device,
            incarnation: self.me.incarnation,
            acked_through: self.batch.first().map_or(0, |op| op.n.saturating_sub(1)),
            sent_at: self.engine.env.clock.wall(),
            ops: std::mem::take(&mut self.batch),
        };
        let sent = self.wire.post("/v1/push", &request);
        self.count_traffic(1, self.wire.up - before)?;
        if planted(Bug::PortalRefuses)
            && matches!(
                &sent,
                Err(ReplyError::Retryable {
                    code: "captive_portal",
                    ..
                })
            )
        {
            let refused: Vec<OpResult> = request.ops.iter().map(|op| refused(op.op.op)).collect();
            self.engine.store.write(|w| ops::apply_results(w, &refused))?;
        }
        let reply: Reply = read(sent?)?;
        let results: Vec<OpResult> = reply
            .results
            .into_iter()
            .filter_map(|result| serde_json::from_value(result).ok())
            .collect();
        let settled = self.engine.store.write(|w| ops::apply_results(w, &results))?;
        let progress = settled.taken + settled.conflicts + settled.refused > 0;
        let sum = &mut self.tally.settled;
        sum.taken += settled.taken;
        sum.conflicts += settled.conflicts;
        sum.refused += settled.refused;
        sum.held += settled.held;
        sum.ignored += settled.ignored;
        Ok(Event::BatchAnswered { progress })
    }

    pub(super) fn fork(&mut self) -> Result<Next, Trouble> {
        let env = &self.engine.env;
        self.me.incarnation = Incarnation::v7(env.clock.wall(), ten_random(&*env.entropy));
        let incarnation = self.me.incarnation;
        self.note(|w| ops::fork(w, incarnation))
    }
}
