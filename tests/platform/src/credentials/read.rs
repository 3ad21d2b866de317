//! Reads a copy's credentials back.

use std::io::Cursor;

use c2pa::{Context, Reader, ValidationState};
use serde::Serialize;

use super::statement::{LABEL, Statement};
use super::{CredentialError, JPEG, settings};

/// What the credentials come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The verdict.
    pub state: State,
    /// Common name of the signer's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// What is said about the capture; absent in credentials of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<Statement>,
    /// What was done to the original, by the standard's names.
    pub actions: Vec<String>,
    /// What does not hold, by the standard's codes.
    pub failures: Vec<String>,
}

/// Verdict on credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Whole, and signed by somebody whom the given authorities vouch for.
    Trusted,
    /// Whole; nobody vouches for the signer.
    Valid,
    /// Changed since, or never right.
    Invalid,
}

/// Reads the credentials of a JPEG and verifies them; `anchors` are the trusted authorities, PEM.
///
/// # Errors
/// [`CredentialError::Unreadable`]. What can be read but does not hold is told by [`Facts::state`].
pub fn read(jpeg: &[u8], anchors: Option<&str>) -> Result<Facts, CredentialError> {
    let unreadable = |_| CredentialError::Unreadable;
    let context = Context::new().with_settings(settings(anchors)).map_err(unreadable)?;
    let reader = Reader::from_context(context)
        .with_stream(JPEG, Cursor::new(jpeg))
        .map_err(unreadable)?;
    let manifest = reader.active_manifest().ok_or(CredentialError::Unreadable)?;
    let failures = reader.validation_status().unwrap_or_default();
    Ok(Facts {
        state: match reader.validation_state() {
            ValidationState::Trusted => State::Trusted,
            ValidationState::Valid => State::Valid,
            ValidationState::Invalid => State::Invalid,
        },
        signer: manifest.common_name(),
        issuer: manifest.issuer(),
        statement: manifest.find_assertion(LABEL).ok(),
        actions: manifest
            .find_assertion::<c2pa::assertions::Actions>(c2pa::assertions::Actions::LABEL)
            .map(|all| all.actions().iter().map(|a| a.action().to_owned()).collect())
            .unwrap_or_default(),
        failures: failures.iter().map(|f| f.code().to_owned()).collect(),
    })
}
