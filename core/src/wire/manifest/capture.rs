//! The capture manifest: which bytes, for what, by whom, when, where, with what, and what the intake checks said.

use serde::{Deserialize, Serialize};

use super::chain::Link;
use super::digest::{HexSha256, HexSm3, Named256};
use super::place::Fix;

/// Roles of a photo within its subject.
pub const CAPTURE_ROLES: [&str; 7] = ["near", "far", "reference", "before", "after", "signature", "document"];

/// What is said about one photo at its intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Version of the form.
    pub v: u32,
    /// Id, also the key of idempotency.
    pub id: String,
    /// The bytes.
    pub media: Media,
    /// Files made of it at intake.
    pub derived: Vec<Derived>,
    /// What it is evidence of.
    pub subject: Subject,
    /// Who took it.
    pub actor: Actor,
    /// When, by several clocks.
    pub time: Moment,
    /// Where, as the phone's positioning said; absent without a fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Fix>,
    /// With what.
    pub env: Origin,
    /// What the intake checks said, with the version of each rule.
    pub checks: Vec<Check>,
    /// Perceptual hashes; absent for what cannot be decoded here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ph: Option<Likeness>,
    /// Place in the chain.
    pub chain: Link,
}

/// The original bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// SHA-256.
    pub sha256: HexSha256,
    /// SM3.
    pub sm3: HexSm3,
    /// Size in bytes.
    pub bytes: u64,
    /// Media type by content.
    pub mime: String,
    /// Width in pixels before orientation, when the format tells it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub w: Option<u32>,
    /// Height in pixels before orientation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub h: Option<u32>,
    /// How the bytes came.
    pub source: Source,
}

/// How a photo came into the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The app's own camera view.
    AppCamera,
    /// Picked from the phone's gallery.
    Gallery,
    /// A file of another origin.
    Import,
}

/// A file made of a photo. It never stands in for the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// SHA-256.
    pub sha256: HexSha256,
    /// SM3.
    pub sm3: HexSm3,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file it was made of.
    pub of: HexSha256,
    /// The steps, such as `resize:1600;jpeg:80;stamp:1` or `redact:2;jpeg:90`.
    pub op: String,
    /// Width in pixels.
    pub w: u32,
    /// Height in pixels.
    pub h: u32,
}

/// What a photo is evidence of. Personal data stand in the record itself, never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The record: an incident, a person, a place.
    pub case: String,
    /// Step of the case, such as `dispose`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Digest of the checklist in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Named256>,
    /// Item of the checklist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// What it shows, one of [`CAPTURE_ROLES`] or another code of the data packs.
    pub role: String,
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Pseudonymous staff id; empty before enrolment.
    pub staff: String,
    /// Grid of the subject, or empty.
    pub grid: String,
    /// Digest of the public key's DER.
    pub device_key: Named256,
    /// Id of the entry that introduced the key, with the key store's certificates; the start entry names itself.
    pub attest: String,
}

/// When, by four clocks. None of them decides anything; differences are flags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The phone's wall clock, RFC 3339 in UTC with milliseconds.
    pub wall: String,
    /// Milliseconds of the monotonic clock.
    pub mono_ms: u64,
    /// The boot that `mono_ms` counts from.
    pub boot_id: String,
    /// Time of the satellites, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gnss: Option<String>,
    /// How far the platform's clock was ahead when last seen, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_offset_ms: Option<i64>,
    /// How long ago that was, seconds; absent when the phone was restarted since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_offset_age_s: Option<u64>,
}

/// With what a photo was taken. No IMEI, addresses of radios, names of networks: they harm more than they prove.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// App and build.
    pub app: String,
    /// Operating system and version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub os: String,
    /// Model of the phone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// What the system told about itself, such as `dev_options_off`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
}

/// What one intake check said. Part of the signed record, so that a later threshold cannot rewrite it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which check.
    pub id: String,
    /// What was measured, as a text; empty when nothing could be.
    pub score: String,
    /// What follows.
    pub verdict: Verdict,
    /// Version of the rule.
    pub rule: String,
    /// Why, as a code; empty for `ok`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Verdict of a check. None of them blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to say.
    Ok,
    /// The check could not be made: what it needs is absent.
    Absent,
    /// Worth a look.
    Warn,
    /// Goes to the supervisor's queue.
    Flag,
}

/// Perceptual hashes of the upright picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// 256 bits, 64 hexadecimal digits: the same picture.
    pub dhash256: HexSha256,
    /// 64 bits each, 16 hexadecimal digits: five crops, then their mirrors.
    pub crops: Vec<String>,
    /// How they were made.
    pub algo: String,
}
