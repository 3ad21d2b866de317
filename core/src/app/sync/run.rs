//! Carries out the commands of the sync machine. Every step commits before the next wait; no transaction spans a request.

use super::fill::Loading;
use super::report::SyncReport;
use super::requests::Wire;
use super::session::Credentials;
use super::trouble::Trouble;
use super::{Budget, Observer, Progress};
use crate::app::error::AppError;
use crate::app::{Engine, dictionaries};
use crate::evidence::VaultReader;
use crate::model::policy::{Network, Policy};
use crate::model::time::UtcMillis;
use crate::platform::{Cancel, Transport};
use crate::store::blobs::{self, Blob};
use crate::store::identity::{self, Identity, Setting};
use crate::store::ops::{self, Settled};
use crate::store::{StoreError, pull, traffic};
use crate::sync::{Command, Event, FIRST_ENTRIES, LaneLoad, LaneSet, Meter, Outcome, start, step};
use crate::wire::manifest::EventKind;
use crate::wire::push::NumberedOp;

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
        self.device()?;
        let Some(_guard) = self.running.take() else {
            return self.not_now(super::SyncOutcome::Busy, None);
        };
        if let Some(left_ms) = self.still_waits(budget.trigger)? {
            return self.not_now(super::SyncOutcome::Waiting, Some(left_ms));
        }
        let (me, session) = self.session()?;
        let credentials = Credentials::of(self, me.device, session);
        let mut run = Run {
            engine: self,
            me,
            wire: Wire {
                transport,
                cancel,
                credentials,
                up: 0,
                down: 0,
            },
            budget,
            policy: self
                .store
                .read(|r| identity::setting(r, Setting::Policy))?
                .unwrap_or_default(),
            started_ms: self.env.clock.monotonic_ms(),
            tally: Tally::default(),
            batch: Vec::new(),
            blob: None,
            reader: None,
            loading: None,
            greeted_at: None,
            packs_changed: false,
            sealed: false,
            entries_most: FIRST_ENTRIES,
            too_old: None,
        };
        let started_at = self.env.clock.wall();
        let failed_before = self.store.write(|w| {
            identity::begin_run(w)?;
            Ok::<_, AppError>(identity::failures(w)? > 0)
        })?;
        let outcome = run.drive(observer, failed_before)?;
        run.sweep()?;
        let wiped = run.wipe_if_ordered()?;
        let (tally, duration) = (run.finish_tally(), run.elapsed_ms());
        let (packs_changed, too_old) = (run.packs_changed, run.too_old.take());
        if let Some(sealed) = wiped {
            return Ok(SyncReport::wiped(sealed, &tally, duration));
        }
        if packs_changed {
            dictionaries::install_areas(&self.store)?;
            self.reload_dictionaries()?;
            self.store.write(pull::refill_for_schema)?;
            self.forms_update()?;
        }
        self.forecast_pending()?;
        self.conclude(outcome, &tally, duration, started_at, too_old)
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) settled: Settled,
    pub(super) pulled: u64,
    pub(super) repaired: u64,
    pub(super) purged: u64,
    pub(super) photos: u32,
    pub(super) up: u64,
    pub(super) down: u64,
}

/// One run: what it holds between commands.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) me: Identity,
    pub(super) wire: Wire<'a>,
    pub(super) budget: Budget,
    pub(super) policy: Policy,
    pub(super) started_ms: u64,
    pub(super) tally: Tally,
    pub(super) batch: Vec<NumberedOp>,
    pub(super) blob: Option<Blob>,
    /// The photo in hand, decrypted up to this offset.
    pub(super) reader: Option<(VaultReader, u64)>,
    /// The snapshot in hand.
    pub(super) loading: Option<Loading<'a>>,
    /// The platform's clock at its greeting.
    pub(super) greeted_at: Option<UtcMillis>,
    pub(super) packs_changed: bool,
    /// Open custody events were sealed into entries.
    pub(super) sealed: bool,
    /// Most entries of the next message.
    pub(super) entries_most: usize,
    /// Why this phone is too old for what the platform sends.
    pub(super) too_old: Option<String>,
}

impl Run<'_> {
    fn drive(&mut self, observer: &dyn Observer, failed_before: bool) -> Result<Outcome, AppError> {
        let (mut state, mut commands) = start(failed_before);
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
            let meter = self.meter()?;
            (state, commands) = step(&state, event, meter);
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<Next, Trouble> {
        let event = match command {
            Command::Hello => self.hello()?,
            Command::ReadBatch { most } => self.read_batch(most)?,
            Command::SendBatch => self.push()?,
            Command::Park => return self.note(ops::park),
            Command::Renumber(n) => return self.note(|w| ops::renumber(w, n)),
            Command::Fork => return self.fork(),
            Command::Purge => self.let_go()?,
            Command::Snapshot => self.fill_on()?,
            Command::Pull => self.pull()?,
            Command::Repair => self.repair()?,
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
                let at = self.greeted_at.unwrap_or_default();
                self.engine.store.write(|w| {
                    blobs::set_stored(w, hash, at)?;
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

    pub(super) fn note(
        &self,
        write: impl FnOnce(&crate::store::Writer<'_>) -> Result<(), StoreError>,
    ) -> Result<Next, Trouble> {
        self.engine.store.write(write)?;
        Ok(Next::Nothing)
    }

    /// The lanes that may move under the policy, by number.
    pub(super) fn lanes(&self) -> Result<Vec<u8>, StoreError> {
        let conditions = self.budget.conditions;
        let mut loads = [LaneLoad::default(); 5];
        if conditions.network != Network::Unmetered {
            let now = self.engine.env.clock.wall();
            let waiting = self.engine.store.read(|r| traffic::lanes(r, now))?;
            for (load, lane) in loads.iter_mut().zip(waiting) {
                let waited = lane.oldest.map_or(0, |at| now.since(at));
                load.oldest_ms = u64::try_from(waited).unwrap_or(0);
                load.bytes_today = lane.bytes_today;
            }
        }
        Ok(LaneSet::allowed(&self.policy, conditions, &loads).numbers().collect())
    }

    /// Counts bytes that a lane sent over a network that costs by the byte.
    pub(super) fn count_traffic(&self, lane: u8, bytes: u64) -> Result<(), StoreError> {
        if self.budget.conditions.network == Network::Unmetered || bytes == 0 {
            return Ok(());
        }
        let now = self.engine.env.clock.wall();
        self.engine.store.write(|w| traffic::count(w, now, lane, bytes))
    }

    fn meter(&self) -> Result<Meter, AppError> {
        let bytes = self.wire.up + self.wire.down;
        let exhausted = self.elapsed_ms() >= u64::try_from(self.budget.time.as_millis()).unwrap_or(u64::MAX)
            || self.budget.bytes.is_some_and(|most| bytes >= most);
        // asked for only where something can be interrupted
        let (op_waits, blob_waits) = if self.blob.is_some() || self.sealed {
            let lanes = self.lanes()?;
            self.engine.store.read(|r| traffic::most_urgent(r, &lanes))?
        } else {
            (None, None)
        };
        Ok(Meter {
            exhausted,
            cancelled: self.wire.cancel.is_cancelled(),
            op_waits,
            blob_waits,
        })
    }

    pub(super) fn elapsed_ms(&self) -> u64 {
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
pub(super) enum Next {
    Event(Event),
    Nothing,
    Over(Outcome),
}
