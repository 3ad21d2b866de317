//! Log lines for the app: codes, counts and durations, never anything about residents.

use std::sync::Arc;

use super::HostError;

/// How grave a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// Something that went as it should.
    Info,
    /// Something that did not, and that the engine or the worker can put right.
    Warn,
    /// A failure of disk, key store or engine.
    Error,
}

/// One line for the app's log.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LogLine {
    /// How grave it is.
    pub level: LogLevel,
    /// What was done: the name of a call such as `sync`.
    pub what: String,
    /// How it ended: `ok`, the word of an outcome (`cancelled`, `busy`, `waiting`, `budget`, `wiped`), or a stable code.
    pub code: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Counts and the like, `name=number` with blanks between.
    pub detail: String,
}

/// Takes log lines. It is called on a thread of the engine and should return soon; what it throws is ignored.
#[uniffi::export(foreign)]
pub trait LogSink: Send + Sync {
    /// Takes one line.
    fn log(&self, line: LogLine) -> Result<(), HostError>;
}

/// The way to the app's log, through a thread of its own, so that a slow log slows nothing.
#[derive(Clone, Default)]
pub(crate) struct Logger(Option<std::sync::mpsc::SyncSender<LogLine>>);

/// Lines that wait for a slow log; more are dropped.
const WAITING: usize = 256;

impl Logger {
    pub(crate) fn new(sink: Option<Arc<dyn LogSink>>) -> Self {
        let Some(sink) = sink else { return Self(None) };
        let (send, take) = std::sync::mpsc::sync_channel(WAITING);
        let pass_on = move || {
            for line in take {
                let _ = sink.log(line);
            }
        };
        let running = std::thread::Builder::new().name("fushan-log".into()).spawn(pass_on);
        Self(running.ok().map(|_| send))
    }

    pub(crate) fn line(&self, line: LogLine) {
        if let Some(send) = &self.0 {
            // a log that does not keep up loses lines, the worker loses no time
            let _ = send.try_send(line);
        }
    }
}
