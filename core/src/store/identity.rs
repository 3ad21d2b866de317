//! Single values of this phone: who it is, its clocks and counters.

use rusqlite::OptionalExtension;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use crate::model::ids::{DeviceId, Incarnation};
use crate::model::time::{Hlc, UtcMillis};
use crate::wire::enrol::{ScopeSet, Staff};

/// Who this phone is to the platform.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The phone.
    pub device: DeviceId,
    /// This life of its database.
    pub incarnation: Incarnation,
    /// Who works with it.
    pub staff: Staff,
    /// Bearer token of a phone enrolled before there were refresh tokens; [`session`] knows the one in force.
    pub token: String,
    /// Address of the platform.
    pub url: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

/// Who this phone is; `None` before enrolment.
///
/// # Errors
/// Those of the store.
pub fn get(r: &Reader<'_>) -> Result<Option<Identity>, StoreError> {
    value(r, "identity")
}

/// Keeps who this phone is.
///
/// # Errors
/// Those of the store.
pub fn put(w: &Writer<'_>, identity: &Identity) -> Result<(), StoreError> {
    set_value(w, "identity", identity)
}

/// What opens the platform to this phone. Kept apart from [`Identity`], because it is replaced in the middle of a run.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Session {
    /// Bearer token.
    pub token: String,
    /// What gets the next one; empty at a platform that gives none.
    pub refresh: String,
    /// Secret word of the exchange that will use `refresh`.
    #[serde(default)]
    pub exchange: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

/// What opens the platform, unless it lies in a store of the host's; a phone enrolled before there were refresh tokens has its
/// bearer token alone.
///
/// # Errors
/// Those of the store.
pub fn session(r: &Reader<'_>) -> Result<Option<Session>, StoreError> {
    if let Some(session) = value(r, "session")? {
        return Ok(Some(session));
    }
    let token = get(r)?.map(|me| me.token).filter(|token| !token.is_empty());
    Ok(token.map(|token| Session {
        token,
        ..Session::default()
    }))
}

/// Forgets what opens the platform, once a store of the host's has it.
///
/// # Errors
/// Those of the store.
pub fn forget_session(w: &Writer<'_>) -> Result<(), StoreError> {
    if let Some(mut me) = get(w)? {
        me.token.clear();
        put(w, &me)?;
    }
    w.0.0.execute("DELETE FROM meta WHERE key = 'session'", ())?;
    Ok(())
}

/// Keeps what opens the platform.
///
/// # Errors
/// Those of the store.
pub fn put_session(w: &Writer<'_>, session: &Session) -> Result<(), StoreError> {
    set_value(w, "session", session)
}

/// The scopes the platform lets this phone hold.
///
/// # Errors
/// Those of the store.
pub fn scope_set(r: &Reader<'_>) -> Result<ScopeSet, StoreError> {
    Ok(value(r, "scope_set")?.unwrap_or_default())
}

/// Keeps the scopes the platform lets this phone hold.
///
/// # Errors
/// Those of the store.
pub fn put_scope_set(w: &Writer<'_>, set: &ScopeSet) -> Result<(), StoreError> {
    set_value(w, "scope_set", set)
}

/// The next stamp of the hybrid logical clock.
///
/// # Errors
/// Those of the store.
pub fn tick_hlc(w: &Writer<'_>, now: UtcMillis) -> Result<Hlc, StoreError> {
    let next = value::<Hlc>(w, "hlc")?.unwrap_or_default().tick(now);
    set_value(w, "hlc", &next)?;
    Ok(next)
}

/// How far the platform's clock is ahead of this phone's, in milliseconds, as last seen.
///
/// # Errors
/// Those of the store.
pub fn server_offset(r: &Reader<'_>) -> Result<Option<i64>, StoreError> {
    value(r, "server_offset")
}

/// Keeps how far the platform's clock is ahead.
///
/// # Errors
/// Those of the store.
pub fn put_server_offset(w: &Writer<'_>, millis: i64) -> Result<(), StoreError> {
    set_value(w, "server_offset", &millis)
}

/// Number of the synchronisation under way, or of the last one.
///
/// # Errors
/// Those of the store.
pub fn run_number(r: &Reader<'_>) -> Result<u64, StoreError> {
    Ok(value(r, "run_number")?.unwrap_or(0))
}

/// Begins the next synchronisation.
///
/// # Errors
/// Those of the store.
pub fn begin_run(w: &Writer<'_>) -> Result<(), StoreError> {
    let next = run_number(w)? + 1;
    set_value(w, "run_number", &next)
}

/// Failed runs in a row.
///
/// # Errors
/// Those of the store.
pub fn failures(r: &Reader<'_>) -> Result<u32, StoreError> {
    Ok(value(r, "failures")?.unwrap_or(0))
}

/// A setting that the platform or the app keeps here, by name.
///
/// # Errors
/// Those of the store.
pub fn setting<T: DeserializeOwned>(r: &Reader<'_>, name: Setting) -> Result<Option<T>, StoreError> {
    value(r, name.key())
}

/// Whether the district has ordered that this phone is wiped.
///
/// # Errors
/// Those of the store.
pub fn wipe_ordered(r: &Reader<'_>) -> Result<bool, StoreError> {
    let at = setting::<Option<UtcMillis>>(r, Setting::Wipe)?;
    Ok(at.flatten().is_some())
}

/// Keeps a setting.
///
/// # Errors
/// Those of the store.
pub fn put_setting<T: Serialize>(w: &Writer<'_>, name: Setting, new: &T) -> Result<(), StoreError> {
    set_value(w, name.key(), new)
}

/// Names of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Which lane may use which network.
    Policy,
    /// How long originals stay after the platform has stored them, in milliseconds.
    KeepOriginals,
    /// Public key of the district's orders.
    OrderKey,
    /// When to come again.
    Timer,
    /// A wipe that was ordered.
    Wipe,
    /// Why this phone is too old for the platform.
    NeedsUpgrade,
    /// The lease in force.
    Lease,
}

impl Setting {
    fn key(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::KeepOriginals => "keep_originals_ms",
            Self::OrderKey => "order_key",
            Self::Timer => "timer",
            Self::Wipe => "wipe",
            Self::NeedsUpgrade => "needs_upgrade",
            Self::Lease => "lease",
        }
    }
}

/// The platform's clock as last seen, and this phone's clock at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSeen {
    /// The platform's clock.
    pub time: UtcMillis,
    /// This phone's monotonic clock, milliseconds.
    pub mono_ms: u64,
    /// The boot it counts from.
    pub boot: String,
}

/// When the platform's clock was last seen.
///
/// # Errors
/// Those of the store.
pub fn server_seen(r: &Reader<'_>) -> Result<Option<ServerSeen>, StoreError> {
    value(r, "server_seen")
}

/// Keeps when the platform's clock was last seen.
///
/// # Errors
/// Those of the store.
pub fn put_server_seen(w: &Writer<'_>, seen: &ServerSeen) -> Result<(), StoreError> {
    set_value(w, "server_seen", seen)
}

/// Counts failed runs in a row; a good one starts at nought again. Gives the count.
///
/// # Errors
/// Those of the store.
pub fn count_failures(w: &Writer<'_>, failed: bool) -> Result<u32, StoreError> {
    let before: u32 = value(w, "failures")?.unwrap_or(0);
    let now = if failed { before.saturating_add(1) } else { 0 };
    set_value(w, "failures", &now)?;
    Ok(now)
}

/// One JSON value by key.
pub(super) fn value<T: DeserializeOwned>(r: &Reader<'_>, key: &str) -> Result<Option<T>, StoreError> {
    let text: Option<String> =
        r.0.prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
    text.map(|t| serde_json::from_str(&t).map_err(StoreError::from))
        .transpose()
}

/// Sets one JSON value.
pub(super) fn set_value<T: Serialize>(w: &Writer<'_>, key: &str, value: &T) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute((key, serde_json::to_string(value)?))?;
    Ok(())
}
