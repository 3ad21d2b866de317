//! The photo in hand: found, asked about, sent chunk by chunk from the vault.

use std::io::Read;

use super::run::Run;
use super::trouble::Trouble;
use crate::app::error::AppError;
use crate::evidence::{self, EvidenceError};
use crate::planted::{Bug, planted};
use crate::platform::reply::json as read;
use crate::store::blobs::{self, Blob};
use crate::sync::{BlobTask, Event, Failure};
use crate::wire::blobs::{BlobState, ProbeItem, ProbeReply, ProbeRequest};
use crate::wire::manifest::EventKind;

impl Run<'_> {
    pub(super) fn find_blob(&mut self) -> Result<Event, Trouble> {
        self.reader = None;
        let lanes = self.lanes()?;
        self.blob = self.engine.store.read(|r| blobs::due(r, &lanes))?;
        Ok(Event::BlobFound(self.blob.as_ref().map(|b| BlobTask {
            hash: b.hash,
            bytes: b.bytes,
            lane: b.lane,
        })))
    }

    pub(super) fn probe(&mut self) -> Result<Event, Trouble> {
        let blob = self.blob()?;
        let (hash, bytes) = (blob.hash, blob.bytes);
        let request = ProbeRequest {
            blobs: vec![ProbeItem { sha256: hash, bytes }],
        };
        let reply: ProbeReply = read(self.wire.post("/v1/blobs/probe", &request)?)?;
        let answer = reply.blobs.into_iter().find(|a| a.sha256 == hash);
        let state = answer.ok_or_else(crate::platform::reply::unreadable)?.state;
        if let BlobState::Partial { upload, offset } = &state {
            self.note_upload(upload.clone(), *offset)?;
        }
        Ok(Event::Probed(state))
    }

    pub(super) fn open_upload(&mut self) -> Result<Event, Trouble> {
        let blob = self.blob()?;
        let (hash, bytes, media_type) = (blob.hash, blob.bytes, blob.media_type.clone());
        let upload = self.wire.open_upload(hash, bytes, &media_type)?;
        self.note_upload(upload, 0)?;
        if planted(Bug::PhotoRemovedEarly) {
            let _ = self.engine.env.media.remove(&hash.hex());
        }
        Ok(Event::UploadOpened)
    }

    pub(super) fn send_chunk(&mut self, offset: u64, len: u64) -> Result<Event, Trouble> {
        let upload = self.upload_path()?;
        let bytes = self.plain_bytes(offset, len)?;
        let before = self.engine.env.clock.monotonic_ms();
        let (lane, sent) = (self.blob()?.lane, bytes.len() as u64);
        let taken = self.wire.chunk(&upload, offset, bytes);
        self.count_traffic(lane, sent)?;
        let offset = taken?;
        let took_ms = self.engine.env.clock.monotonic_ms().saturating_sub(before);
        self.note_upload(upload, offset)?;
        Ok(Event::ChunkTaken { offset, took_ms })
    }

    /// Original bytes of the photo in hand; the vault is read on from where the last chunk ended, or anew.
    pub(super) fn plain_bytes(&mut self, offset: u64, len: u64) -> Result<Vec<u8>, Trouble> {
        let (mut reader, at) = match self.reader.take() {
            Some((reader, at)) if at <= offset => (reader, at),
            _ => {
                let blob = self.blob()?;
                (evidence::open(&*self.engine.env.media, &blob.hash, &blob.key)?, 0)
            }
        };
        let skipped = std::io::copy(&mut reader.by_ref().take(offset - at), &mut std::io::sink());
        skipped.map_err(EvidenceError::from)?;
        let mut bytes = Vec::new();
        reader
            .by_ref()
            .take(len)
            .read_to_end(&mut bytes)
            .map_err(EvidenceError::from)?;
        self.reader = Some((reader, offset + bytes.len() as u64));
        Ok(bytes)
    }

    pub(super) fn note_upload(&mut self, upload: String, sent: u64) -> Result<(), Trouble> {
        let hash = self.blob()?.hash;
        self.engine.store.write(|w| {
            blobs::set_upload(w, hash, Some(&upload), sent)?;
            let confirmed = (sent > 0).then(|| sent.to_string());
            match confirmed {
                Some(bytes) => self.engine.log_event(w, EventKind::ChunkAcked, hash, Some(bytes)),
                None => Ok(()),
            }
        })?;
        if let Some(blob) = &mut self.blob {
            blob.upload = Some(upload);
        }
        Ok(())
    }

    pub(super) fn upload_path(&self) -> Result<String, Trouble> {
        let path = self.blob()?.upload.clone();
        path.ok_or(Trouble::Machine(Failure::Refused { code: "gone".into() }))
    }

    pub(super) fn blob(&self) -> Result<&Blob, Trouble> {
        self.blob.as_ref().ok_or(Trouble::Fatal(AppError::NotFound))
    }
}
