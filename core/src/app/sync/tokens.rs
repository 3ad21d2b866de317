//! Where a phone's credentials lie: in the encrypted database, or in a store of the host's when it gives one.
//!
//! Credentials in the database are never older than those in the host's store: enrolment writes them there, in one transaction with
//! who the phone is, and they leave it before they are used. So a kill at any moment, a store that fails and a host that begins to use
//! one are the same case: what the database has is brought to the store again.

use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::env::{KeyError, SecretBytes, TokenStore};
use crate::store::identity::{self, Identity, Session};

/// Keeps credentials in the host's store.
pub(super) fn save(tokens: &dyn TokenStore, session: &Session) -> Result<(), KeyError> {
    let secret = serde_json::to_vec(session).map(SecretBytes::new);
    tokens.save(&secret.map_err(|_| KeyError::Unavailable)?)
}

impl Engine {
    /// Who this phone is, and its credentials; those in the database move over to the host's store first.
    ///
    /// # Errors
    /// [`AppError::NotEnrolled`], and [`AppError::Tokens`] when the credentials are gone or the host's store does not answer.
    pub(super) fn session(&self) -> Result<(Identity, Session), AppError> {
        let session = match &self.env.tokens {
            None => self.store.read(identity::session)?,
            Some(tokens) => self.session_in(&**tokens)?,
        };
        let me = self.store.read(identity::get)?.ok_or(AppError::NotEnrolled)?;
        Ok((me, session.ok_or(AppError::Tokens(KeyError::Missing))?))
    }

    /// Whether the host's store of credentials answers, asked before a one-time code is spent.
    pub(super) fn tokens_answer(&self) -> Result<(), AppError> {
        match self.env.tokens.as_ref().map(|tokens| tokens.load()) {
            Some(Err(KeyError::Unavailable)) => Err(AppError::Tokens(KeyError::Unavailable)),
            _ => Ok(()),
        }
    }

    fn session_in(&self, tokens: &dyn TokenStore) -> Result<Option<Session>, AppError> {
        if let Some(waiting) = self.store.read(identity::session)? {
            save(tokens, &waiting).map_err(AppError::Tokens)?;
            self.store.write(identity::forget_session)?;
            return Ok(Some(waiting));
        }
        let kept = tokens.load().map_err(AppError::Tokens)?;
        let read = kept.map(|kept| serde_json::from_slice(&kept));
        read.transpose().map_err(|_| AppError::Tokens(KeyError::Wrong))
    }

    /// Forgets the credentials of a phone that was wiped.
    pub(super) fn forget_tokens(&self) {
        if let Some(tokens) = &self.env.tokens {
            // a store that does not answer keeps what opens nothing any more: the platform has let the phone go
            let _ = tokens.clear();
        }
    }
}
