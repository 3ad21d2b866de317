//! A photo for outsiders: a copy with Content Credentials, handed out through the operators' door and written into the log.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::wire::manifest::{HexSha256, canonical};
use serde::Deserialize;

use super::admin::operator;
use super::call::Call;
use super::reply::Fault;
use crate::Platform;
use crate::credentials::{Credential, CredentialError, Made, Place, make};
use crate::{store, witness};

/// Longest reason.
const TEXT_CHARS: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CopyRequest {
    photo: BlobHash,
    staff: StaffId,
    reason: String,
    /// Whether the place goes along; left out, it does not.
    #[serde(default)]
    with_place: bool,
}

/// Makes a copy of a photo's first capture, notes it, and gives the file.
pub(super) fn copy(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: CopyRequest = call.message()?;
    let made = made(platform, &request)?;
    let reason = canonical::plain(&request.reason, TEXT_CHARS);
    witness::note_copy(platform, &made.derived, &request.staff, &reason)?;
    let mut reply = made.jpeg.into_response();
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    Ok(reply)
}

fn made(platform: &Platform, request: &CopyRequest) -> Result<Made, Fault> {
    let gone = || Fault::of(StatusCode::NOT_FOUND, "not_found");
    let refused = |error: CredentialError| Fault::of(StatusCode::UNPROCESSABLE_ENTITY, error.code());
    let files = platform.witness.credential.as_ref();
    let files = files.ok_or_else(|| refused(CredentialError::Signer))?;
    let read = |path| std::fs::read(path).map_err(|_| refused(CredentialError::Signer));
    let credential = Credential {
        certificates: read(&files.certificates)?,
        key: read(&files.key)?,
    };
    let (signed, receipt) = store::read(&*platform.store, |tx| {
        let found = tx.captures_of(HexSha256(request.photo.0), 1)?.pop();
        let Some((entry, _, signed)) = found else {
            return Ok(None);
        };
        Ok(Some((signed, witness::receipts(platform, tx, &[entry])?.pop())))
    })?
    .ok_or_else(gone)?;
    let original = platform.blobs.read(request.photo)?;
    let place = if request.with_place {
        Place::Given
    } else {
        Place::Withheld
    };
    make(&credential, &original, &signed, receipt.as_ref(), place).map_err(refused)
}
