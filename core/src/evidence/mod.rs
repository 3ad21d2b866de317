//! Photos as evidence: streamed once through digest and cipher into a vault file named by the digest.
//!
//! - [`intake::intake`] takes a picture in, [`vault::open`] gives its bytes back exactly or says that it was changed.
//! - [`camera::read`] tells what the camera wrote into the file. It is shown and compared, never believed.
//! - [`thumbnail::thumbnail`] makes the small upright picture of a list.
//! - [`folder::FolderMedia`] is the media store over a folder of the phone.

pub mod camera;
pub mod error;
pub mod folder;
pub mod format;
pub mod intake;
mod jpeg_walk;
mod seal;
pub mod software_key;
#[cfg(test)]
mod testing;
pub mod thumbnail;
pub mod vault;
mod walk;

#[cfg(test)]
mod corpus_tests;

pub use camera::ExifSummary;
pub use error::EvidenceError;
pub use folder::FolderMedia;
pub use format::PictureFormat;
pub use intake::{Intake, KnownKey, Limits, intake, intake_file};
pub use software_key::SoftwareKey;
pub use thumbnail::thumbnail;
pub use vault::{VaultReader, open, verify};
