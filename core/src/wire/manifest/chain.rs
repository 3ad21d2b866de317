//! The chain of one phone: how it begins, how its key changes, how each entry names the one before it.

use serde::{Deserialize, Serialize};

use super::capture::Actor;
use super::digest::Named256;
use crate::model::env::KeyKind;

/// An entry's place in its chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Id of the entry that began the chain.
    pub of: String,
    /// Place in it, from 1 without gaps.
    pub seq: u64,
    /// Digest of the entry before; absent only in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Named256>,
}

/// The first entry of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Version of the form.
    pub v: u32,
    /// Id, also the chain's name.
    pub id: String,
    /// Why a chain begins here.
    pub reason: StartReason,
    /// Who speaks.
    pub actor: Actor,
    /// The phone's wall clock, RFC 3339 in UTC.
    pub at: String,
    /// Where the private key lives.
    pub key_kind: KeyKind,
    /// Certificates of the key store about the key, DER in base64, the key's own first; empty for a software key.
    pub attestation: Vec<String>,
    /// Place: `seq` 1, no `prev`.
    pub chain: Link,
}

/// Why a chain begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartReason {
    /// The phone's first.
    First,
    /// The app's data were gone: installed anew, or another phone.
    Reinstall,
    /// The key store has lost the key of the chain before.
    KeyLost,
    /// The key store has a key now; the chain before was never signed.
    KeyMade,
    /// The database was damaged and the chain's head could not be carried over.
    Quarantine,
}

/// A change of key, signed by the old one; the next entry is signed by the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Version of the form.
    pub v: u32,
    /// Id.
    pub id: String,
    /// Who speaks; `device_key` is the old key.
    pub actor: Actor,
    /// The phone's wall clock, RFC 3339 in UTC.
    pub at: String,
    /// The new public key, SubjectPublicKeyInfo DER in base64.
    pub new_key: String,
    /// Where the new private key lives.
    pub key_kind: KeyKind,
    /// Certificates about the new key, as in [`Start`].
    pub attestation: Vec<String>,
    /// Why, in the worker's or the district's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Place.
    pub chain: Link,
}
