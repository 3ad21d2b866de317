//! The words between the machine and whoever carries its commands out.

use super::upload::BlobTask;
use crate::wire::blobs::BlobState;

/// What the runner shall do. The last command of a list leads to the next event; those before it do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Greet the platform.
    Hello,
    /// Read the next batch of operations.
    ReadBatch {
        /// At most so many, unless one group has more.
        most: usize,
    },
    /// Send the batch.
    SendBatch,
    /// Start the numbers of unanswered operations at this one.
    Renumber(u64),
    /// Begin a new life of the database: it was cloned or restored.
    Fork,
    /// Set the operation that was sent alone aside: the platform cannot digest it.
    Park,
    /// Let go of what was revoked, as far as nothing of it waits, and tell the platform.
    Purge,
    /// Take the next step of filling a new scope from its snapshot, when there is one.
    Snapshot,
    /// Ask for what changed; stage, and publish what is complete.
    Pull,
    /// Compare scopes by their digests and fetch what differs.
    Repair,
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
    /// What can go has gone.
    Purged,
    /// A step of a snapshot was taken.
    SnapshotStep {
        /// Whether there is another one.
        more: bool,
    },
    /// A reply to a pull was taken.
    Pulled {
        /// Whether all scopes are at their heads.
        complete: bool,
        /// Whether the phone may now hold other scopes.
        rescoped: bool,
        /// Whether a scope at its head differs from the platform's digest.
        damaged: bool,
    },
    /// What differed was fetched.
    Repaired,
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
    /// Something of the phone itself, such as a full disk: what needs it waits, the rest goes on.
    Local {
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
    /// Most urgent lane in which an operation is due.
    pub op_waits: Option<u8>,
    /// Most urgent lane in which a photo is due.
    pub blob_waits: Option<u8>,
}
