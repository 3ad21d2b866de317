//! Filling new scopes from snapshots: one small step at a time, each committed.

use std::io::{BufRead, BufReader, Read};

use sha2::{Digest, Sha256};

use super::run::Run;
use super::trouble::Trouble;
use crate::model::record::Scope;
use crate::platform::reply::{ReplyError, json as read};
use crate::store::snapshot::{self, Filling};
use crate::store::{Store, StoreError, identity};
use crate::sync::Event;
use crate::wire::limits::SNAPSHOT_PART_BYTES;
use crate::wire::scopes::SnapshotReply;

/// Bytes of lines loaded in one transaction: some thousand records.
const LOADED_AT_ONCE: usize = 2 * 1024 * 1024;
/// Most bytes of one line; a longer one is not one of ours.
const LINE_BYTES: u64 = 1024 * 1024;

/// A snapshot being loaded: its parts, unpacked as they are read.
pub(super) struct Loading<'a> {
    scope: Scope,
    lines: BufReader<zstd::stream::read::Decoder<'static, BufReader<Parts<'a>>>>,
}

/// The parts of a file in the store as one stream.
struct Parts<'a> {
    store: &'a Store,
    scope: Scope,
    at: u64,
    part: std::io::Cursor<Vec<u8>>,
}

impl Read for Parts<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.part.read(out)?;
        if read > 0 || out.is_empty() {
            return Ok(read);
        }
        let next = self.store.read(|r| snapshot::part(r, &self.scope, self.at));
        match next.map_err(|_| std::io::Error::other("store"))? {
            None => Ok(0),
            Some((start, bytes)) => {
                self.at = start + bytes.len() as u64;
                self.part = std::io::Cursor::new(bytes);
                self.part.read(out)
            }
        }
    }
}

impl<'a> Loading<'a> {
    /// Opens the file and passes over the lines that are loaded already.
    fn open(store: &'a Store, filling: &Filling) -> std::io::Result<Self> {
        let parts = Parts {
            store,
            scope: filling.scope.clone(),
            at: 0,
            part: std::io::Cursor::default(),
        };
        let mut loading = Self {
            scope: filling.scope.clone(),
            lines: BufReader::new(zstd::stream::read::Decoder::new(parts)?),
        };
        let mut line = Vec::new();
        for _ in 0..filling.loaded {
            line.clear();
            loading.next_line(&mut line)?;
        }
        Ok(loading)
    }

    fn next_line(&mut self, line: &mut Vec<u8>) -> std::io::Result<usize> {
        self.lines.by_ref().take(LINE_BYTES).read_until(b'\n', line)
    }

    /// The next lines; empty at the end.
    fn batch(&mut self) -> std::io::Result<Vec<u8>> {
        let mut lines = Vec::with_capacity(LOADED_AT_ONCE);
        while lines.len() < LOADED_AT_ONCE && self.next_line(&mut lines)? > 0 {}
        Ok(lines)
    }
}

impl Run<'_> {
    /// Takes the next step for the first scope that is to be filled from a file.
    pub(super) fn fill_on(&mut self) -> Result<Event, Trouble> {
        let set = self.engine.store.read(identity::scope_set)?;
        let wanted = self.engine.store.read(|r| snapshot::wanted(r, &set.scopes))?;
        let Some(scope) = wanted.into_iter().next() else {
            self.loading = None;
            return Ok(Event::SnapshotStep { more: false });
        };
        match self.engine.store.read(|r| snapshot::get(r, &scope))? {
            None => self.ask_for_file(&scope)?,
            Some(filling) if filling.held < filling.file.bytes => self.fetch_part(&filling)?,
            Some(filling) if !filling.loading => self.check_file(&filling)?,
            Some(filling) if filling.loaded < filling.file.count => self.load_some(&filling)?,
            Some(filling) => self.index_some(&filling)?,
        }
        Ok(Event::SnapshotStep { more: true })
    }

    /// A platform that has no file of the scope, for it is small or the platform old, is asked by the feed.
    fn ask_for_file(&mut self, scope: &Scope) -> Result<(), Trouble> {
        let reply = self.wire.get(&format!("/v1/snapshot/{scope}"));
        match reply.and_then(read::<SnapshotReply>) {
            Ok(file) => Ok(self.engine.store.write(|w| snapshot::open(w, scope, &file))?),
            Err(ReplyError::Refused { .. }) => Ok(self.engine.store.write(|w| snapshot::use_feed(w, scope))?),
            Err(other) => Err(other.into()),
        }
    }

    fn fetch_part(&mut self, filling: &Filling) -> Result<(), Trouble> {
        let left = filling.file.bytes - filling.held;
        match self
            .wire
            .range(&filling.file.path, filling.held, left.min(SNAPSHOT_PART_BYTES))
        {
            Ok(bytes) => {
                let (scope, start) = (&filling.scope, filling.held);
                Ok(self
                    .engine
                    .store
                    .write(|w| snapshot::add_part(w, scope, start, &bytes))?)
            }
            // a newer file has taken its place: begin again with that one
            Err(ReplyError::Refused { .. }) => Ok(self.engine.store.write(|w| snapshot::drop(w, &filling.scope))?),
            Err(other) => Err(other.into()),
        }
    }

    fn check_file(&mut self, filling: &Filling) -> Result<(), Trouble> {
        let mut hasher = Sha256::new();
        let mut at = 0;
        while let Some((start, bytes)) = self.engine.store.read(|r| snapshot::part(r, &filling.scope, at))? {
            hasher.update(&bytes);
            at = start + bytes.len() as u64;
        }
        let sound = <[u8; 32]>::from(hasher.finalize()) == filling.file.sha256.0;
        let (scope, count) = (&filling.scope, filling.file.count);
        Ok(self.engine.store.write(|w| match sound {
            true => snapshot::begin_load(w, scope, count),
            false => snapshot::use_feed(w, scope),
        })?)
    }

    fn load_some(&mut self, filling: &Filling) -> Result<(), Trouble> {
        let store = &self.engine.store;
        let in_hand = self.loading.take().filter(|loading| loading.scope == filling.scope);
        let opened = match in_hand {
            Some(loading) => Ok(loading),
            None => Loading::open(store, filling),
        };
        let batch = opened.and_then(|mut loading| loading.batch().map(|lines| (loading, lines)));
        let text = match batch {
            Ok((loading, lines)) if !lines.is_empty() => {
                self.loading = Some(loading);
                String::from_utf8(lines).ok()
            }
            _ => None,
        };
        let loaded = match text {
            Some(text) => store.write(|w| snapshot::load(w, &filling.scope, &text)),
            None => Err(StoreError::NotFound),
        };
        match loaded {
            Ok(lines) => {
                self.tally.pulled += lines;
                Ok(())
            }
            // not what was promised: the feed brings it record by record
            Err(StoreError::NotFound | StoreError::Document(_)) => {
                Ok(store.write(|w| snapshot::use_feed(w, &filling.scope))?)
            }
            Err(other) => Err(other.into()),
        }
    }

    fn index_some(&mut self, filling: &Filling) -> Result<(), Trouble> {
        let store = &self.engine.store;
        if store.write(|w| snapshot::index(w, &filling.scope))? {
            return Ok(());
        }
        let now = self.engine.env.clock.wall();
        store.write(|w| snapshot::finish(w, &filling.scope, now))?;
        self.loading = None;
        self.packs_changed = true;
        Ok(())
    }
}
