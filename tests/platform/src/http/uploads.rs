//! Photos: asked for by digest, uploaded by offset (tus 1.0 core and creation), fetched by digest.

use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::wire;
use fushan_grid_core::wire::blobs::{BlobState, ProbeAnswer, ProbeReply, ProbeRequest};
use fushan_grid_core::wire::limits;

use super::call::Call;
use super::phone::{Caller, caller};
use super::reply::{Fault, broken, message};
use crate::Platform;
use crate::store::{self, Upload};
use crate::witness;

/// Most digests asked about at once.
const PROBES: usize = 100;

fn scopes(caller: &Caller) -> Vec<Scope> {
    let mut scopes = caller.scopes.scopes.clone();
    scopes.push(uploader(caller));
    scopes
}

/// Whoever uploaded a file may know that it is stored.
fn uploader(caller: &Caller) -> Scope {
    Scope(format!("device:{}", caller.device.id))
}

/// What the platform holds of some files, as far as the caller may know.
pub(super) fn probe(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: ProbeRequest = call.message()?;
    if request.blobs.len() > PROBES {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_many_digests"));
    }
    let scopes = scopes(&caller);
    let blobs = store::read(&*platform.store, |tx| {
        let mut answers = Vec::new();
        for item in &request.blobs {
            let state = match tx.upload_of(caller.device.id, item.sha256)? {
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

/// Opens an upload for a digest announced in `Repr-Digest`.
pub(super) fn create(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let bad = |code| Fault::of(StatusCode::BAD_REQUEST, code);
    let bytes: u64 = number(&call.headers, "upload-length").ok_or_else(|| bad("upload_length_missing"))?;
    if bytes == 0 || bytes > limits::BLOB_BYTES {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    }
    let hash = digest_header(&call.headers).ok_or_else(|| bad("digest_missing"))?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Fault::of(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    let id: String = random.iter().map(|b| format!("{b:02x}")).collect();
    std::fs::File::create(partial(platform, &id))?;
    let upload = Upload {
        id: id.clone(),
        hash,
        bytes,
        held: 0,
    };
    store::write(&*platform.store, |tx| tx.put_upload(caller.device.id, &upload))?;
    let mut reply = tus(StatusCode::CREATED, 0);
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/uploads/{id}")) {
        reply.headers_mut().insert(LOCATION, location);
    }
    Ok(reply)
}

/// Tells how far an upload is.
pub(super) fn offset(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let upload = store::read(&*platform.store, |tx| tx.upload(caller.device.id, &call.id))?;
    let upload = upload.ok_or_else(|| Fault::of(StatusCode::NOT_FOUND, "gone"))?;
    Ok(tus(StatusCode::OK, upload.held))
}

/// Adds bytes at the offset the upload has; at the end the digest must fit, or the upload is dropped.
pub(super) fn add(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let upload = store::read(&*platform.store, |tx| tx.upload(caller.device.id, &call.id))?;
    let mut upload = upload.ok_or_else(|| Fault::of(StatusCode::NOT_FOUND, "gone"))?;
    if number(&call.headers, "upload-offset") != Some(upload.held) {
        return Err(Fault::at_offset(upload.held));
    }
    let mut chunk = call.bytes()?.clone();
    if chunk.len() > limits::CHUNK_BYTES {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    }
    let cut = platform.faults.take_cut();
    if let Some(at) = cut {
        chunk.truncate(at);
    }
    if upload.held + chunk.len() as u64 > upload.bytes {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    }
    let path = partial(platform, &upload.id);
    let mut file = std::fs::OpenOptions::new().write(true).open(&path)?;
    file.seek(SeekFrom::Start(upload.held))?;
    file.write_all(&chunk)?;
    file.sync_all()?;
    upload.held += chunk.len() as u64;
    store::write(&*platform.store, |tx| tx.put_upload(caller.device.id, &upload))?;
    if cut.is_some() {
        return Ok(broken());
    }
    if upload.held == upload.bytes {
        finish(platform, &caller, &upload)?;
    }
    Ok(tus(StatusCode::NO_CONTENT, upload.held))
}

fn finish(platform: &Platform, caller: &Caller, upload: &Upload) -> Result<(), Fault> {
    let path = partial(platform, &upload.id);
    let mut digest = witness::Hasher::default();
    let mut file = std::fs::File::open(&path)?;
    let mut part = vec![0; 64 * 1024];
    loop {
        let count = std::io::Read::read(&mut file, &mut part)?;
        let Some(read) = part.get(..count).filter(|r| !r.is_empty()) else {
            break;
        };
        digest.update(read);
    }
    let (sha256, sm3, bytes) = digest.finish();
    if sha256.0 != upload.hash.0 {
        store::write(&*platform.store, |tx| tx.drop_upload(&upload.id))?;
        std::fs::remove_file(&path)?;
        return Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "digest_mismatch"));
    }
    std::fs::rename(&path, platform.blobs.join(upload.hash.hex()))?;
    std::fs::File::open(&platform.blobs)?.sync_all()?;
    let now = platform.now();
    store::write(&*platform.store, |tx| {
        witness::note_bytes(tx, (sha256, sm3, bytes), now)?;
        tx.put_blob(upload.hash, upload.bytes, now)?;
        tx.let_see(upload.hash, &uploader(caller))?;
        tx.drop_upload(&upload.id)
    })?;
    Ok(())
}

/// A file's bytes, for those who may see it.
pub(super) fn download(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let gone = || Fault::of(StatusCode::NOT_FOUND, "gone");
    let hash: BlobHash = call.id.parse().map_err(|_| gone())?;
    let scopes = scopes(&caller);
    if !store::read(&*platform.store, |tx| tx.blob(hash, &scopes))? {
        return Err(gone());
    }
    let bytes = std::fs::read(platform.blobs.join(hash.hex()))?;
    let mut reply = bytes.into_response();
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(wire::JSON));
    Ok(reply)
}

fn partial(platform: &Platform, id: &str) -> PathBuf {
    platform.blobs.join("uploads").join(id)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// `sha-256=:BASE64:` of RFC 9530.
fn digest_header(headers: &HeaderMap) -> Option<BlobHash> {
    let text = headers.get("repr-digest")?.to_str().ok()?;
    let encoded = text.strip_prefix("sha-256=:")?.strip_suffix(':')?;
    Some(BlobHash(BASE64.decode(encoded).ok()?.try_into().ok()?))
}

fn tus(status: StatusCode, offset: u64) -> Response {
    let mut reply = status.into_response();
    let headers = reply.headers_mut();
    headers.insert("tus-resumable", HeaderValue::from_static("1.0.0"));
    headers.insert("upload-offset", HeaderValue::from(offset));
    reply
}
