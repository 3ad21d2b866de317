//! What waits, what is stuck, when the last run was: the sync screen as data.

use serde::Serialize;
use serde_json::Value;

use super::Engine;
use super::error::AppError;
use crate::model::ids::{OpId, RecordId};
use crate::model::record::{Body, Kind};
use crate::model::time::UtcMillis;
use crate::store::blobs::{self, BlobCounts};
use crate::store::ops::{self, DeadLetter, OpCounts};
use crate::store::{identity, records, runs};

/// State of this phone towards the platform.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SyncStatus {
    /// Whether the phone is enrolled.
    pub enrolled: bool,
    /// Operations by state.
    pub ops: OpCounts,
    /// Photos by state.
    pub photos: BlobCounts,
    /// Open conflicts.
    pub conflicts: u64,
    /// Refused operations with their reasons.
    pub dead_letters: Vec<DeadLetter>,
    /// Scopes this phone holds.
    pub scopes: Vec<String>,
    /// How far the platform's clock is ahead of this phone's, in milliseconds.
    pub server_offset_ms: Option<i64>,
    /// The last runs, the newest first: when they started, and their reports.
    pub runs: Vec<(UtcMillis, Value)>,
}

impl Engine {
    /// What waits, what is stuck, when the last run was.
    ///
    /// # Errors
    /// Those of the store.
    pub fn sync_status(&self) -> Result<SyncStatus, AppError> {
        let conflicts = self.conflicts_open()?.len() as u64;
        self.store.read(|r| {
            Ok(SyncStatus {
                enrolled: identity::get(r)?.is_some(),
                ops: ops::ledger(r)?,
                photos: blobs::counts(r)?,
                conflicts,
                dead_letters: ops::dead_letters(r)?,
                scopes: identity::scope_set(r)?.scopes.into_iter().map(|s| s.0).collect(),
                server_offset_ms: identity::server_offset(r)?,
                runs: runs::last(r)?,
            })
        })
    }

    /// Queues a refused operation again, with fields edited.
    ///
    /// # Errors
    /// [`AppError::Store`] when it is not refused (any more).
    pub fn requeue(&self, refused: OpId, edited: Body) -> Result<(), AppError> {
        let fresh = OpId::v7(self.env.clock.wall(), crate::model::env::ten_random(&*self.env.entropy));
        self.store.write(|w| Ok(ops::requeue(w, refused, fresh, edited)?))
    }

    /// Drops a refused operation, because the worker said so. Tells how many operations went with it.
    ///
    /// # Errors
    /// [`AppError::Store`] when it is not refused (any more).
    pub fn drop_refused(&self, refused: OpId) -> Result<u32, AppError> {
        self.store.write(|w| Ok(ops::drop_dead(w, refused)?))
    }

    /// Ids of all records of a kind that this phone holds with their revisions, in pages of 1,000; for comparing with the
    /// platform.
    ///
    /// # Errors
    /// Those of the store.
    pub fn revisions(&self, kind: &str) -> Result<Vec<(RecordId, i64)>, AppError> {
        let mut query = records::ListQuery {
            kind: Kind::of(kind),
            grid: None,
            state: None,
            after: None,
            limit: 1000,
        };
        let mut found = Vec::new();
        loop {
            let page = self.list(&query)?;
            found.extend(page.items.iter().map(|v| (v.record.id, v.record.rev)));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(found),
            }
        }
    }
}
