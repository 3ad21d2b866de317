//! Makes a copy with credentials.

use std::io::Cursor;

use c2pa::{Builder, BuilderIntent, Context, SigningAlg, create_signer};
use fushan_grid_core::evidence::bare::{BARE, without_metadata};
use fushan_grid_core::rules::proof;
use fushan_grid_core::wire::evidence::Receipt;
use fushan_grid_core::wire::manifest::{Capture, Derived, Entry, SignedEntry};
use serde_json::json;

use super::read::{State, read};
use super::statement::{LABEL, Statement};
use super::{Credential, CredentialError, JPEG, settings};
use crate::witness::Hasher;

/// How a copy with credentials is recorded.
const CREDENTIALS: &str = "c2pa:1";

/// Whether the place goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the statement, and in whatever the camera wrote into the file.
    Given,
    /// Neither; the copy loses all of the camera's metadata but the orientation.
    Withheld,
}

/// A copy and its record.
#[derive(Debug, Clone)]
pub struct Made {
    /// The file.
    pub jpeg: Vec<u8>,
    /// What it is, of which original.
    pub derived: Derived,
    /// What it says.
    pub statement: Statement,
}

/// Makes a copy of `original`, the photo of a signed capture, and reads it back before it is given out.
///
/// # Errors
/// [`CredentialError`]; nothing is made for a photo that its manifest does not hold for.
pub fn make(
    credential: &Credential,
    original: &[u8],
    signed: &SignedEntry,
    receipt: Option<&Receipt>,
    place: Place,
) -> Result<Made, CredentialError> {
    let capture = vouched(original, signed)?;
    let statement = Statement::of(signed, &capture, receipt, place);
    let (source, op) = match place {
        Place::Given => (original.to_vec(), CREDENTIALS.to_owned()),
        Place::Withheld => (
            without_metadata(original).map_err(|_| CredentialError::NotJpeg)?,
            format!("{BARE};{CREDENTIALS}"),
        ),
    };
    let jpeg = sign(credential, original, source, &statement, place)?;
    let facts = read(&jpeg, None).map_err(|_| CredentialError::Unmade)?;
    if facts.state == State::Invalid || facts.statement.as_ref() != Some(&statement) {
        return Err(CredentialError::Unmade);
    }
    let derived = record(&jpeg, &capture, op);
    Ok(Made {
        jpeg,
        derived,
        statement,
    })
}

/// The capture, when it is signed and the bytes are its own.
fn vouched(original: &[u8], signed: &SignedEntry) -> Result<Capture, CredentialError> {
    let opened = proof::open(signed).map_err(|_| CredentialError::Manifest)?;
    proof::verify(signed).map_err(|_| CredentialError::Manifest)?;
    let Entry::Capture(capture) = opened.entry else {
        return Err(CredentialError::Manifest);
    };
    if capture.media.mime != JPEG {
        return Err(CredentialError::NotJpeg);
    }
    let mut hasher = Hasher::default();
    hasher.update(original);
    let (sha256, sm3, bytes) = hasher.finish();
    proof::check_media(&capture.media, bytes, &sha256, &sm3).map_err(|_| CredentialError::OtherPhoto)?;
    Ok(*capture)
}

fn sign(
    credential: &Credential,
    original: &[u8],
    source: Vec<u8>,
    statement: &Statement,
    place: Place,
) -> Result<Vec<u8>, CredentialError> {
    let signer = create_signer::from_keys(&credential.certificates, &credential.key, SigningAlg::Es256, None)
        .map_err(|_| CredentialError::Signer)?;
    let mut builder = builder(original, statement, place).map_err(|_| CredentialError::Unmade)?;
    let (mut from, mut to) = (Cursor::new(source), Cursor::new(Vec::new()));
    builder
        .sign(signer.as_ref(), JPEG, &mut from, &mut to)
        .map_err(|error| match error {
            c2pa::Error::InvalidAsset(_) => CredentialError::NotJpeg,
            _ => CredentialError::Signer,
        })?;
    Ok(to.into_inner())
}

/// The claim: opened from the original, perhaps without its metadata, with our statement.
fn builder(original: &[u8], statement: &Statement, place: Place) -> c2pa::Result<Builder> {
    let context = Context::new().with_settings(settings(None))?;
    let definition = json!({
        "title": format!("{}.jpg", statement.sha256),
        "claim_generator_info": [{"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")}],
    });
    let mut builder = Builder::from_context(context).with_definition(definition)?;
    builder.set_intent(BuilderIntent::Edit);
    let parent =
        json!({"title": format!("sha256:{}", statement.sha256), "relationship": "parentOf", "label": "original"});
    builder.add_ingredient_from_stream(parent.to_string(), JPEG, &mut Cursor::new(original))?;
    builder.add_action(json!({"action": "c2pa.opened", "parameters": {"ingredientIds": ["original"]}}))?;
    if place == Place::Withheld {
        builder.add_action(json!({"action": "c2pa.edited.metadata"}))?;
    }
    builder.add_assertion_json(LABEL, statement)?;
    Ok(builder)
}

fn record(jpeg: &[u8], capture: &Capture, op: String) -> Derived {
    let mut hasher = Hasher::default();
    hasher.update(jpeg);
    let (sha256, sm3, bytes) = hasher.finish();
    Derived {
        sha256,
        sm3,
        bytes,
        of: capture.media.sha256,
        op,
        w: capture.media.w.unwrap_or_default(),
        h: capture.media.h.unwrap_or_default(),
    }
}
