//! Letting go: revoked scopes, and files that may leave the vault.

use super::run::Run;
use super::trouble::Trouble;
use crate::app::error::AppError;
use crate::model::op::Operation;
use crate::model::record::Scope;
use crate::model::time::UtcMillis;
use crate::platform::reply::json as read;
use crate::store::identity::{self, Setting};
use crate::store::purge::{self, Purge};
use crate::store::{Reader, StoreError, retention, unsent};
use crate::sync::Event;
use crate::wire::scopes::{HandoverRequest, PurgedRequest, Taken};

/// How long originals stay after the platform has stored them, unless the district says otherwise: seven days, so that a
/// platform restored from an older copy can be given them again.
const KEEP_ORIGINALS_MS: u64 = 7 * 86_400_000;

impl Run<'_> {
    /// Goes as far with each revoked scope as nothing of it waits, and sends the receipts of those that are gone.
    pub(super) fn let_go(&mut self) -> Result<Event, Trouble> {
        for purge in self.engine.store.read(purge::list)? {
            self.let_scope_go(&purge)?;
        }
        Ok(Event::Purged)
    }

    fn let_scope_go(&mut self, purge: &Purge) -> Result<(), Trouble> {
        let store = &self.engine.store;
        let scope = &purge.scope;
        if purge.step == "hidden" {
            self.hand_over(purge)?;
            while store.write(|w| purge::some(w, scope))? > 0 {}
            self.engine.remove_files()?;
            let waits = store
                .read(purge::list)?
                .into_iter()
                .any(|p| p.scope == *scope && p.waiting > 0);
            if waits {
                return Ok(());
            }
            store.write(|w| purge::advance(w, scope, "gone"))?;
        }
        if purge.step != "scrubbed" {
            if !store.scrub()? {
                // somebody reads: the log keeps its old pages until the next run
                return Ok(());
            }
            store.write(|w| purge::advance(w, scope, "scrubbed"))?;
        }
        let Some(gone) = store.read(purge::list)?.into_iter().find(|p| p.scope == *scope) else {
            return Ok(());
        };
        let receipt = PurgedRequest {
            device: self.me.device,
            scope: scope.clone(),
            epoch: gone.epoch,
            records: gone.records,
            blobs: gone.blobs,
            at: self.engine.env.clock.wall(),
        };
        let Taken {} = read(self.wire.post("/v1/purged", &receipt)?)?;
        store.write(|w| purge::done(w, scope))?;
        self.tally.purged += gone.records;
        Ok(())
    }

    /// Refused operations of the scope go to the supervisor: here nobody can see or mend them any more.
    fn hand_over(&mut self, purge: &Purge) -> Result<(), Trouble> {
        let scope = &purge.scope;
        self.hand_over_all(scope, |r| purge::to_hand_over(r, scope))
    }

    /// The same for a phone that is wiped: refused operations of any record, and drafts, which nobody will submit any more.
    pub(super) fn hand_over_everything(&mut self) -> Result<(), Trouble> {
        self.hand_over_all(&Scope("*".to_owned()), unsent::to_hand_over)
    }

    fn hand_over_all(
        &mut self,
        scope: &Scope,
        next: impl Fn(&Reader<'_>) -> Result<Vec<Operation>, StoreError>,
    ) -> Result<(), Trouble> {
        loop {
            let ops = self.engine.store.read(&next)?;
            if ops.is_empty() {
                return Ok(());
            }
            let request = HandoverRequest {
                device: self.me.device,
                scope: scope.clone(),
                ops,
            };
            let Taken {} = read(self.wire.post("/v1/handover", &request)?)?;
            self.engine
                .store
                .write(|w| request.ops.iter().try_for_each(|op| purge::handed_over(w, op)))?;
        }
    }

    /// Originals that the platform has kept for long enough leave the phone, by the platform's clock.
    pub(super) fn sweep(&mut self) -> Result<(), AppError> {
        if let Some(now) = self.greeted_at {
            self.engine.evict_originals(now)?;
        }
        self.engine.remove_files()
    }
}

impl crate::app::Engine {
    fn evict_originals(&self, now: UtcMillis) -> Result<u64, AppError> {
        self.store.write(|w| {
            let keep = identity::setting(w, Setting::KeepOriginals)?.unwrap_or(KEEP_ORIGINALS_MS);
            Ok(retention::evict(w, now, keep)?)
        })
    }

    /// Removes the files that were let go of. An intake of the same photo cannot come in between.
    pub(super) fn remove_files(&self) -> Result<(), AppError> {
        while let Some(hash) = self.store.read(retention::next_file)? {
            let _turn = self.intake_turn();
            self.store.write(|w| {
                if retention::next_file(w)? == Some(hash) {
                    self.env.media.remove(&hash.hex())?;
                    retention::file_gone(w, hash)?;
                }
                Ok::<_, AppError>(())
            })?;
        }
        Ok(())
    }
}
