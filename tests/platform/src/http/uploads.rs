//! Uploads by offset: tus 1.0 with creation, creation-with-upload, checksum, termination and expiration, and `Repr-Digest` at
//! creation (`docs/sync-protocol.md`, section Photos). Bytes that came are kept when a connection breaks.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{ALLOW, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use fushan_grid_core::wire::limits;
use futures_util::StreamExt;

use super::Shared;
use super::call::{Call, blocking};
use super::chance::random_hex;
use super::phone::{Caller, caller};
use super::reply::{Fault, broken};
use super::tus::{self, Checksum};
use crate::Platform;
use crate::blobs::part_name;
use crate::store::{self, Part, Upload};
use crate::witness;

/// How long an upload stays open without a new byte, in milliseconds: two days, for a phone without signal on a weekend.
const OPEN_MS: i64 = 2 * 86_400_000;
/// Uploads of one phone at a time.
const OPEN_MOST: u64 = 64;

fn gone() -> Fault {
    Fault::of(StatusCode::NOT_FOUND, "gone")
}

/// What the platform offers.
pub(super) async fn offer() -> Response {
    tus::offer()
}

/// Opens an upload for a digest announced in `Repr-Digest`, and takes the bytes that come along.
pub(super) async fn create(State(platform): Shared, headers: HeaderMap, body: Body) -> Response {
    tus::told(begin(platform, headers, body).await)
}

async fn begin(platform: Arc<Platform>, headers: HeaderMap, body: Body) -> Result<Response, Fault> {
    let asked = headers.clone();
    let (caller, upload) = blocking(&platform, move |platform| open(platform, &asked)).await?;
    let location = HeaderValue::from_str(&format!("/v1/uploads/{}", upload.id)).map_err(|_| gone())?;
    let mut reply = if tus::has_chunk(&headers) {
        let mut reply = take(platform, caller, upload, &headers, body).await?;
        *reply.status_mut() = StatusCode::CREATED;
        reply
    } else {
        tus::state(StatusCode::CREATED, &upload)
    };
    reply.headers_mut().insert(LOCATION, location);
    Ok(reply)
}

fn open(platform: &Platform, headers: &HeaderMap) -> Result<(Caller, Upload), Fault> {
    tus::version(headers)?;
    let caller = caller(platform, headers)?;
    let (hash, bytes) = tus::announced(headers)?;
    let now = platform.now();
    let upload = Upload {
        id: random_hex::<16>()?,
        hash,
        bytes,
        held: 0,
        expires: now.plus(OPEN_MS),
    };
    let opened = store::write(&*platform.store, |tx| {
        let many = tx.open_uploads(caller.device.id, now)? >= OPEN_MOST;
        if !many {
            tx.put_upload(caller.device.id, &upload)?;
        }
        Ok(!many)
    })?;
    if opened {
        Ok((caller, upload))
    } else {
        Err(Fault::of(StatusCode::TOO_MANY_REQUESTS, "too_many_uploads").after(60))
    }
}

fn find(platform: &Platform, headers: &HeaderMap, id: &str) -> Result<(Caller, Upload), Fault> {
    tus::version(headers)?;
    let caller = caller(platform, headers)?;
    let now = platform.now();
    let upload = store::glance(&*platform.store, |tx| tx.upload(caller.device.id, id, now))?;
    Ok((caller, upload.ok_or_else(gone)?))
}

/// Tells how far an upload is.
pub(super) fn offset(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (_, upload) = find(platform, &call.headers, &call.id)?;
    let mut reply = tus::state(StatusCode::OK, &upload);
    reply
        .headers_mut()
        .insert("upload-length", HeaderValue::from(upload.bytes));
    Ok(reply)
}

/// Ends an upload that its phone does not want any more.
pub(super) fn terminate(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (_, upload) = find(platform, &call.headers, &call.id)?;
    store::write(&*platform.store, |tx| tx.drop_upload(&upload.id))?;
    platform.blobs.drop_upload(&upload.id)?;
    Ok(tus::state(StatusCode::NO_CONTENT, &upload))
}

/// Adds bytes at the offset the upload has; at the end the digest must fit, or the upload is dropped.
pub(super) async fn add(State(platform): Shared, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Response {
    tus::told(patch(platform, id, headers, body).await)
}

/// `X-HTTP-Method-Override`, for clients behind a proxy that knows no PATCH.
pub(super) async fn instead(platform: Shared, id: Path<String>, headers: HeaderMap, body: Body) -> Response {
    match headers.get("x-http-method-override").map(HeaderValue::as_bytes) {
        Some(b"PATCH") => add(platform, id, headers, body).await,
        _ => {
            let mut reply = tus::told(Err(Fault::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")));
            let allowed = HeaderValue::from_static("HEAD, PATCH, DELETE, OPTIONS");
            reply.headers_mut().insert(ALLOW, allowed);
            reply
        }
    }
}

async fn patch(platform: Arc<Platform>, id: String, headers: HeaderMap, body: Body) -> Result<Response, Fault> {
    let asked = headers.clone();
    let (caller, upload) = blocking(&platform, move |platform| find(platform, &asked, &id)).await?;
    if !tus::has_chunk(&headers) {
        return Err(Fault::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type"));
    }
    match tus::number(&headers, "upload-offset") {
        None => Err(Fault::of(StatusCode::BAD_REQUEST, "upload_offset_missing")),
        Some(offset) if offset != upload.held => Err(Fault::at_offset(upload.held)),
        Some(_) => take(platform, caller, upload, &headers, body).await,
    }
}

/// Takes the bytes of a body, in parts of at most a chunk. With a checksum they count only together.
async fn take(
    platform: Arc<Platform>,
    caller: Caller,
    mut upload: Upload,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Fault> {
    let mut checksum = Checksum::of(headers)?;
    let mut incoming = Incoming::new(body, platform.faults.take_cut());
    let room = upload.bytes - upload.held.min(upload.bytes);
    let mut waiting = Vec::new();
    let mut came = 0;
    while let Some(bytes) = incoming.part().await {
        came += bytes.len() as u64;
        if came > room {
            return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
        }
        if let Some(checksum) = &mut checksum {
            checksum.update(&bytes);
        }
        let start = upload.held + waiting.iter().map(|p: &Part| p.bytes).sum::<u64>();
        let id = upload.id.clone();
        let part = blocking(&platform, move |platform| put_part(platform, &id, start, bytes)).await?;
        waiting.push(part);
        if checksum.is_none() {
            let parts = std::mem::take(&mut waiting);
            upload = blocking(&platform, move |platform| count(platform, upload, &parts)).await?;
        }
    }
    if let Some(checksum) = checksum {
        if incoming.broken {
            return Err(Fault::of(StatusCode::BAD_REQUEST, "body_cut"));
        }
        checksum.check()?;
        upload = blocking(&platform, move |platform| count(platform, upload, &waiting)).await?;
    }
    if incoming.broken {
        return Ok(broken());
    }
    blocking(&platform, move |platform| finish(platform, &caller, &upload)).await
}

fn put_part(platform: &Platform, id: &str, start: u64, bytes: Bytes) -> Result<Part, Fault> {
    let part = Part {
        name: part_name(id, start, &random_hex::<16>()?),
        bytes: bytes.len() as u64,
    };
    platform.blobs.put_part(&part.name, bytes)?;
    Ok(part)
}

/// Counts parts that are on disk; somebody else's bytes at the same offset win.
fn count(platform: &Platform, mut upload: Upload, parts: &[Part]) -> Result<Upload, Fault> {
    let expires = platform.now().plus(OPEN_MS);
    if !store::write(&*platform.store, |tx| tx.add_parts(&upload, parts, expires))? {
        return Err(Fault::at_offset(upload.held));
    }
    upload.held += parts.iter().map(|p| p.bytes).sum::<u64>();
    upload.expires = expires;
    Ok(upload)
}

/// After the last byte: the parts are joined when their digest is the announced one, and only then is the file stored.
fn finish(platform: &Platform, caller: &Caller, upload: &Upload) -> Result<Response, Fault> {
    if upload.held < upload.bytes {
        return Ok(tus::state(StatusCode::NO_CONTENT, upload));
    }
    let parts = store::read(&*platform.store, |tx| tx.parts(&upload.id))?;
    let names: Vec<String> = parts.into_iter().map(|p| p.name).collect();
    let joined = platform.blobs.join(&names, upload.hash)?;
    let now = platform.now();
    store::write(&*platform.store, |tx| {
        if let Some(digests) = joined {
            witness::note_bytes(tx, digests, now)?;
            tx.put_blob(caller.device.id, upload.hash, upload.bytes, now)?;
        }
        tx.drop_upload(&upload.id)
    })?;
    platform.blobs.drop_upload(&upload.id)?;
    if joined.is_some() {
        Ok(tus::state(StatusCode::NO_CONTENT, upload))
    } else {
        Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "digest_mismatch"))
    }
}

/// Drops uploads whose time is over.
pub(crate) fn sweep(platform: &Platform) -> Result<u32, Fault> {
    let now = platform.now();
    let mut dropped = 0;
    for id in store::glance(&*platform.store, |tx| tx.expired_uploads(now, 100))? {
        store::write(&*platform.store, |tx| tx.drop_upload(&id))?;
        platform.blobs.drop_upload(&id)?;
        dropped += 1;
    }
    Ok(dropped)
}

/// A body as it comes, cut into parts.
struct Incoming {
    stream: axum::body::BodyDataStream,
    rest: Vec<u8>,
    /// Bytes until the connection breaks, when a test has asked for that.
    until: Option<usize>,
    broken: bool,
    over: bool,
}

impl Incoming {
    fn new(body: Body, until: Option<usize>) -> Self {
        Self {
            stream: body.into_data_stream(),
            rest: Vec::new(),
            until,
            broken: false,
            over: false,
        }
    }

    /// The next part: a whole chunk, or what is left at the end or at the break.
    async fn part(&mut self) -> Option<Bytes> {
        while !self.over && self.rest.len() < limits::CHUNK_BYTES {
            match self.stream.next().await {
                Some(Ok(bytes)) => self.rest.extend_from_slice(&bytes),
                Some(Err(_)) => (self.broken, self.over) = (true, true),
                None => self.over = true,
            }
            if self.until.is_some_and(|most| self.rest.len() >= most) {
                self.rest.truncate(self.until.take().unwrap_or_default());
                (self.broken, self.over) = (true, true);
            }
        }
        let rest = self.rest.split_off(self.rest.len().min(limits::CHUNK_BYTES));
        let part = std::mem::replace(&mut self.rest, rest);
        (!part.is_empty()).then(|| part.into())
    }
}
