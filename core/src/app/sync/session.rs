//! The phone's credentials in a run: when the platform says that the bearer token has ended, the refresh token gets a new one,
//! and the request goes out again. New credentials are on disk before they are used; a reply that is lost costs nothing, for
//! the platform takes the last refresh token once more.

use super::requests::Wire;
use crate::model::ids::DeviceId;
use crate::platform::reply::{ReplyError, json, unreadable};
use crate::store::Store;
use crate::store::identity::{self, Session};
use crate::wire::enrol::{RefreshReply, RefreshRequest};

/// Credentials that can renew themselves.
pub(super) struct Credentials<'a> {
    session: Session,
    /// Where they are kept; `None` before enrolment.
    home: Option<(&'a Store, DeviceId)>,
}

impl<'a> Credentials<'a> {
    /// Those of an enrolled phone.
    pub(super) fn of(store: &'a Store, device: DeviceId, session: Session) -> Self {
        Self {
            session,
            home: Some((store, device)),
        }
    }

    /// None yet.
    pub(super) fn none() -> Self {
        Self {
            session: Session::default(),
            home: None,
        }
    }

    /// The bearer token; empty before enrolment.
    pub(super) fn token(&self) -> &str {
        &self.session.token
    }
}

/// The platform's word for a bearer token that has ended, or that it does not know any more because its reply to an exchange was
/// lost. Anything else about credentials is final.
fn has_ended(error: &ReplyError) -> bool {
    matches!(error, ReplyError::Auth { code } if code == "token_expired" || code == "token_invalid")
}

impl Wire<'_> {
    /// Whether a request that was answered so is worth sending again: then new credentials are at hand.
    pub(super) fn renewed_after(&mut self, error: &ReplyError) -> Result<bool, ReplyError> {
        let Some((store, device)) = self.credentials.home.filter(|_| has_ended(error)) else {
            return Ok(false);
        };
        if self.credentials.session.refresh.is_empty() {
            return Ok(false);
        }
        let request = RefreshRequest {
            device,
            refresh: self.credentials.session.refresh.clone(),
        };
        let reply: RefreshReply = json(self.post_without_credentials("/v1/refresh", &request)?)?;
        let session = Session {
            token: reply.token,
            refresh: reply.refresh,
        };
        let kept = store.write(|w| identity::put_session(w, &session));
        // not kept, not used: the next run exchanges the same token again
        kept.map_err(|_: crate::store::StoreError| unreadable())?;
        self.credentials.session = session;
        Ok(true)
    }
}
