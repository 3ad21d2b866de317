//! The seal of a finished inspection: the digest of its canonical body, signed by the phone's key where it has one. A later
//! version names the seal of the one it corrects, so that a chain of corrections cannot be rewritten unseen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::Engine;
use crate::app::error::AppError;
use crate::model::blob::BlobHash;
use crate::model::env::KeyError;
use crate::model::ids::RecordId;
use crate::model::record::Body;
use crate::rules::proof::{key_digest, verify};
use crate::store::StoreError;
use crate::wire::manifest::{SignedEntry, canonical};

/// Fields that the seal does not cover: itself, and what a later version adds.
const OUTSIDE: [&str; 4] = ["seal", "signature", "public_key", "corrected_by"];

/// What checking a seal came to: what was checked, and what is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sealed {
    /// The body is, byte for byte, what was sealed.
    pub unchanged: bool,
    /// Whether the signature holds; nothing when the phone had no key to sign with.
    pub signature: Option<bool>,
    /// Digest of the key that came with it. Whose key that is, only the platform knows.
    pub key: Option<String>,
}

impl Engine {
    /// Seals a body: adds `seal`, and `signature` with `public_key` when the phone's key store signs.
    pub(super) fn seal(&self, body: &mut Body) -> Result<(), AppError> {
        let digest = canonical::digest(&text(body)?).0;
        body.insert("seal".into(), json!(BlobHash(digest)));
        let signed = self
            .env
            .signer
            .sign(&digest)
            .and_then(|der| Ok((der, self.env.signer.public_key()?)));
        match signed {
            Ok((der, spki)) => {
                body.insert("signature".into(), json!(STANDARD.encode(der)));
                body.insert("public_key".into(), json!(STANDARD.encode(spki)));
            }
            // a phone without a key still seals; checking says that the signature is absent
            Err(KeyError::Missing | KeyError::Wrong | KeyError::Unavailable) => {}
        }
        Ok(())
    }

    /// Checks the seal of a finished inspection.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when it is no sealed inspection.
    pub fn inspection_sealed(&self, id: RecordId) -> Result<Sealed, AppError> {
        let body = self.record(id)?.record.body;
        let named = |name: &str| body.get(name).and_then(Value::as_str);
        let seal = named("seal").ok_or(AppError::NotFound)?;
        let text = text(&body)?;
        let unchanged = BlobHash(canonical::digest(&text).0).to_string() == seal;
        let key = named("public_key").and_then(|key| STANDARD.decode(key).ok());
        let signature = named("signature")
            .zip(named("public_key"))
            .map(|(signature, public_key)| {
                let entry = SignedEntry {
                    manifest: text.clone(),
                    signature: signature.to_owned(),
                    public_key: public_key.to_owned(),
                };
                verify(&entry).is_ok()
            });
        Ok(Sealed {
            unchanged,
            signature,
            key: key.map(|spki| BlobHash(key_digest(&spki).0).to_string()),
        })
    }
}

/// The canonical text (RFC 8785) of what a seal covers.
fn text(body: &Body) -> Result<String, AppError> {
    let covered: Body = body
        .iter()
        .filter(|(name, _)| !OUTSIDE.contains(&name.as_str()))
        .map(own)
        .collect();
    Ok(serde_json_canonicalizer::to_string(&covered).map_err(StoreError::from)?)
}

fn own((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}
