//! Photos asked for by digest: what is stored, as far as the caller may know, and the bytes.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::wire;
use fushan_grid_core::wire::blobs::{BlobState, ProbeAnswer, ProbeReply, ProbeRequest};

use super::call::Call;
use super::phone::{Caller, caller};
use super::reply::{Fault, message};
use crate::Platform;
use crate::store::{self, own_scope};

/// Most digests asked about at once.
const PROBES: usize = 100;

fn scopes(caller: &Caller) -> Vec<Scope> {
    let mut scopes = caller.scopes.scopes.clone();
    scopes.push(own_scope(caller.device.id));
    scopes
}

/// What the platform holds of some files, as far as the caller may know.
pub(super) fn probe(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: ProbeRequest = call.message()?;
    if request.blobs.len() > PROBES {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_many_digests"));
    }
    let (scopes, now) = (scopes(&caller), platform.now());
    let blobs = store::read(&*platform.store, |tx| {
        let mut answers = Vec::new();
        for item in &request.blobs {
            let state = match tx.upload_of(caller.device.id, item.sha256, now)? {
                _ if tx.blob(item.sha256, &scopes)? => BlobState::Stored,
                Some(open) => BlobState::Partial {
                    upload: format!("/v1/uploads/{}", open.id),
                    offset: open.held,
                },
                None => BlobState::Missing,
            };
            answers.push(ProbeAnswer {
                sha256: item.sha256,
                state,
            });
        }
        Ok(answers)
    })?;
    Ok(message(&ProbeReply { blobs }))
}

/// A file's bytes, for those who may see it.
pub(super) fn download(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let gone = || Fault::of(StatusCode::NOT_FOUND, "gone");
    let hash: BlobHash = call.id.parse().map_err(|_| gone())?;
    let scopes = scopes(&caller);
    if !store::glance(&*platform.store, |tx| tx.blob(hash, &scopes))? {
        return Err(gone());
    }
    let mut reply = platform.blobs.read(hash)?.into_response();
    let headers = reply.headers_mut();
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(wire::BYTES));
    Ok(reply)
}
