//! A phone that speaks by hand: entries made, signed and sent without the engine, so that each may be wrong in its own way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::env::{DeviceSigner, KeyKind};
use fushan_grid_core::model::ids::{DeviceId, Incarnation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::Method;
use fushan_grid_core::rules::proof::key_digest;
use fushan_grid_core::wire::enrol::{EnrolReply, EnrolRequest};
use fushan_grid_core::wire::evidence::{EntriesReply, EntriesRequest, EntryResult};
use fushan_grid_core::wire::manifest::{
    Actor, Capture, Entry, HexSha256, HexSm3, Link, Media, Moment, Named256, Origin, Rotation, SignedEntry, Source,
    Start, StartReason, Subject, canonical,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::field::{Failure, Field};
use crate::signer::MemorySigner;

/// A phone with a chain in hand.
pub struct Speaker {
    /// Its id.
    pub device: DeviceId,
    /// Its token.
    pub token: String,
    /// Its key.
    pub signer: MemorySigner,
    /// Name of its chain.
    pub chain: String,
    /// Place of its last entry.
    pub seq: u64,
    /// Digest of its last entry.
    pub prev: Option<Named256>,
    /// Who works with it.
    pub staff: String,
}

impl Speaker {
    /// Enrols a phone for a staff member; `number` makes its id and key.
    ///
    /// # Errors
    /// When the platform does not take it.
    pub fn enrol(field: &Field, staff: &str, number: u64) -> Result<Self, Failure> {
        let mut random = [0; 10];
        random.iter_mut().zip(number.to_be_bytes()).for_each(|(r, n)| *r = n);
        let now = UtcMillis(1_790_000_000_000);
        let device = DeviceId::v7(now, random);
        let request = EnrolRequest {
            code: field.code(staff)?,
            device,
            incarnation: Incarnation::v7(now, random),
            app: "hand".into(),
        };
        let reply = field.raw(Method::Post, "/v1/enrol", None, serde_json::to_vec(&request)?)?;
        let reply: EnrolReply = serde_json::from_slice(&reply.body)?;
        Ok(Self {
            device,
            token: reply.token,
            signer: MemorySigner::new(number),
            chain: format!("chain-{number}"),
            seq: 0,
            prev: None,
            staff: staff.to_owned(),
        })
    }

    /// Its public key, DER.
    ///
    /// # Errors
    /// Those of the key.
    pub fn key(&self) -> Result<Vec<u8>, Failure> {
        Ok(self.signer.public_key().map_err(|_| "no key")?)
    }

    /// Signs an entry as it is, and moves the chain's end.
    ///
    /// # Errors
    /// Those of the key.
    pub fn sign(&mut self, entry: &Entry) -> Result<SignedEntry, Failure> {
        let manifest = canonical::text(entry)?;
        let digest = canonical::digest(&manifest);
        self.seq = entry.link().seq;
        self.prev = Some(digest);
        Ok(SignedEntry {
            signature: BASE64.encode(self.signer.sign(&digest.0).map_err(|_| "no signature")?),
            public_key: BASE64.encode(self.key()?),
            manifest,
        })
    }

    /// The chain's beginning.
    ///
    /// # Errors
    /// Those of the key.
    pub fn start(&mut self, reason: StartReason) -> Result<SignedEntry, Failure> {
        let entry = Entry::Start(Start {
            v: 1,
            id: self.chain.clone(),
            reason,
            actor: self.actor()?,
            at: "2026-09-01T00:00:00.000Z".into(),
            key_kind: KeyKind::Software,
            attestation: Vec::new(),
            chain: Link {
                of: self.chain.clone(),
                seq: 1,
                prev: None,
            },
        });
        self.sign(&entry)
    }

    /// A change to the key that follows.
    ///
    /// # Errors
    /// Those of the key.
    pub fn rotation(&mut self) -> Result<SignedEntry, Failure> {
        let entry = Entry::Rotation(Rotation {
            v: 1,
            id: format!("{}-{}", self.chain, self.seq + 1),
            actor: self.actor()?,
            at: "2026-09-01T00:00:00.000Z".into(),
            new_key: BASE64.encode(self.signer.next_key().map_err(|_| "no key")?.public_key),
            key_kind: KeyKind::Software,
            attestation: Vec::new(),
            reason: None,
            chain: self.next(),
        });
        let signed = self.sign(&entry)?;
        self.signer.use_next().map_err(|_| "no key")?;
        Ok(signed)
    }

    /// A capture of these bytes for a case, not signed yet.
    ///
    /// # Errors
    /// Those of the key.
    pub fn capture(&self, case: &str, bytes: &[u8]) -> Result<Capture, Failure> {
        Ok(Capture {
            v: 1,
            id: format!("{}-{}", self.chain, self.seq + 1),
            media: Media {
                sha256: HexSha256(Sha256::digest(bytes).into()),
                sm3: HexSm3(Sm3::digest(bytes).into()),
                bytes: bytes.len() as u64,
                mime: "image/jpeg".into(),
                w: Some(640),
                h: Some(480),
                source: Source::AppCamera,
            },
            derived: Vec::new(),
            subject: Subject {
                case: case.to_owned(),
                step: None,
                form: None,
                item: None,
                role: "near".into(),
            },
            actor: self.actor()?,
            time: Moment {
                wall: "2026-09-01T00:00:00.000Z".into(),
                mono_ms: 1000 * (self.seq + 1),
                boot_id: "boot".into(),
                gnss: None,
                server_offset_ms: None,
                server_offset_age_s: None,
            },
            place: None,
            env: Origin {
                app: "hand".into(),
                ..Origin::default()
            },
            checks: Vec::new(),
            ph: None,
            chain: self.next(),
        })
    }

    /// The next place of the chain.
    #[must_use]
    pub fn next(&self) -> Link {
        Link {
            of: self.chain.clone(),
            seq: self.seq + 1,
            prev: self.prev,
        }
    }

    fn actor(&self) -> Result<Actor, Failure> {
        Ok(Actor {
            staff: self.staff.clone(),
            grid: crate::field::GRID.into(),
            device_key: key_digest(&self.key()?),
            attest: self.chain.clone(),
        })
    }

    /// Sends entries; the answers.
    ///
    /// # Errors
    /// When the platform does not answer as it should.
    pub fn send(&self, field: &Field, entries: &[SignedEntry]) -> Result<Vec<EntryResult>, Failure> {
        let request = EntriesRequest {
            device: self.device,
            entries: entries.to_vec(),
        };
        let reply: EntriesReply = self.ask(field, "/v1/evidence", &request)?;
        Ok(reply.results)
    }

    /// Asks with its token.
    ///
    /// # Errors
    /// When the platform does not answer as it should.
    pub fn ask<T: DeserializeOwned>(&self, field: &Field, path: &str, message: &impl Serialize) -> Result<T, Failure> {
        let reply = field.raw(Method::Post, path, Some(&self.token), serde_json::to_vec(message)?)?;
        if reply.status != 200 {
            return Err(format!("{path}: {} {}", reply.status, String::from_utf8_lossy(&reply.body)).into());
        }
        Ok(serde_json::from_slice(&reply.body)?)
    }
}
