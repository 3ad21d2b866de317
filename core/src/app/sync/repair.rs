//! Scopes that differ from the platform's digest: the buckets that differ are fetched and taken as they are there.

use super::requests::{Lines, lines};
use super::run::Run;
use super::trouble::Trouble;
use crate::model::record::Record;
use crate::platform::reply::{json as read, unreadable};
use crate::store::digest::{self, Damaged};
use crate::store::pull::Head;
use crate::sync::Event;
use crate::wire::digest::{DigestReply, FetchRequest};
use crate::wire::pull::PullLine;

/// Buckets fetched at once.
const AT_ONCE: usize = 32;

impl Run<'_> {
    /// Repairs each damaged scope once. What still differs afterwards is looked at again after the next pull.
    pub(super) fn repair(&mut self) -> Result<Event, Trouble> {
        for damaged in self.engine.store.read(digest::damaged)? {
            let path = format!("/v1/digest/{}", damaged.scope);
            let there: DigestReply = read(self.wire.get(&path)?)?;
            let here = self.engine.store.read(|r| digest::buckets(r, &damaged.scope))?;
            let different: Vec<u8> = (0..=u8::MAX)
                .filter(|bucket| here.get(usize::from(*bucket)) != there.buckets.get(usize::from(*bucket)))
                .collect();
            for buckets in different.chunks(AT_ONCE) {
                self.fetch(&damaged, buckets)?;
            }
        }
        Ok(Event::Repaired)
    }

    fn fetch(&mut self, damaged: &Damaged, buckets: &[u8]) -> Result<(), Trouble> {
        let request = FetchRequest {
            scope: damaged.scope.clone(),
            ids: Vec::new(),
            buckets: buckets.to_vec(),
        };
        let reply = self.wire.post("/v1/fetch", &request)?;
        let Lines::All(lines) = lines(&reply.body)? else {
            return Err(unreadable().into());
        };
        let mut listed: Vec<Record> = Vec::new();
        let mut head = None;
        for line in lines {
            match line {
                PullLine::Put { record, .. } => listed.push(record),
                PullLine::ScopeDone {
                    epoch,
                    seq,
                    count,
                    digest,
                    ..
                } => {
                    head = Some(Head {
                        epoch,
                        seq,
                        count,
                        digest,
                    });
                }
                _ => {}
            }
        }
        // at another head these buckets are of another moment than the rest: the next pull brings both together
        let Some(head) = head.filter(|h| (h.epoch, h.seq) == (damaged.epoch, damaged.seq)) else {
            return Ok(());
        };
        let now = self.engine.env.clock.wall();
        self.tally.repaired += self
            .engine
            .store
            .write(|w| digest::repair(w, &damaged.scope, buckets, &listed, head, now))?;
        Ok(())
    }
}
