//! Evidence entries up, receipts down, and the platform's log held to what was seen of it before.

use serde_json::json;

use super::run::Run;
use super::trouble::Trouble;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::blob::BlobHash;
use crate::model::fault::Coded as _;
use crate::platform::reply::json as read;
use crate::rules::proof;
use crate::store::Writer;
use crate::store::entries::{self, Kept};
use crate::sync::{Event, entries_after};
use crate::wire::evidence::{
    CheckpointReply, CheckpointRequest, EntriesReply, EntriesRequest, EntryResult, EntryStatus, Receipt, ReceiptsReply,
    ReceiptsRequest,
};
use crate::wire::limits;
use crate::wire::log::leaf::{verify_receipt, verify_renewed};
use crate::wire::log::{LogError, Seen};
use crate::wire::manifest::{Entry, EventKind, SignedEntry};

/// Bytes of entries in one message, about; a single longer one still goes.
const MESSAGE_BYTES: usize = 1024 * 1024;

impl Run<'_> {
    /// Sends the next entries; in the first message of a run after what is open was sealed, in the last with a look at the log.
    pub(super) fn send_entries(&mut self) -> Result<Event, Trouble> {
        if !self.sealed {
            self.engine.seal_evidence()?;
            self.sealed = true;
            if self.engine.store.read(entries::seen)?.is_none() {
                self.follow_log()?;
            }
        }
        let due = self.due_entries()?;
        if due.is_empty() {
            self.follow_log()?;
            self.renew_receipts()?;
            return Ok(Event::EntriesSent { more: false });
        }
        let request = EntriesRequest {
            device: self.me.device,
            entries: due.iter().map(|kept| kept.signed.clone()).collect(),
        };
        let before = self.elapsed_ms();
        let reply: EntriesReply = read(self.wire.post("/v1/evidence", &request)?)?;
        self.entries_most = entries_after(self.entries_most, self.elapsed_ms().saturating_sub(before));
        let settled = self.settle_entries(&due, &reply.results)?;
        // nothing settled: asking again at once would go on for ever
        Ok(Event::EntriesSent { more: settled > 0 })
    }

    fn due_entries(&self) -> Result<Vec<Kept>, Trouble> {
        let most = u32::try_from(self.entries_most).unwrap_or(u32::MAX);
        let mut due = self.engine.store.read(|r| entries::due(r, most))?;
        let mut bytes = 0;
        due.retain(|kept| {
            let first = bytes == 0;
            bytes += kept.signed.manifest.len();
            first || bytes <= MESSAGE_BYTES
        });
        Ok(due)
    }

    /// Takes the platform's answers, each for an entry that was asked about; how many were settled.
    fn settle_entries(&mut self, due: &[Kept], results: &[EntryResult]) -> Result<usize, Trouble> {
        let seen = self.engine.store.read(entries::seen)?;
        let named = |result: &&EntryResult| due.iter().any(|kept| kept.digest == result.entry);
        let results: Vec<&EntryResult> = results.iter().filter(named).collect();
        for result in &results {
            let mut findings = result.findings.clone();
            let receipt = match checked(result, seen.as_ref()) {
                Ok(receipt) => receipt,
                // the platform says that it has the entry, but not so that it could be held to it
                Err(error) => {
                    findings.push(error.fault().code.to_owned());
                    None
                }
            };
            let signed = due
                .iter()
                .find(|kept| kept.digest == result.entry)
                .map(|kept| &kept.signed);
            self.engine
                .store
                .write(|w| settle(w, self.engine, result, &findings, receipt, signed))?;
        }
        Ok(results.len())
    }

    /// Asks again for receipts that were not whole: the day's time-stamp, the platform's word on a photo's bytes.
    fn renew_receipts(&mut self) -> Result<(), Trouble> {
        let most = u32::try_from(limits::ENTRIES_PER_MESSAGE).unwrap_or(u32::MAX);
        let store = &self.engine.store;
        let (entries, seen) = store.read(|r| Ok::<_, AppError>((entries::unwhole(r, most)?, entries::seen(r)?)))?;
        let Some(seen) = seen.filter(|_| !entries.is_empty()) else {
            return Ok(());
        };
        let request = ReceiptsRequest {
            entries: entries.clone(),
        };
        let reply: ReceiptsReply = read(self.wire.post("/v1/evidence/receipts", &request)?)?;
        let asked = reply.receipts.iter().filter(|r| entries.contains(&r.entry));
        self.engine.store.write(|w| {
            for now in asked {
                let before = entries::get(w, now.entry)?.and_then(|kept| kept.receipt);
                let before = before.and_then(|value| serde_json::from_value::<Receipt>(value).ok());
                match before.map(|before| verify_renewed(&before, now, &seen.key)) {
                    Some(Ok(())) => entries::renew(w, now.entry, &json!(now))?,
                    // another story than before, signed: kept as proof
                    Some(Err(error)) => entries::put_alarm(w, error.fault().code, &now.place.checkpoint)?,
                    None => {}
                }
            }
            Ok::<_, AppError>(())
        })?;
        Ok(())
    }

    /// Demands the log's head, with the proof that it continues what was seen before. A log that does not is told in the
    /// phone's status, and the head seen before stays.
    fn follow_log(&mut self) -> Result<(), Trouble> {
        let seen = self.engine.store.read(entries::seen)?;
        let request = CheckpointRequest {
            from: seen.as_ref().map_or(0, |seen| seen.size),
        };
        let reply: CheckpointReply = read(self.wire.post("/v1/evidence/checkpoint", &request)?)?;
        let followed = match seen {
            Some(seen) if seen.key != reply.key => Err(LogError::KeyChanged),
            Some(seen) => seen.follow(&reply.checkpoint, &reply.consistency),
            None => Seen::nothing(reply.key.clone()).follow(&reply.checkpoint, &reply.consistency),
        };
        self.engine.store.write(|w| match followed {
            Ok(seen) => entries::put_seen(w, &seen),
            // kept with what the platform has signed: proof of two stories
            Err(error) => entries::put_alarm(w, error.fault().code, &reply.checkpoint),
        })?;
        Ok(())
    }
}

/// The receipt, when it can be held against the log's known key.
fn checked<'r>(result: &'r EntryResult, seen: Option<&Seen>) -> Result<Option<&'r Receipt>, LogError> {
    let (Some(receipt), Some(seen)) = (&result.receipt, seen) else {
        return Ok(None);
    };
    verify_receipt(receipt, result.entry, &seen.key)?;
    Ok(Some(receipt))
}

fn settle(
    w: &Writer<'_>,
    engine: &Engine,
    result: &EntryResult,
    findings: &[String],
    receipt: Option<&Receipt>,
    signed: Option<&SignedEntry>,
) -> Result<(), AppError> {
    let state = match result.status {
        EntryStatus::Stored | EntryStatus::Same => "kept",
        EntryStatus::Refused => "refused",
    };
    let receipt = receipt.map(|receipt| json!(receipt));
    entries::settle(w, result.entry, state, findings, receipt.as_ref())?;
    let entry = signed
        .and_then(|signed| proof::open(signed).ok())
        .map(|opened| opened.entry);
    if let (Some(_), Some(Entry::Capture(capture))) = (receipt, entry) {
        let media = BlobHash(capture.media.sha256.0);
        engine.log_event(w, EventKind::Receipt, media, None)?;
    }
    Ok(())
}
