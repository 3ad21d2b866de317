//! The machine: greet, push until nothing is due, let go of what was revoked, fill what is new, pull until the head, send
//! evidence entries, upload photos, done.
//!
//! A refusal of one operation or photo is the store's matter and delays nothing here. A platform that fails in one phase may
//! still serve the next; a network that fails ends the run. Whatever ends it, what was committed stays.

use super::command::{Command, Event, Failure, Meter, Outcome};
use super::isolate::Isolation;
use super::upload::{FIRST_CHUNK, Upload, adapted};
use crate::wire::blobs::BlobState;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Hello,
    Push,
    Purge,
    Snapshot,
    Pull,
    Repair,
    Entries,
    Upload,
    /// Operations more urgent than what is under way: between two chunks, two photos, two messages of entries.
    Preempt,
    Over,
}

/// State of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    phase: Phase,
    upload: Option<Upload>,
    chunk: u64,
    repairs: u32,
    isolation: Isolation,
    /// Operations that were due could not be settled: nothing is interrupted for them again.
    stuck: bool,
    /// It was evidence entries that were interrupted, not photos.
    entries_wait: bool,
    /// Urgent operations were looked for since the last photo.
    looked: bool,
    trouble: Option<(String, Option<u64>)>,
}

/// Repairs of a count or an offset before the platform is believed to be confused.
const MOST_REPAIRS: u32 = 3;

/// A fresh run and its first command. `failed_before` tells whether the run before ended in trouble: an operation that the
/// platform cannot digest is then looked for.
#[must_use]
pub fn start(failed_before: bool) -> (State, Vec<Command>) {
    let state = State {
        phase: Phase::Hello,
        upload: None,
        chunk: FIRST_CHUNK,
        repairs: 0,
        isolation: Isolation::new(failed_before),
        stuck: false,
        entries_wait: false,
        looked: false,
        trouble: None,
    };
    (state, vec![Command::Hello])
}

/// Takes an event. After `Finish` nothing more comes.
#[must_use]
pub fn step(state: &State, event: Event, meter: Meter) -> (State, Vec<Command>) {
    let mut next = state.clone();
    let commands = next.take(event, meter);
    (next, commands)
}

impl State {
    fn take(&mut self, event: Event, meter: Meter) -> Vec<Command> {
        if self.phase == Phase::Over {
            return Vec::new();
        }
        let mut commands = match event {
            Event::Failed(failure) => self.fail(failure),
            event => self.advance(event, meter),
        };
        // what the platform has already granted is noted even when time is up
        let goes_on = !matches!(commands.last(), Some(Command::Finish(_)));
        if goes_on && meter.cancelled {
            commands.pop();
            commands.extend(self.finish(Outcome::Cancelled));
        } else if goes_on && meter.exhausted {
            commands.pop();
            commands.extend(self.finish(Outcome::Budget));
        }
        commands
    }

    fn advance(&mut self, event: Event, meter: Meter) -> Vec<Command> {
        match (&self.phase, event) {
            (Phase::Hello, Event::Greeted) => {
                self.phase = Phase::Push;
                self.read_batch()
            }
            (Phase::Push | Phase::Preempt, Event::BatchRead(0)) => self.after_push(),
            (Phase::Push | Phase::Preempt, Event::BatchRead(sent)) => {
                self.isolation.sent(sent);
                vec![Command::SendBatch]
            }
            (Phase::Push | Phase::Preempt, Event::BatchAnswered { progress: true }) => {
                self.repairs = 0;
                self.isolation.answered();
                self.read_batch()
            }
            // nothing settled: asking again at once would go on for ever
            (Phase::Push | Phase::Preempt, Event::BatchAnswered { progress: false }) => {
                self.stuck = true;
                self.after_push()
            }
            (Phase::Purge, Event::Purged) => self.begin(Phase::Snapshot),
            (Phase::Snapshot, Event::SnapshotStep { more: true }) => vec![Command::Snapshot],
            (Phase::Snapshot, Event::SnapshotStep { more: false }) => self.begin(Phase::Pull),
            (Phase::Pull, Event::Pulled { rescoped: true, .. }) => self.begin(Phase::Purge),
            (Phase::Pull, Event::Pulled { complete: false, .. }) => vec![Command::Pull],
            (Phase::Pull, Event::Pulled { damaged: true, .. }) => self.begin(Phase::Repair),
            (Phase::Pull | Phase::Repair, Event::Pulled { .. } | Event::Repaired) => self.begin(Phase::Entries),
            (Phase::Entries, Event::EntriesSent { more: true }) if meter.op_waits.is_some() && !self.stuck => {
                self.entries_wait = true;
                self.preempt()
            }
            (Phase::Entries, Event::EntriesSent { more: true }) => vec![Command::SendEntries],
            (Phase::Entries, Event::EntriesSent { more: false }) => self.begin(Phase::Upload),
            (Phase::Upload, event) => self.advance_upload(event, meter),
            (_, _) => self.unexpected(),
        }
    }

    fn advance_upload(&mut self, event: Event, meter: Meter) -> Vec<Command> {
        match event {
            Event::BlobFound(None) => self.end(),
            Event::BlobFound(Some(task)) if !self.looked && self.waits_for(meter.op_waits, task.lane) => {
                self.looked = true;
                self.preempt()
            }
            Event::BlobFound(Some(task)) => {
                self.looked = false;
                self.upload = Some(Upload::of(task));
                vec![Command::Probe]
            }
            Event::Probed(BlobState::Stored) => self.stored(),
            Event::Probed(BlobState::Missing) => vec![Command::OpenUpload],
            Event::Probed(BlobState::Partial { offset, .. }) | Event::OffsetTold(offset) => self.go_on_at(offset),
            Event::UploadOpened => self.go_on_at(0),
            Event::ChunkTaken { offset, took_ms } => {
                if let Some(upload) = &self.upload {
                    self.chunk = adapted(self.chunk, offset.saturating_sub(upload.offset), took_ms);
                }
                // the platform answers the last chunk only after it has compared the digest
                let whole = self.upload.as_ref().is_some_and(|upload| upload.task.bytes == offset);
                if whole {
                    self.stored()
                } else {
                    self.between_chunks(offset, meter)
                }
            }
            _ => self.unexpected(),
        }
    }

    /// What is more urgent than the photo in hand goes first; the photo goes on where it stood.
    fn between_chunks(&mut self, offset: u64, meter: Meter) -> Vec<Command> {
        let Some(upload) = &mut self.upload else {
            return self.end();
        };
        let lane = upload.task.lane;
        upload.offset = offset;
        if self.waits_for(meter.op_waits, lane) {
            return self.preempt();
        }
        if meter.blob_waits.is_some_and(|waiting| waiting < lane) {
            self.upload = None;
            return vec![Command::FindBlob];
        }
        self.go_on_at(offset)
    }

    /// Whether an operation waits that a photo of this lane must not keep back.
    fn waits_for(&self, waiting: Option<u8>, lane: u8) -> bool {
        waiting.is_some_and(|waiting| waiting < lane) && !self.stuck
    }

    fn preempt(&mut self) -> Vec<Command> {
        self.phase = Phase::Preempt;
        self.read_batch()
    }

    fn fail(&mut self, failure: Failure) -> Vec<Command> {
        match failure {
            Failure::Cancelled => self.finish(Outcome::Cancelled),
            Failure::Auth { code } => self.finish(Outcome::Locked { code }),
            Failure::Retryable {
                code,
                after_ms,
                network,
            } => {
                if !network && after_ms.is_none() && self.pushing() && self.isolation.narrow() {
                    return self.narrowed();
                }
                self.trouble.get_or_insert((code, after_ms));
                if network { self.end() } else { self.next_phase() }
            }
            Failure::Sequence {
                code,
                expected_n,
                offset,
            } => self.repair(&code, expected_n, offset),
            Failure::Refused { code } => self.refused(code),
            Failure::Media { code } => self.give_up_blob(code),
            Failure::Local { code } => {
                self.trouble.get_or_insert((code, None));
                self.next_phase()
            }
        }
    }

    fn repair(&mut self, code: &str, expected_n: Option<u64>, offset: Option<u64>) -> Vec<Command> {
        match (&self.phase, expected_n) {
            (Phase::Push | Phase::Preempt, expected_n) => {
                self.repairs += 1;
                let repaired = match expected_n {
                    _ if self.repairs > MOST_REPAIRS => return self.troubled("out_of_sequence"),
                    _ if code == "forked" => Command::Fork,
                    Some(n) => Command::Renumber(n),
                    None => return self.troubled("out_of_sequence"),
                };
                let mut commands = vec![repaired];
                commands.extend(self.read_batch());
                commands
            }
            (Phase::Upload, _) => {
                let Some(upload) = &mut self.upload else {
                    return self.end();
                };
                upload.repairs += 1;
                if upload.repairs > MOST_REPAIRS {
                    return self.give_up_blob("offset_mismatch".to_owned());
                }
                match offset {
                    Some(offset) => self.go_on_at(offset),
                    None => vec![Command::AskOffset],
                }
            }
            _ => self.troubled("out_of_sequence"),
        }
    }

    fn refused(&mut self, code: String) -> Vec<Command> {
        match self.phase {
            Phase::Upload => self.refused_upload(code),
            Phase::Push | Phase::Preempt if self.isolation.narrow() => self.narrowed(),
            Phase::Hello => self.finish(Outcome::Offline { code, after_ms: None }),
            // a platform that keeps no evidence yet: entries wait, photos go on
            Phase::Entries => self.begin(Phase::Upload),
            _ => {
                self.trouble.get_or_insert((code, None));
                self.next_phase()
            }
        }
    }

    fn refused_upload(&mut self, code: String) -> Vec<Command> {
        let Some(upload) = &mut self.upload else {
            return self.end();
        };
        match code.as_str() {
            "digest_mismatch" if !upload.mismatched => {
                upload.mismatched = true;
                vec![Command::OpenUpload]
            }
            "gone" if upload.repairs < MOST_REPAIRS => {
                upload.repairs += 1;
                vec![Command::OpenUpload]
            }
            _ => self.give_up_blob(code),
        }
    }

    fn go_on_at(&mut self, offset: u64) -> Vec<Command> {
        let Some(upload) = &mut self.upload else {
            return self.end();
        };
        if offset > upload.task.bytes {
            return self.give_up_blob("offset_mismatch".to_owned());
        }
        // all bytes there but no word that the digest fits: an empty chunk asks for it
        upload.offset = offset;
        vec![Command::SendChunk {
            offset,
            len: upload.next_len(self.chunk),
        }]
    }

    fn stored(&mut self) -> Vec<Command> {
        self.upload = None;
        vec![Command::NoteStored, Command::FindBlob]
    }

    /// One photo that cannot go on delays no other.
    fn give_up_blob(&mut self, code: String) -> Vec<Command> {
        self.upload = None;
        vec![Command::NoteProblem(code), Command::FindBlob]
    }

    fn pushing(&self) -> bool {
        matches!(self.phase, Phase::Push | Phase::Preempt)
    }

    fn read_batch(&self) -> Vec<Command> {
        vec![Command::ReadBatch {
            most: self.isolation.most(),
        }]
    }

    /// Looks on for the operation that the platform cannot digest; alone in a batch, it is set aside and the others go on.
    fn narrowed(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        if self.isolation.found() {
            commands.push(Command::Park);
        }
        commands.extend(self.read_batch());
        commands
    }

    fn after_push(&mut self) -> Vec<Command> {
        if self.phase == Phase::Preempt {
            return self.resume();
        }
        self.begin(Phase::Purge)
    }

    /// Goes on with what was interrupted.
    fn resume(&mut self) -> Vec<Command> {
        if std::mem::take(&mut self.entries_wait) {
            return self.begin(Phase::Entries);
        }
        self.phase = Phase::Upload;
        match self.upload.as_ref().map(|upload| upload.offset) {
            Some(offset) => self.go_on_at(offset),
            None => vec![Command::FindBlob],
        }
    }

    fn begin(&mut self, phase: Phase) -> Vec<Command> {
        let first = match phase {
            Phase::Purge => Command::Purge,
            Phase::Snapshot => Command::Snapshot,
            Phase::Pull => Command::Pull,
            Phase::Repair => Command::Repair,
            Phase::Entries => Command::SendEntries,
            _ => Command::FindBlob,
        };
        self.phase = phase;
        vec![first]
    }

    /// Where a run goes on when the platform fails in a phase but answers.
    fn next_phase(&mut self) -> Vec<Command> {
        match self.phase {
            Phase::Push => self.begin(Phase::Purge),
            Phase::Preempt => {
                self.stuck = true;
                self.resume()
            }
            Phase::Purge => self.begin(Phase::Snapshot),
            Phase::Snapshot => self.begin(Phase::Pull),
            Phase::Pull | Phase::Repair => self.begin(Phase::Entries),
            Phase::Entries => self.begin(Phase::Upload),
            Phase::Hello | Phase::Upload | Phase::Over => self.end(),
        }
    }

    fn troubled(&mut self, code: &str) -> Vec<Command> {
        self.trouble.get_or_insert((code.to_owned(), None));
        self.next_phase()
    }

    fn unexpected(&mut self) -> Vec<Command> {
        self.finish(Outcome::Offline {
            code: "unexpected".into(),
            after_ms: None,
        })
    }

    fn end(&mut self) -> Vec<Command> {
        let outcome = match self.trouble.take() {
            Some((code, after_ms)) => Outcome::Offline { code, after_ms },
            None if self.isolation.parked() => Outcome::Offline {
                code: "operation_set_aside".to_owned(),
                after_ms: None,
            },
            None => Outcome::Done,
        };
        self.finish(outcome)
    }

    fn finish(&mut self, outcome: Outcome) -> Vec<Command> {
        self.phase = Phase::Over;
        vec![Command::Finish(outcome)]
    }
}
