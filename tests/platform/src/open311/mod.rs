//! Open311 GeoReport v2, a second door over the same intake: what existing clients speak. Field names are the standard's.
//!
//! A service is a category of the district; a service request is an incident that came through this door. Nothing that a person
//! typed about themselves comes out again: no name, no telephone, no e-mail.

mod discovery;
mod document;
mod requests;
mod services;

pub(crate) use discovery::discovery;
pub(crate) use document::{Document, Format};
pub(crate) use requests::{Filter, Posted, by_id, list, token};
pub(crate) use services::{definition, services};

/// Code of the channel whose orders these are.
pub(crate) const CHANNEL: &str = "OPEN311";

#[cfg(test)]
pub(crate) mod tests;
