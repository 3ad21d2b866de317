//! Carries out the commands of the sync machine. Every step commits before the next wait; no transaction spans a request.

use serde_json::json;

use super::lines::{take_lines, take_scope_set};
use super::report::{SyncOutcome, SyncReport};
use super::requests::{Wire, lines};
use super::{Budget, Observer, Progress};
use crate::app::error::AppError;
use crate::app::{Engine, dictionaries};
use crate::evidence::{EvidenceError, VaultReader};
use crate::model::env::ten_random;
use crate::model::ids::Incarnation;
use crate::model::record::Kind;
use crate::platform::reply::{ReplyError, json as read};
use crate::platform::{Cancel, Transport};
use crate::store::blobs::{self, Blob};
use crate::store::identity::{self, Identity};
use crate::store::ops::{self, Settled};
use crate::store::{StoreError, pull, runs};
use crate::sync::{Command, Event, Failure, Meter, Outcome, next_attempt_ms, start, step};
use crate::wire::enrol::{HelloReply, HelloRequest};
use crate::wire::manifest::EventKind;
use crate::wire::pull::{PullLine, PullRequest};
use crate::wire::push::{NumberedOp, PushReply, PushRequest};
use crate::wire::{PROTOCOL, limits};

/// Name and version told to the platform.
pub(in crate::app) const APP: &str = concat!("fushan-grid/", env!("CARGO_PKG_VERSION"));

impl Engine {
    /// Settles with the platform: sends what waits, takes what changed, uploads photos, within the budget. Runs on the
    /// caller's thread and leaves nothing behind it. What it could not settle is kept; how it ended is an outcome.
    ///
    /// # Errors
    /// [`AppError::NotEnrolled`], and those of the store.
    pub fn sync_once(
        &self,
        transport: &dyn Transport,
        budget: Budget,
        observer: &dyn Observer,
        cancel: &Cancel,
    ) -> Result<SyncReport, AppError> {
        let me = self.store.read(identity::get)?.ok_or(AppError::NotEnrolled)?;
        let Some(_guard) = self.running.take() else {
            return self.report(SyncOutcome::Busy, &Tally::default(), 0);
        };
        let token = me.token.clone();
        let mut run = Run {
            engine: self,
            me,
            wire: Wire {
                transport,
                cancel,
                token: &token,
                up: 0,
                down: 0,
            },
            budget,
            started_ms: self.env.clock.monotonic_ms(),
            tally: Tally::default(),
            batch: Vec::new(),
            blob: None,
            reader: None,
            packs_changed: false,
            sealed: false,
        };
        let started_at = self.env.clock.wall();
        let outcome = run.drive(observer)?;
        let (tally, duration) = (run.finish_tally(), run.elapsed_ms());
        if run.packs_changed {
            dictionaries::install_areas(&self.store)?;
            self.reload_dictionaries()?;
        }
        let report = self.conclude(outcome, &tally, duration)?;
        self.store
            .write(|w| runs::add(w, started_at, &json!(report)).map_err(AppError::from))?;
        Ok(report)
    }

    /// Counts failed runs in a row, and says when to come again.
    fn conclude(&self, outcome: Outcome, tally: &Tally, duration: u64) -> Result<SyncReport, AppError> {
        let (outcome, failed, asked) = match outcome {
            Outcome::Done => (SyncOutcome::Done, false, None),
            Outcome::Cancelled => (SyncOutcome::Cancelled, false, None),
            Outcome::Budget => (SyncOutcome::Budget, false, Some(0)),
            Outcome::Offline { code, after_ms } => (SyncOutcome::Offline { code }, true, after_ms),
            Outcome::Locked { code } => (SyncOutcome::Locked { code }, false, None),
        };
        let failures = self
            .store
            .write(|w| identity::count_failures(w, failed).map_err(AppError::from))?;
        let mut report = self.report(outcome, tally, duration)?;
        let mut random = [0; 4];
        self.env.entropy.fill(&mut random);
        report.next_attempt_ms = match asked {
            Some(0) => Some(0),
            asked if failed => Some(next_attempt_ms(failures, asked, u32::from_le_bytes(random))),
            _ => None,
        };
        Ok(report)
    }

    fn report(&self, outcome: SyncOutcome, tally: &Tally, duration_ms: u64) -> Result<SyncReport, AppError> {
        let (ops_left, photos_left) = self
            .store
            .read(|r| Ok::<_, AppError>((ops::ledger(r)?, blobs::counts(r)?)))?;
        Ok(SyncReport {
            outcome,
            taken: tally.settled.taken,
            conflicts: tally.settled.conflicts,
            refused: tally.settled.refused,
            pulled: tally.pulled,
            photos_stored: tally.photos,
            bytes_up: tally.up,
            bytes_down: tally.down,
            duration_ms,
            ops_left,
            photos_left,
            next_attempt_ms: None,
        })
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    settled: Settled,
    pulled: u64,
    photos: u32,
    up: u64,
    down: u64,
}

/// One run: what it holds between commands.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) me: Identity,
    pub(super) wire: Wire<'a>,
    pub(super) budget: Budget,
    pub(super) started_ms: u64,
    pub(super) tally: Tally,
    pub(super) batch: Vec<NumberedOp>,
    pub(super) blob: Option<Blob>,
    /// The photo in hand, decrypted up to this offset.
    pub(super) reader: Option<(VaultReader, u64)>,
    pub(super) packs_changed: bool,
    /// Open custody events were sealed into entries.
    pub(super) sealed: bool,
}

/// A command's failure: the machine's matter, or one that ends the run with an error.
pub(super) enum Trouble {
    Machine(Failure),
    Fatal(AppError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Fatal(error.into())
    }
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        Self::Fatal(error)
    }
}

impl From<EvidenceError> for Trouble {
    fn from(error: EvidenceError) -> Self {
        use crate::model::fault::Coded as _;
        Self::Machine(Failure::Media {
            code: error.fault().code.to_owned(),
        })
    }
}

impl From<ReplyError> for Trouble {
    fn from(error: ReplyError) -> Self {
        Self::Machine(match error {
            ReplyError::Retryable { code, after_ms } => {
                let served = matches!(code, "server_error" | "rate_limited" | "unreadable" | "reply_cut");
                Failure::Retryable {
                    code: code.to_owned(),
                    after_ms,
                    network: !served,
                }
            }
            ReplyError::Sequence {
                code,
                expected_n,
                offset,
            } => Failure::Sequence {
                code,
                expected_n,
                offset,
            },
            ReplyError::Auth { code } => Failure::Auth { code },
            ReplyError::Refused { code } => Failure::Refused { code },
            ReplyError::Cancelled => Failure::Cancelled,
        })
    }
}

impl Run<'_> {
    fn drive(&mut self, observer: &dyn Observer) -> Result<Outcome, AppError> {
        let (mut state, mut commands) = start();
        loop {
            let mut event = None;
            for command in commands {
                match self.carry_out(command) {
                    Ok(Next::Event(happened)) => event = Some(happened),
                    Ok(Next::Nothing) => {}
                    Ok(Next::Over(outcome)) => return Ok(outcome),
                    Err(Trouble::Machine(failure)) => event = Some(Event::Failed(failure)),
                    Err(Trouble::Fatal(error)) => return Err(error),
                }
            }
            observer.progress(&self.progress());
            let Some(event) = event else { return Ok(Outcome::Done) };
            (state, commands) = step(&state, event, self.meter());
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<Next, Trouble> {
        let event = match command {
            Command::Hello => self.hello()?,
            Command::ReadBatch => {
                let store = &self.engine.store;
                self.batch = store.write(|w| ops::next_push(w, limits::OPS_PER_PUSH, limits::PUSH_BYTES / 2))?;
                Event::BatchRead(self.batch.len())
            }
            Command::SendBatch => self.push()?,
            Command::Renumber(n) => return self.note(|w| ops::renumber(w, n)),
            Command::Fork => return self.fork(),
            Command::Pull => self.pull()?,
            Command::SendEntries => self.send_entries()?,
            Command::FindBlob => self.find_blob()?,
            Command::Probe => self.probe()?,
            Command::OpenUpload => self.open_upload()?,
            Command::AskOffset => {
                let upload = self.upload_path()?;
                Event::OffsetTold(self.wire.offset(&upload)?)
            }
            Command::SendChunk { offset, len } => self.send_chunk(offset, len)?,
            Command::NoteStored => {
                self.tally.photos += 1;
                let hash = self.blob()?.hash;
                self.engine.store.write(|w| {
                    blobs::set_stored(w, hash)?;
                    self.engine.log_event(w, EventKind::Stored, hash, None)
                })?;
                return Ok(Next::Nothing);
            }
            Command::NoteProblem(code) => {
                let hash = self.blob()?.hash;
                return self.note(|w| blobs::set_problem(w, hash, Some(&code)));
            }
            Command::Finish(outcome) => return Ok(Next::Over(outcome)),
        };
        Ok(Next::Event(event))
    }

    fn note(&self, write: impl FnOnce(&crate::store::Writer<'_>) -> Result<(), StoreError>) -> Result<Next, Trouble> {
        self.engine.store.write(write)?;
        Ok(Next::Nothing)
    }

    fn hello(&mut self) -> Result<Event, Trouble> {
        let sent_at = self.engine.env.clock.wall();
        let request = HelloRequest {
            device: self.me.device,
            incarnation: self.me.incarnation,
            app: APP.to_owned(),
            protocol: vec![PROTOCOL],
            schema: self.engine.dictionaries().schema.schema,
            sent_at,
        };
        let reply: HelloReply = read(self.wire.post("/v1/hello", &request)?)?;
        self.me.staff = reply.staff;
        let seen = self.engine.server_seen(reply.server_time);
        self.engine.store.write(|w| {
            identity::put(w, &self.me)?;
            identity::put_server_offset(w, reply.server_time.since(sent_at))?;
            identity::put_server_seen(w, &seen)?;
            take_scope_set(w, &reply.scope_set)
        })?;
        Ok(Event::Greeted)
    }

    fn push(&mut self) -> Result<Event, Trouble> {
        let request = PushRequest {
            device: self.me.device,
            incarnation: self.me.incarnation,
            acked_through: self.batch.first().map_or(0, |op| op.n.saturating_sub(1)),
            sent_at: self.engine.env.clock.wall(),
            ops: std::mem::take(&mut self.batch),
        };
        let reply: PushReply = read(self.wire.post("/v1/push", &request)?)?;
        let settled = self.engine.store.write(|w| ops::apply_results(w, &reply.results))?;
        let progress = settled.taken + settled.conflicts + settled.refused > 0;
        let sum = &mut self.tally.settled;
        sum.taken += settled.taken;
        sum.conflicts += settled.conflicts;
        sum.refused += settled.refused;
        sum.held += settled.held;
        sum.ignored += settled.ignored;
        Ok(Event::BatchAnswered { progress })
    }

    fn fork(&mut self) -> Result<Next, Trouble> {
        let env = &self.engine.env;
        self.me.incarnation = Incarnation::v7(env.clock.wall(), ten_random(&*env.entropy));
        let incarnation = self.me.incarnation;
        self.note(|w| ops::fork(w, incarnation))
    }

    fn pull(&mut self) -> Result<Event, Trouble> {
        let set = self.engine.store.read(identity::scope_set)?;
        let request = PullRequest {
            device: self.me.device,
            scopes: self.engine.store.read(|r| pull::cursors(r, &set.scopes))?,
            scope_set_version: set.version,
            max_bytes: limits::PULL_BYTES as u64,
            sent_at: self.engine.env.clock.wall(),
        };
        let reply = self.wire.post("/v1/pull", &request)?;
        let lines = lines(&reply.body)?;
        let now = self.engine.env.clock.wall();
        let (published, complete) = self.engine.store.write(|w| take_lines(w, &lines, &request, now))?;
        self.tally.pulled += published;
        self.packs_changed |= lines
            .iter()
            .any(|l| matches!(l, PullLine::Put { record, .. } if record.kind.is(Kind::PACK)));
        Ok(Event::Pulled { complete })
    }

    fn meter(&self) -> Meter {
        let bytes = self.wire.up + self.wire.down;
        let exhausted = self.elapsed_ms() >= u64::try_from(self.budget.time.as_millis()).unwrap_or(u64::MAX)
            || self.budget.bytes.is_some_and(|most| bytes >= most);
        Meter {
            exhausted,
            cancelled: self.wire.cancel.is_cancelled(),
        }
    }

    fn elapsed_ms(&self) -> u64 {
        self.engine.env.clock.monotonic_ms().saturating_sub(self.started_ms)
    }

    fn progress(&self) -> Progress {
        let settled = self.tally.settled;
        Progress {
            ops_done: u64::from(settled.taken + settled.conflicts + settled.refused),
            pulled: self.tally.pulled,
            photos_done: self.tally.photos.into(),
            bytes_up: self.wire.up,
            bytes_down: self.wire.down,
        }
    }

    fn finish_tally(&self) -> Tally {
        Tally {
            up: self.wire.up,
            down: self.wire.down,
            ..self.tally
        }
    }
}

/// What carrying a command out led to.
enum Next {
    Event(Event),
    Nothing,
    Over(Outcome),
}
