//! The phone's credentials in a run: when the platform says that the bearer token has ended, the refresh token gets a new one,
//! and the request goes out again. New credentials are on disk before they are used; a reply that is lost costs nothing, for
//! the platform takes the last refresh token once more.

use super::requests::Wire;
use super::tokens;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::env::{Entropy, KeyError};
use crate::model::fault::Coded as _;
use crate::model::ids::DeviceId;
use crate::platform::reply::{ReplyError, json, unreadable};
use crate::store::identity::{self, Session};
use crate::wire::enrol::{RefreshReply, RefreshRequest};

/// Credentials that can renew themselves.
pub(super) struct Credentials<'a> {
    session: Session,
    /// Where they are kept; `None` before enrolment.
    home: Option<Home<'a>>,
}

/// Where credentials are kept, and what new ones need.
#[derive(Clone, Copy)]
struct Home<'a> {
    engine: &'a Engine,
    device: DeviceId,
}

impl Home<'_> {
    /// Puts new credentials where the old ones lie.
    fn keep(&self, session: &Session) -> Result<(), ReplyError> {
        let Some(store) = &self.engine.env.tokens else {
            let kept = self.engine.store.write(|w| identity::put_session(w, session));
            return kept.map_err(|_: crate::store::StoreError| unreadable());
        };
        tokens::save(&**store, session).map_err(|_| ReplyError::Retryable {
            code: AppError::Tokens(KeyError::Unavailable).fault().code,
            after_ms: None,
        })
    }
}

/// A secret word for the exchange of a refresh token.
pub(super) fn exchange_word(entropy: &dyn Entropy) -> String {
    use std::fmt::Write as _;
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    bytes.iter().fold(String::new(), |mut text, byte| {
        // writing to a string does not fail
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl<'a> Credentials<'a> {
    /// Those of an enrolled phone.
    pub(super) fn of(engine: &'a Engine, device: DeviceId, session: Session) -> Self {
        let home = Some(Home { engine, device });
        Self { session, home }
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

/// New credentials that have ended already: the request was under way too long. The next run goes on with them.
pub(super) fn later_if_ended(error: ReplyError) -> ReplyError {
    if has_ended(&error) { unreadable() } else { error }
}

impl Wire<'_> {
    /// Whether a request that was answered so is worth sending again: then new credentials are at hand.
    pub(super) fn renewed_after(&mut self, error: &ReplyError) -> Result<bool, ReplyError> {
        let Some(home) = self.credentials.home.filter(|_| has_ended(error)) else {
            return Ok(false);
        };
        if self.credentials.session.refresh.is_empty() {
            return Ok(false);
        }
        let request = RefreshRequest {
            device: home.device,
            refresh: self.credentials.session.refresh.clone(),
            exchange: self.credentials.session.exchange.clone(),
        };
        let reply: RefreshReply = json(self.post_without_credentials("/v1/refresh", &request)?)?;
        let session = Session {
            token: reply.token,
            refresh: reply.refresh,
            exchange: exchange_word(&*home.engine.env.entropy),
        };
        // not kept, not used: the next run exchanges the same token again
        home.keep(&session)?;
        self.credentials.session = session;
        Ok(true)
    }
}
