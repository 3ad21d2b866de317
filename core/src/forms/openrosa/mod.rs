//! The OpenRosa protocol towards an ODK Central or Kobo server, without the network: lists of forms, their files, what a
//! submission looks like on the wire, and how a client shows who it is.
//!
//! Source: the OpenRosa 1.0 specifications (form list, manifest, submission, authentication) and RFC 7616, 7617, 7578.

mod auth;
mod lists;
mod parcel;
#[cfg(test)]
mod tests;

pub use auth::{Credentials, authorization};
pub use lists::{FormEntry, ListError, MediaFile, form_list, manifest, md5_fits};
pub use parcel::{Attachment, Parcel, parcels};

/// The header that says which protocol is spoken, and its value.
pub const VERSION_HEADER: (&str, &str) = ("x-openrosa-version", "1.0");
/// The header in which a server says how large a submission may be.
pub const LIMIT_HEADER: &str = "x-openrosa-accept-content-length";
