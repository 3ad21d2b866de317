//! The lease: until when this phone opens without asking the platform.
//!
//! It is kept twice. A file beside the key header is looked at *before* the key store is asked, so that an expired phone never
//! unwraps its key. The database's own copy decides once it is open, so that a file that was deleted, replaced or altered
//! changes nothing. Time is what the platform last said plus what the monotonic clock has counted since; after a reboot the wall
//! clock counts as well, never earlier than the latest moment seen.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::files::write_durably;
use super::identity::{self, Setting};
use crate::model::env::Clock;
use crate::model::ids::DeviceId;
use crate::model::time::UtcMillis;
use crate::rules::signed;
use crate::wire::signed::{Lease, Signed};

/// A lease with the key it was signed by and the latest moment this phone has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    signed: Signed,
    order_key: String,
    seen: Seen,
}

/// The latest moment seen, and where the phone's own clocks stood then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    at: UtcMillis,
    boot: String,
    mono_ms: u64,
}

impl Seen {
    fn at(at: UtcMillis, clock: &dyn Clock) -> Self {
        Self {
            at,
            boot: clock.boot_id(),
            mono_ms: clock.monotonic_ms(),
        }
    }

    /// The earliest moment it can be now.
    fn now(&self, clock: &dyn Clock) -> UtcMillis {
        if clock.boot_id() == self.boot {
            let passed = clock.monotonic_ms().saturating_sub(self.mono_ms);
            self.at.plus(i64::try_from(passed).unwrap_or(i64::MAX))
        } else {
            self.at.max(clock.wall())
        }
    }
}

impl Kept {
    fn lease(&self) -> Result<Lease, StoreError> {
        signed::lease(&self.signed, &self.order_key).ok_or(StoreError::LeaseInvalid)
    }

    /// Moves the latest moment on and checks the lease against it.
    fn checked(&mut self, clock: &dyn Clock) -> Result<(), StoreError> {
        let lease = self.lease()?;
        let now = self.seen.now(clock).max(lease.issued_at);
        self.seen = Seen::at(now, clock);
        if now > lease.expires_at {
            Err(StoreError::LeaseExpired)
        } else {
            Ok(())
        }
    }
}

fn path_in(dir: &Path) -> PathBuf {
    dir.join("fushan.lease.json")
}

fn read_in(dir: &Path) -> Result<Option<Kept>, StoreError> {
    match std::fs::read(path_in(dir)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

fn write_in(dir: &Path, kept: &Kept) -> Result<(), StoreError> {
    Ok(write_durably(&path_in(dir), &serde_json::to_vec(kept)?)?)
}

/// The phone a lease in this folder is for.
///
/// # Errors
/// [`StoreError::LeaseInvalid`] for a lease that nobody signed.
pub fn device_in(dir: &Path) -> Result<Option<DeviceId>, StoreError> {
    read_in(dir)?
        .map(|kept| kept.lease().map(|lease| lease.device))
        .transpose()
}

/// Puts a new lease into the folder of a locked phone.
///
/// # Errors
/// [`StoreError::LeaseInvalid`] when it is not signed by the same key, not for this phone, or not later.
pub fn renew_in(dir: &Path, fresh: &Signed, clock: &dyn Clock) -> Result<(), StoreError> {
    let mut kept = read_in(dir)?.ok_or(StoreError::LeaseInvalid)?;
    let old = kept.lease()?;
    kept.signed = fresh.clone();
    let new = kept.lease()?;
    if new.device != old.device || new.version <= old.version {
        return Err(StoreError::LeaseInvalid);
    }
    // the platform has just told the time, so a clock that ran ahead is set right
    kept.seen = Seen::at(new.issued_at, clock);
    write_in(dir, &kept)
}

/// Before the key store is asked: a lease that has run out keeps the phone locked. A file that is missing or altered is the
/// database's matter.
pub(super) fn check_file(dir: &Path, clock: &dyn Clock) -> Result<(), StoreError> {
    match read_in(dir)? {
        Some(mut kept) => match kept.checked(clock) {
            Err(StoreError::LeaseExpired) => Err(StoreError::LeaseExpired),
            _ => Ok(()),
        },
        None => Ok(()),
    }
}

/// With the database open: its own copy decides, unless the file holds a later lease under the same key. Both are brought up to
/// the latest moment.
pub(super) fn check(w: &Writer<'_>, dir: &Path, clock: &dyn Clock) -> Result<(), StoreError> {
    let Some(mut own) = identity::setting::<Kept>(w, Setting::Lease)? else {
        return Ok(());
    };
    if let Some(file) = read_in(dir)?
        && file.order_key == own.order_key
        && let (Ok(theirs), Ok(ours)) = (file.lease(), own.lease())
        && theirs.version > ours.version
        && theirs.device == ours.device
    {
        own.signed = file.signed;
        own.seen = Seen::at(theirs.issued_at, clock);
    }
    let verdict = own.checked(clock);
    write_in(dir, &own)?;
    identity::put_setting(w, Setting::Lease, &own)?;
    verdict
}

/// Keeps a lease that the platform has given, when it is this phone's and later than the one in force.
pub(super) fn keep(
    w: &Writer<'_>,
    dir: &Path,
    fresh: &Signed,
    order_key: &str,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let me = identity::get(w)?.ok_or(StoreError::NotFound)?;
    let Some(new) = signed::lease(fresh, order_key) else {
        return Ok(());
    };
    let known = identity::setting::<Kept>(w, Setting::Lease)?.and_then(|kept| kept.lease().ok());
    if new.device != me.device || known.is_some_and(|old| new.version <= old.version) {
        return Ok(());
    }
    let kept = Kept {
        signed: fresh.clone(),
        order_key: order_key.to_owned(),
        seen: Seen::at(new.issued_at, clock),
    };
    write_in(dir, &kept)?;
    identity::put_setting(w, Setting::Lease, &kept)
}

/// Notes the platform's clock: it cannot be earlier on this phone from now on.
pub(super) fn note_time(w: &Writer<'_>, dir: &Path, at: UtcMillis, clock: &dyn Clock) -> Result<(), StoreError> {
    let Some(mut kept) = identity::setting::<Kept>(w, Setting::Lease)? else {
        return Ok(());
    };
    kept.seen = Seen::at(at, clock);
    write_in(dir, &kept)?;
    identity::put_setting(w, Setting::Lease, &kept)
}

/// The lease in force.
///
/// # Errors
/// Those of the store.
pub fn in_force(r: &Reader<'_>) -> Result<Option<Lease>, StoreError> {
    Ok(identity::setting::<Kept>(r, Setting::Lease)?.and_then(|kept| kept.lease().ok()))
}

pub(super) fn forget_in(dir: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path_in(dir)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}
