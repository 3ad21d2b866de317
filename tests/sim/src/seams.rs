//! Where a phone can be killed: at every call that leaves the engine. Between two such calls lies at most one commit that
//! matters, so that killing at the k-th call, for every k, kills at every commit boundary and inside every transaction that
//! asks for an id.
//!
//! A kill keeps the files as they are at that moment, mid-transaction if need be, and never lets the engine run on.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst};

/// What unwinds when a phone is killed.
#[derive(Debug, Clone, Copy)]
pub struct Killed;

/// Counts the calls of one phone and kills it at a chosen one.
#[derive(Debug)]
pub struct Seams {
    live: PathBuf,
    image: PathBuf,
    left: AtomicI64,
    dead: AtomicBool,
    inside: AtomicBool,
    passed: AtomicU64,
}

impl Seams {
    /// No kill is planned. `live` are the phone's files, `image` is where a kill keeps them.
    pub fn new(live: &Path, image: &Path) -> Self {
        Self {
            live: live.to_owned(),
            image: image.to_owned(),
            left: AtomicI64::new(0),
            dead: AtomicBool::new(false),
            inside: AtomicBool::new(false),
            passed: AtomicU64::new(0),
        }
    }

    /// The phone dies at the `calls`-th call from now; 0 takes a plan back.
    pub fn kill_after(&self, calls: i64) {
        self.left.store(calls, SeqCst);
    }

    /// Whether the phone was killed since the last [`Seams::revive`].
    pub fn dead(&self) -> bool {
        self.dead.load(SeqCst)
    }

    /// The phone may be started again.
    pub fn revive(&self) {
        self.dead.store(false, SeqCst);
    }

    /// Whether the app is at work: only then can it be killed.
    pub fn set_inside(&self, inside: bool) {
        self.inside.store(inside, SeqCst);
    }

    /// Calls so far.
    pub fn passed(&self) -> u64 {
        self.passed.load(SeqCst)
    }

    /// A call that leaves the engine.
    pub fn pass(&self, _what: &'static str) {
        self.passed.fetch_add(1, SeqCst);
        if !self.inside.load(SeqCst) || self.left.load(SeqCst) <= 0 || self.left.fetch_sub(1, SeqCst) != 1 {
            return;
        }
        copy(&self.live, &self.image).expect("the image of a killed phone is kept");
        self.dead.store(true, SeqCst);
        // the hook that prints panics stays silent: this is no error
        resume_unwind(Box::new(Killed));
    }
}

/// Copies a folder, in place of what is there.
///
/// # Errors
/// Those of the file system.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            // the shared index of a write-ahead log does not outlive its processes
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
