//! The machine: greet, push until nothing is due, pull until the head, send evidence entries, upload photos, done.
//!
//! A refusal of one operation or photo is the store's matter and delays nothing here. A platform that fails in one phase may
//! still serve the next; a network that fails ends the run. Whatever ends it, what was committed stays.

use super::upload::{BlobTask, Upload, adapted};
use crate::wire::blobs::BlobState;

/// What the runner shall do. The last command of a list leads to the next event; those before it do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Greet the platform.
    Hello,
    /// Read the next batch of operations.
    ReadBatch,
    /// Send the batch.
    SendBatch,
    /// Start the numbers of unanswered operations at this one.
    Renumber(u64),
    /// Begin a new life of the database: it was cloned or restored.
    Fork,
    /// Ask for what changed; stage, and publish what is complete.
    Pull,
    /// Send the next evidence entries; when there are none, look at the platform's log.
    SendEntries,
    /// Find the next photo that is due.
    FindBlob,
    /// Ask what the platform holds of the photo.
    Probe,
    /// Open an upload.
    OpenUpload,
    /// Ask how far the upload is.
    AskOffset,
    /// Send a chunk.
    SendChunk {
        /// First byte.
        offset: u64,
        /// Bytes.
        len: u64,
    },
    /// Note that the platform has stored the photo.
    NoteStored,
    /// Note why the photo's upload cannot go on.
    NoteProblem(String),
    /// The run is over.
    Finish(Outcome),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The platform greeted back.
    Greeted,
    /// So many operations are in the batch.
    BatchRead(usize),
    /// The batch was answered; `progress` tells whether any operation got its final answer.
    BatchAnswered {
        /// Whether anything was settled.
        progress: bool,
    },
    /// A reply to a pull was taken; `complete` when every scope has reached its head.
    Pulled {
        /// Whether all scopes are at their heads.
        complete: bool,
    },
    /// Evidence entries were answered; `more` tells whether to go on.
    EntriesSent {
        /// Whether there may be more.
        more: bool,
    },
    /// The next photo, or none.
    BlobFound(Option<BlobTask>),
    /// What the platform holds of the photo.
    Probed(BlobState),
    /// The upload is open.
    UploadOpened,
    /// The upload has so many bytes.
    OffsetTold(u64),
    /// A chunk was taken.
    ChunkTaken {
        /// Bytes the platform holds now.
        offset: u64,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// The command failed.
    Failed(Failure),
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Worth another try later.
    Retryable {
        /// Code.
        code: String,
        /// Wait asked for, in milliseconds.
        after_ms: Option<u64>,
        /// Whether the network itself failed, so that nothing else can work either.
        network: bool,
    },
    /// The count or offset is off.
    Sequence {
        /// The platform's code.
        code: String,
        /// Number to start with.
        expected_n: Option<u64>,
        /// Bytes the platform holds.
        offset: Option<u64>,
    },
    /// The credentials are not accepted.
    Auth {
        /// The platform's code.
        code: String,
    },
    /// The platform refuses this for good.
    Refused {
        /// The platform's code.
        code: String,
    },
    /// The photo in the vault is missing or changed.
    Media {
        /// Code.
        code: String,
    },
    /// Cancelled.
    Cancelled,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that could be settled is.
    Done,
    /// Cancelled by the worker or the system.
    Cancelled,
    /// Time or bytes of the budget are used up; there is more to do.
    Budget,
    /// The network or the platform failed; come again.
    Offline {
        /// Code.
        code: String,
        /// Wait the platform asked for, in milliseconds.
        after_ms: Option<u64>,
    },
    /// The platform does not accept this phone's credentials.
    Locked {
        /// The platform's code.
        code: String,
    },
}

/// What has been used so far, measured by the runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meter {
    /// Whether the budget of time or bytes is used up.
    pub exhausted: bool,
    /// Whether the worker has cancelled.
    pub cancelled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Hello,
    Push,
    Pull,
    Entries,
    Upload,
    Over,
}

/// State of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    phase: Phase,
    upload: Option<Upload>,
    chunk: u64,
    repairs: u32,
    trouble: Option<(String, Option<u64>)>,
}

/// Repairs of a count or an offset before the platform is believed to be confused.
const MOST_REPAIRS: u32 = 3;
/// Bytes of the first chunk.
const FIRST_CHUNK: u64 = 256 * 1024;

/// A fresh run and its first command.
#[must_use]
pub fn start() -> (State, Vec<Command>) {
    let state = State {
        phase: Phase::Hello,
        upload: None,
        chunk: FIRST_CHUNK,
        repairs: 0,
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
            event => self.advance(event),
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

    fn advance(&mut self, event: Event) -> Vec<Command> {
        match (&self.phase, event) {
            (Phase::Hello, Event::Greeted) => {
                self.phase = Phase::Push;
                vec![Command::ReadBatch]
            }
            (Phase::Push, Event::BatchRead(0)) => self.begin_pull(),
            (Phase::Push, Event::BatchRead(_)) => vec![Command::SendBatch],
            (Phase::Push, Event::BatchAnswered { progress: true }) => {
                self.repairs = 0;
                vec![Command::ReadBatch]
            }
            // nothing settled: asking again at once would go on for ever
            (Phase::Push, Event::BatchAnswered { progress: false }) => self.begin_pull(),
            (Phase::Pull, Event::Pulled { complete: false }) => vec![Command::Pull],
            (Phase::Pull, Event::Pulled { complete: true }) => self.begin_entries(),
            (Phase::Entries, Event::EntriesSent { more: true }) => vec![Command::SendEntries],
            (Phase::Entries, Event::EntriesSent { more: false }) => self.begin_uploads(),
            (Phase::Upload, event) => self.advance_upload(event),
            (_, _) => self.finish(Outcome::Offline {
                code: "unexpected".into(),
                after_ms: None,
            }),
        }
    }

    fn advance_upload(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::BlobFound(None) => self.end(),
            Event::BlobFound(Some(task)) => {
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
                if whole { self.stored() } else { self.go_on_at(offset) }
            }
            _ => self.finish(Outcome::Offline {
                code: "unexpected".into(),
                after_ms: None,
            }),
        }
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
                self.trouble.get_or_insert((code, after_ms));
                match self.phase {
                    Phase::Push if !network => self.begin_pull(),
                    Phase::Pull if !network => self.begin_entries(),
                    Phase::Entries if !network => self.begin_uploads(),
                    _ => self.end(),
                }
            }
            Failure::Sequence {
                code,
                expected_n,
                offset,
            } => self.repair(&code, expected_n, offset),
            Failure::Refused { code } => self.refused(code),
            Failure::Media { code } => self.give_up_blob(code),
        }
    }

    fn repair(&mut self, code: &str, expected_n: Option<u64>, offset: Option<u64>) -> Vec<Command> {
        match (&self.phase, expected_n) {
            (Phase::Push, expected_n) => {
                self.repairs += 1;
                match expected_n {
                    _ if self.repairs > MOST_REPAIRS => self.troubled("out_of_sequence"),
                    _ if code == "forked" => vec![Command::Fork, Command::ReadBatch],
                    Some(n) => vec![Command::Renumber(n), Command::ReadBatch],
                    None => self.troubled("out_of_sequence"),
                }
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
            Phase::Push => {
                self.trouble.get_or_insert((code, None));
                self.begin_pull()
            }
            Phase::Pull => {
                self.trouble.get_or_insert((code, None));
                self.begin_entries()
            }
            // a platform that keeps no evidence yet: entries wait, photos go on
            Phase::Entries => self.begin_uploads(),
            Phase::Upload => self.refused_upload(code),
            _ => self.finish(Outcome::Offline { code, after_ms: None }),
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

    fn begin_pull(&mut self) -> Vec<Command> {
        self.phase = Phase::Pull;
        vec![Command::Pull]
    }

    fn begin_entries(&mut self) -> Vec<Command> {
        self.phase = Phase::Entries;
        vec![Command::SendEntries]
    }

    fn begin_uploads(&mut self) -> Vec<Command> {
        self.phase = Phase::Upload;
        vec![Command::FindBlob]
    }

    fn troubled(&mut self, code: &str) -> Vec<Command> {
        self.trouble.get_or_insert((code.to_owned(), None));
        match self.phase {
            Phase::Push => self.begin_pull(),
            Phase::Pull => self.begin_entries(),
            Phase::Entries => self.begin_uploads(),
            _ => self.end(),
        }
    }

    fn end(&mut self) -> Vec<Command> {
        let outcome = match self.trouble.take() {
            Some((code, after_ms)) => Outcome::Offline { code, after_ms },
            None => Outcome::Done,
        };
        self.finish(outcome)
    }

    fn finish(&mut self, outcome: Outcome) -> Vec<Command> {
        self.phase = Phase::Over;
        vec![Command::Finish(outcome)]
    }
}
