//! What changed, down: asked for, staged, published scope by scope.

use super::lines::take_lines;
use super::requests::{Lines, lines};
use super::run::Run;
use super::trouble::Trouble;
use crate::model::record::Kind;
use crate::store::{digest, identity, pull};
use crate::sync::{Event, Failure};
use crate::wire::limits;
use crate::wire::pull::{PullLine, PullRequest};

impl Run<'_> {
    pub(super) fn pull(&mut self) -> Result<Event, Trouble> {
        let set = self.engine.store.read(identity::scope_set)?;
        let request = PullRequest {
            device: self.me.device,
            scopes: self.engine.store.read(|r| pull::cursors(r, &set.scopes))?,
            scope_set_version: set.version,
            max_bytes: limits::PULL_BYTES as u64,
            sent_at: self.engine.env.clock.wall(),
        };
        let reply = self.wire.post("/v1/pull", &request)?;
        let lines = match lines(&reply.body)? {
            Lines::All(lines) => lines,
            Lines::TooNew => {
                let code = "must_understand".to_owned();
                self.too_old = Some(code.clone());
                return Err(Trouble::Machine(Failure::Refused { code }));
            }
        };
        let now = self.engine.env.clock.wall();
        let taken = self.engine.store.write(|w| take_lines(w, &lines, &request, now))?;
        self.tally.pulled += taken.published;
        self.packs_changed |= lines
            .iter()
            .any(|l| matches!(l, PullLine::Put { record, .. } if record.kind.is(Kind::PACK)));
        self.engine.forecast_pending()?;
        let damaged = taken.complete && !self.engine.store.read(digest::damaged)?.is_empty();
        Ok(Event::Pulled {
            complete: taken.complete,
            rescoped: taken.rescoped,
            damaged,
        })
    }
}
