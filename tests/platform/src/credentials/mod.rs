//! Content Credentials (C2PA) for outsiders: a copy of a photo that tells any reader of the standard what the phone's signed
//! manifest says, signed by the district. The platform makes it, never the phone; the original stays byte for byte.
//!
//! Built with the feature `c2pa` only. Nothing is fetched from the network, and no preview is added.

mod make;
mod read;
mod statement;

pub use make::{Made, Place, make};
pub use read::{Facts, State, read};
pub use statement::{LABEL, Shown, Statement};

use serde_json::{Value, json};

/// Why there is no copy, or why one cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Only JPEG files get credentials.
    #[error("the photo is no JPEG")]
    NotJpeg,
    /// The entry beside the photo is no capture, is not signed, or its signature does not fit.
    #[error("the photo's manifest does not hold")]
    Manifest,
    /// The bytes are not those of the manifest.
    #[error("the photo is not the one of the manifest")]
    OtherPhoto,
    /// The district's certificates or key cannot sign credentials.
    #[error("the signer's certificates or key do not serve")]
    Signer,
    /// The copy could not be made, or did not read back as it was meant.
    #[error("the copy could not be made")]
    Unmade,
    /// There are no credentials in the file, or none that can be read.
    #[error("the file has no readable credentials")]
    Unreadable,
}

impl CredentialError {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotJpeg => "c2pa_not_jpeg",
            Self::Manifest => "c2pa_manifest",
            Self::OtherPhoto => "c2pa_other_photo",
            Self::Signer => "c2pa_signer",
            Self::Unmade => "c2pa_unmade",
            Self::Unreadable => "c2pa_unreadable",
        }
    }
}

/// Who signs: the certificate chain, the signer's first and without the root, and the key (P-256), both PEM.
#[derive(Clone)]
pub struct Credential {
    /// The chain.
    pub certificates: Vec<u8>,
    /// The key, PKCS #8.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").finish_non_exhaustive()
    }
}

/// The media type that is read and written.
const JPEG: &str = "image/jpeg";

/// Settings of the library: everything is verified, nothing is fetched.
fn settings(anchors: Option<&str>) -> Value {
    let mut settings = json!({
        "verify": {
            "verify_after_reading": true, "verify_trust": true, "remote_manifest_fetch": false, "ocsp_fetch": false,
        },
        "builder": {"thumbnail": {"enabled": false}},
    });
    if let (Some(anchors), Some(all)) = (anchors, settings.as_object_mut()) {
        all.insert("trust".into(), json!({"trust_anchors": anchors}));
    }
    settings
}
