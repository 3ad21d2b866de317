//! What the district says to this phone: who it works for, what it may hold, how long it may work offline, and that it ends.

use std::path::Path;

use super::lines::take_scope_set;
use super::requests::Wire;
use super::run::{APP, Run};
use super::session::Credentials;
use super::trouble::Trouble;
use crate::app::error::AppError;
use crate::model::env::Env;
use crate::model::record::Scope;
use crate::platform::reply::json as read;
use crate::platform::{Cancel, Transport};
use crate::rules::signed;
use crate::store::identity::{self, Setting};
use crate::store::{StoreError, blobs, lease, ops, pull, unsent};
use crate::sync::Event;
use crate::wire::PROTOCOL;
use crate::wire::enrol::{DeviceReport, HelloReply, HelloRequest};
use crate::wire::scopes::{PurgedRequest, Taken};
use crate::wire::signed::{LeaseReply, LeaseRequest, Order};

/// Fetches a new lease for a phone that is locked because its lease has run out: the worker types a one-time code that the
/// district gives them. Afterwards the phone opens again.
///
/// # Errors
/// [`AppError::Reply`] when the platform is not reached or the code not accepted, [`AppError::NotEnrolled`] for a phone that has
/// no lease, [`AppError::Store`] for a lease that is not the district's.
pub fn renew_lease(
    dir: &Path,
    env: &Env,
    transport: &dyn Transport,
    code: &str,
    cancel: &Cancel,
) -> Result<(), AppError> {
    let device = lease::device_in(dir)?.ok_or(AppError::NotEnrolled)?;
    let mut wire = Wire {
        transport,
        cancel,
        credentials: Credentials::none(),
        up: 0,
        down: 0,
    };
    let request = LeaseRequest {
        device,
        code: code.trim().to_owned(),
    };
    let reply: LeaseReply = read(wire.post_without_credentials("/v1/lease", &request)?)?;
    Ok(lease::renew_in(dir, &reply.lease, &*env.clock)?)
}

impl Run<'_> {
    /// What waits on this phone, for the operators.
    fn device_report(&self) -> Result<DeviceReport, Trouble> {
        let few = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(self.engine.store.read(|r| {
            let (ops, photos) = (ops::ledger(r)?, blobs::counts(r)?);
            let set = identity::scope_set(r)?;
            Ok::<_, StoreError>(DeviceReport {
                operations: few(ops.queued + ops.sending),
                photos: few(photos.due + photos.problems),
                refused: few(ops.dead),
                cursors: pull::cursors(r, &set.scopes)?,
            })
        })?)
    }

    pub(super) fn hello(&mut self) -> Result<Event, Trouble> {
        let sent_at = self.engine.env.clock.wall();
        let request = HelloRequest {
            device: self.me.device,
            incarnation: self.me.incarnation,
            app: APP.to_owned(),
            protocol: vec![PROTOCOL],
            schema: self.engine.dictionaries().schema.schema,
            sent_at,
            report: Some(self.device_report()?),
        };
        let reply: HelloReply = read(self.wire.post("/v1/hello", &request)?)?;
        if request.schema < reply.schema_min {
            self.too_old = Some("schema_too_old".to_owned());
        }
        self.greeted_at = Some(reply.server_time);
        self.me.staff = reply.staff.clone();
        if let Some(policy) = reply.policy {
            self.policy = policy;
        }
        let me = self.me.clone();
        let seen = self.engine.server_seen(reply.server_time);
        self.take_orders(&reply)?;
        self.engine.store.write(|w| {
            identity::put(w, &me)?;
            identity::put_server_offset(w, reply.server_time.since(sent_at))?;
            identity::put_server_seen(w, &seen)?;
            if let Some(policy) = &reply.policy {
                identity::put_setting(w, Setting::Policy, policy)?;
            }
            if let Some(keep) = reply.keep_originals_ms {
                identity::put_setting(w, Setting::KeepOriginals, &keep)?;
            }
            take_scope_set(w, &reply.scope_set)
        })?;
        Ok(Event::Greeted)
    }

    /// Only what the district has signed for this phone counts.
    fn take_orders(&mut self, reply: &HelloReply) -> Result<(), Trouble> {
        let store = &self.engine.store;
        let key: Option<String> = store.read(|r| identity::setting(r, Setting::OrderKey))?;
        let Some(key) = key else { return Ok(()) };
        if let Some(lease) = &reply.lease {
            store.keep_lease(lease, &key, &*self.engine.env.clock)?;
        }
        store.note_server_time(reply.server_time, &*self.engine.env.clock)?;
        let orders = reply.orders.iter().filter_map(|order| signed::verified(order, &key));
        for order in orders {
            if let Order::Wipe { device, at } = order
                && device == self.me.device
            {
                store.write(|w| identity::put_setting(w, Setting::Wipe, &Some(at)))?;
            }
        }
        Ok(())
    }

    /// Carries an ordered wipe out once nothing more can be sent in this run. Refused operations and drafts are handed over, for
    /// nobody will mend or submit them here. With all work delivered, every byte goes; with work left, the phone keeps it sealed
    /// for the recovery key, or, when it has none, hides what else it holds and tries again. Tells whether work is kept sealed,
    /// when the phone was wiped.
    pub(super) fn wipe_if_ordered(&mut self) -> Result<Option<bool>, AppError> {
        let store = &self.engine.store;
        if self.greeted_at.is_none() || !store.read(identity::wipe_ordered)? {
            return Ok(None);
        }
        match self.hand_over_everything() {
            Ok(()) | Err(Trouble::Machine(_)) => {}
            Err(Trouble::Fatal(error)) => return Err(error),
        }
        let left = store.read(unsent::count)?;
        let sealed = !left.is_empty();
        if sealed && !store.has_recovery_wrap()? {
            store.write(|w| take_scope_set(w, &identity::scope_set(w)?))?;
            return Ok(None);
        }
        let photos = store.read(blobs::counts)?;
        let receipt = PurgedRequest {
            device: self.me.device,
            scope: Scope("*".to_owned()),
            epoch: 0,
            records: 0,
            blobs: photos.stored,
            at: self.engine.env.clock.wall(),
        };
        // the receipt goes first, for afterwards there is nothing left to send it with; the platform counts the phone as gone
        // only when it stays silent
        let told: Result<Taken, _> = self.wire.post("/v1/purged", &receipt).and_then(read);
        if told.is_err() {
            return Ok(None);
        }
        if sealed {
            store.seal()?;
        } else {
            store.destroy()?;
            for name in self.engine.env.media.list()? {
                self.engine.env.media.remove(&name)?;
            }
        }
        self.engine.forget_tokens();
        Ok(Some(sealed))
    }
}
