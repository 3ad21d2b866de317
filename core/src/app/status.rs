//! What waits, what is stuck, when the last run was: the sync screen as data.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::Engine;
use super::error::AppError;
use crate::model::ids::{OpId, RecordId};
use crate::model::op::Lane;
use crate::model::policy::{Conditions, Policy};
use crate::model::record::{Body, Kind};
use crate::model::time::UtcMillis;
use crate::store::blobs::{self, BlobCounts};
use crate::store::identity::{self, Setting};
use crate::store::ops::{self, DeadLetter, OpCounts};
use crate::store::pull::{self, ScopeState};
use crate::store::traffic::{self, Waiting};
use crate::store::{lease, purge, records, runs, warnings};
use crate::sync::{Blocked, LANES, LaneLoad, blocked};

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
    /// The five lanes, the most urgent first.
    pub lanes: Vec<LaneStatus>,
    /// Where each scope stands.
    pub followed: Vec<ScopeState>,
    /// Scopes being let go, with the records that something still waits for.
    pub letting_go: Vec<(String, u64)>,
    /// Operations that the platform will most likely not take as they are.
    pub warnings: u64,
    /// Photos that cannot go on, by the code of the reason.
    pub stuck: BTreeMap<String, u64>,
    /// Milliseconds until the next attempt after a failed run.
    pub next_attempt_ms: Option<u64>,
    /// Until when this phone opens without asking the platform.
    pub lease_expires_at: Option<UtcMillis>,
    /// Why this app is too old for the platform.
    pub needs_upgrade: Option<String>,
    /// How far the platform's clock is ahead of this phone's, in milliseconds.
    pub server_offset_ms: Option<i64>,
    /// The last runs, the newest first: when they started, and their reports.
    pub runs: Vec<(UtcMillis, Value)>,
}

/// One lane of the upload.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneStatus {
    /// Its name, `P0` the most urgent.
    pub lane: Lane,
    /// What waits in it.
    #[serde(flatten)]
    pub waiting: Waiting,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_ms: Option<u64>,
    /// What stands in its way under the conditions asked about.
    pub blocked: Option<Blocked>,
}

impl Engine {
    /// What waits, what is stuck, when the last run was; on a network that costs nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub fn sync_status(&self) -> Result<SyncStatus, AppError> {
        self.sync_status_under(Conditions::default())
    }

    /// The same under given conditions: which lanes may move on them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn sync_status_under(&self, conditions: Conditions) -> Result<SyncStatus, AppError> {
        let conflicts = self.conflicts_open()?.len() as u64;
        let next_attempt_ms = self.next_sync_ms()?;
        let now = self.env.clock.wall();
        self.store.read(|r| {
            let policy = identity::setting(r, Setting::Policy)?.unwrap_or_default();
            let letting_go = purge::list(r)?.into_iter().map(|p| (p.scope.0, p.waiting)).collect();
            Ok(SyncStatus {
                lanes: lane_states(&traffic::lanes(r, now)?, &policy, conditions, now),
                followed: pull::states(r)?,
                letting_go,
                warnings: warnings::list(r, None)?.len() as u64,
                stuck: blobs::problems(r)?,
                next_attempt_ms,
                lease_expires_at: lease::in_force(r)?.map(|lease| lease.expires_at),
                needs_upgrade: identity::setting::<Option<String>>(r, Setting::NeedsUpgrade)?.flatten(),
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

    /// What a tester or the district's support needs to see, without anything about residents: counts, codes, durations,
    /// versions. No body, no name, no place, no photo, no token.
    ///
    /// # Errors
    /// Those of the store.
    pub fn diagnostics(&self, conditions: Conditions) -> Result<Value, AppError> {
        let status = self.sync_status_under(conditions)?;
        let refused: Vec<Value> = status
            .dead_letters
            .iter()
            .map(|letter| {
                let action = json!(letter.op.action);
                json!({"kind": letter.op.kind, "do": action.get("do"), "code": letter.code, "fields": letter.fields})
            })
            .collect();
        let mut whats: BTreeMap<String, u64> = BTreeMap::new();
        for (_, warning) in self.warnings(None)? {
            *whats.entry(warning.what).or_default() += 1;
        }
        let mut document = json!(status);
        if let Some(fields) = document.as_object_mut() {
            fields.remove("dead_letters");
            fields.insert("refused".into(), Value::Array(refused));
            fields.insert("warned_of".into(), json!(whats));
            fields.insert("engine".into(), env!("CARGO_PKG_VERSION").into());
            fields.insert("schema".into(), self.dictionaries().schema.schema.into());
            fields.insert(
                "conditions".into(),
                json!({"network": conditions.network, "battery": conditions.battery}),
            );
        }
        Ok(document)
    }

    /// A refused operation as it was sent, for the worker to keep elsewhere before it is dropped.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when it is not refused (any more).
    pub fn refused(&self, op: OpId) -> Result<DeadLetter, AppError> {
        let letters = self.store.read(ops::dead_letters)?;
        letters
            .into_iter()
            .find(|letter| letter.op.op == op)
            .ok_or(AppError::NotFound)
    }

    /// Queues a refused operation again, with fields edited, and with it whatever was refused as part of the same group. Tells
    /// how many were queued.
    ///
    /// # Errors
    /// [`AppError::Store`] when it is not refused (any more).
    pub fn requeue(&self, refused: OpId, edited: Body) -> Result<u32, AppError> {
        let now = self.env.clock.wall();
        let mut fresh = || OpId::v7(now, crate::model::env::ten_random(&*self.env.entropy));
        self.store.write(|w| Ok(ops::requeue(w, refused, &mut fresh, edited)?))
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

fn lane_states(waiting: &[Waiting; 5], policy: &Policy, conditions: Conditions, now: UtcMillis) -> Vec<LaneStatus> {
    let state = |(lane, waiting): (Lane, &Waiting)| {
        let oldest_ms = waiting.oldest.map(|at| u64::try_from(now.since(at)).unwrap_or(0));
        let load = LaneLoad {
            oldest_ms: oldest_ms.unwrap_or(0),
            bytes_today: waiting.bytes_today,
        };
        LaneStatus {
            lane,
            waiting: *waiting,
            oldest_ms,
            blocked: blocked(policy.of(lane), conditions, load),
        }
    };
    LANES.into_iter().zip(waiting).map(state).collect()
}
