//! The day's time-stamp: an authority on this machine where `openssl` is installed, none where it is not.

use fushan_platform::timestamp;
use fushan_platform::timestamp::local::{Authority, has_openssl};
use serde_json::json;

use super::{Day, failed};
use crate::failure::Failure;

/// Starts the authority.
pub(super) fn authority() -> Result<Option<Authority>, Failure> {
    let started = has_openssl().then(Authority::start).transpose();
    started.map_err(|e| failed(e.to_string()))
}

/// The authority as the platform asks it.
pub(super) fn asked(authority: &Authority) -> timestamp::Authority {
    timestamp::Authority {
        url: authority.url().to_owned(),
        certificates: authority.certificates(),
    }
}

impl Day {
    /// Has the log's head stamped; the authority's certificates. Nothing without an authority.
    pub fn stamped(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(authority) = &self.authority else {
            return Ok(None);
        };
        let told = self.operate("/admin/v1/stamp", &json!({}))?;
        if told.get("state").and_then(|state| state.as_str()) != Some("stamped") {
            return Err(failed(format!("no time-stamp: {told}")));
        }
        Ok(Some(std::fs::read(authority.certificates())?))
    }
}
