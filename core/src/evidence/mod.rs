//! Photos as evidence: streamed once through digest and cipher into a vault file named by the digest.
//!
//! - [`intake::intake`] takes a picture in, [`vault::open`] gives its bytes back exactly or says that it was changed.
//! - [`camera::read`] tells what the camera wrote into the file. It is shown and compared, never believed.
//! - [`decode::decode`] decodes it upright within limits; [`derive`] makes thumbnail, upload copy and redaction of it.
//! - [`folder::FolderMedia`] is the media store over a folder of the phone.

pub mod bare;
pub mod camera;
pub mod decode;
pub mod derive;
pub mod error;
pub mod folder;
pub mod format;
pub mod intake;
mod jpeg_walk;
mod seal;
pub mod software_key;
mod stamp;
#[cfg(test)]
mod testing;
pub mod vault;
mod walk;

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod recall_tests;

pub use camera::ExifSummary;
pub use decode::{Decoded, decode};
pub use error::EvidenceError;
pub use folder::FolderMedia;
pub use format::PictureFormat;
pub use intake::{Intake, KnownKey, Limits, check_room, intake, intake_file};
pub use software_key::SoftwareKey;
pub use vault::{VaultReader, open, verify};
