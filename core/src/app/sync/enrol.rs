//! Enrolment: a one-time code for this device's credentials.

use super::requests::Wire;
use super::session::{Credentials, exchange_word};
use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::env::ten_random;
use crate::model::ids::{DeviceId, Incarnation};
use crate::model::time::UtcMillis;
use crate::platform::reply::json;
use crate::platform::{Cancel, Transport};
use crate::store::identity::{self, Identity, ServerSeen, Session, Setting};
use crate::wire::enrol::{EnrolReply, EnrolRequest, Staff};

impl Engine {
    /// Enrols this phone with a one-time code. A phone that is enrolled already keeps its id and its unsent work; it gets new
    /// credentials.
    ///
    /// # Errors
    /// [`AppError::Tokens`] when a store of the host's for credentials does not answer, [`AppError::Reply`] when the code is not
    /// accepted, the platform not reached, or a settlement under way (`busy`); nothing has changed then.
    pub fn enrol(&self, transport: &dyn Transport, url: &str, code: &str, cancel: &Cancel) -> Result<Staff, AppError> {
        // a run under way would put who the phone was, and its credentials, over the new ones
        let _guard = self.running.alone()?;
        let now = self.env.clock.wall();
        let known = self.store.read(identity::get)?;
        self.tokens_answer()?;
        let random = || ten_random(&*self.env.entropy);
        let (device, incarnation) = match known {
            Some(me) => (me.device, me.incarnation),
            None => (DeviceId::v7(now, random()), Incarnation::v7(now, random())),
        };
        let mut wire = Wire {
            transport,
            cancel,
            credentials: Credentials::none(),
            up: 0,
            down: 0,
        };
        let request = EnrolRequest {
            code: code.trim().to_owned(),
            device,
            incarnation,
            app: super::run::APP.to_owned(),
        };
        let reply: EnrolReply = json(wire.post_without_credentials("/v1/enrol", &request)?)?;
        let staff = reply.staff.clone();
        let me = Identity {
            device,
            incarnation,
            staff: reply.staff,
            token: String::new(),
            url: url.to_owned(),
        };
        let session = Session {
            token: reply.token,
            refresh: reply.refresh,
            exchange: exchange_word(&*self.env.entropy),
        };
        self.store.write(|w| {
            identity::put(w, &me)?;
            identity::put_session(w, &session)?;
            identity::put_server_offset(w, reply.server_time.since(now))?;
            if let Some(key) = &reply.order_key {
                identity::put_setting(w, Setting::OrderKey, key)?;
            }
            identity::put_server_seen(w, &self.server_seen(reply.server_time))?;
            Ok::<_, AppError>(())
        })?;
        // credentials that the host's store does not take now stay in the database until the next run
        let _ = self.session();
        Ok(staff)
    }

    /// The id of this phone.
    ///
    /// # Errors
    /// [`AppError::NotEnrolled`].
    pub fn device(&self) -> Result<DeviceId, AppError> {
        Ok(self.store.read(identity::get)?.ok_or(AppError::NotEnrolled)?.device)
    }

    /// The platform's clock just seen, beside this phone's monotonic one.
    pub(super) fn server_seen(&self, time: UtcMillis) -> ServerSeen {
        ServerSeen {
            time,
            mono_ms: self.env.clock.monotonic_ms(),
            boot: self.env.clock.boot_id(),
        }
    }

    /// Address of the platform this phone is enrolled at.
    ///
    /// # Errors
    /// [`AppError::NotEnrolled`].
    pub fn platform_url(&self) -> Result<String, AppError> {
        Ok(self.store.read(identity::get)?.ok_or(AppError::NotEnrolled)?.url)
    }
}
