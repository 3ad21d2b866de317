//! Scopes in whole: snapshots, digests, named records, receipts of purges, leases for locked phones.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use fushan_grid_core::model::record::{Record, Scope};
use fushan_grid_core::wire;
use fushan_grid_core::wire::digest::{DigestReply, FetchRequest};
use fushan_grid_core::wire::limits;
use fushan_grid_core::wire::pull::PullLine;
use fushan_grid_core::wire::scopes::{HandoverRequest, PurgedRequest, Taken};
use fushan_grid_core::wire::signed::{LeaseReply, LeaseRequest};
use sha2::{Digest, Sha256};

use super::call::{Call, run};
use super::phone::{caller, own, push_line, scopes_held};
use super::reply::{Fault, message};
use crate::Platform;
use crate::snapshots;
use crate::store::{self, Head};

/// The routes of this module.
pub(super) fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/snapshot/{scope}", get(run(snapshot)))
        .route("/v1/snapshots/{file}", get(run(snapshot_file)))
        .route("/v1/digest/{scope}", get(run(digest)))
        .route("/v1/fetch", post(run(fetch)))
        .route("/v1/purged", post(run(purged)))
        .route("/v1/handover", post(run(handover)))
        .route("/v1/lease", post(run(lease)))
}

/// A scope of the caller's; any other is not there.
fn held(platform: &Platform, call: &Call, scope: &Scope) -> Result<super::phone::Caller, Fault> {
    let caller = caller(platform, &call.headers)?;
    match caller.scopes.scopes.contains(scope) {
        true => Ok(caller),
        false => Err(Fault::of(StatusCode::NOT_FOUND, "not_found")),
    }
}

/// Tells of the file a scope is filled from.
fn snapshot(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let scope = Scope(call.id.clone());
    held(platform, call, &scope)?;
    match snapshots::of(platform, &scope)? {
        Some(file) => Ok(message(&file)),
        None => Err(Fault::of(StatusCode::NOT_FOUND, "no_snapshot")),
    }
}

/// Some bytes of a file, as `Range` asks.
fn snapshot_file(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let missing = || Fault::of(StatusCode::NOT_FOUND, "not_found");
    let plain = call.id.len() == 64 && call.id.bytes().all(|b| b.is_ascii_hexdigit());
    if !plain {
        return Err(missing());
    }
    let (start, most) = range(&call.headers).unwrap_or((0, limits::SNAPSHOT_PART_BYTES));
    let most = most.min(limits::SNAPSHOT_PART_BYTES);
    let mut found = None;
    for scope in &caller.scopes.scopes {
        found = snapshots::part(platform, scope, &call.id, start, most)?;
        if found.is_some() {
            break;
        }
    }
    let (bytes, size) = found.ok_or_else(missing)?;
    if bytes.is_empty() {
        return Err(Fault::of(StatusCode::RANGE_NOT_SATISFIABLE, "no_such_range"));
    }
    let last = start + bytes.len() as u64 - 1;
    let mut reply = (StatusCode::PARTIAL_CONTENT, bytes).into_response();
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(wire::ZSTD));
    if let Ok(range) = HeaderValue::from_str(&format!("bytes {start}-{last}/{size}")) {
        headers.insert(CONTENT_RANGE, range);
    }
    Ok(reply)
}

/// First byte and number of bytes of a `Range`.
fn range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let text = headers.get("range")?.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = text.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    Some((first, last.checked_sub(first)?.checked_add(1)?))
}

/// The sums of a scope's buckets.
fn digest(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let scope = Scope(call.id.clone());
    held(platform, call, &scope)?;
    let (head, buckets) = store::read(&*platform.store, |tx| Ok((tx.head(&scope)?, tx.buckets(&scope)?)))?;
    Ok(message(&DigestReply {
        scope,
        epoch: head.epoch,
        seq: head.seq,
        count: head.count,
        digest: head.digest,
        buckets,
    }))
}

/// Records by id, or everything in some buckets, as lines that end with the scope's head.
fn fetch(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let request: FetchRequest = call.message()?;
    held(platform, call, &request.scope)?;
    if request.ids.len() > limits::FETCH_IDS {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_many_ids"));
    }
    let now = platform.now();
    let lines = store::read(&*platform.store, |tx| {
        let head = tx.head(&request.scope)?;
        let mut records = match request.buckets.is_empty() {
            true => Vec::new(),
            false => tx.in_buckets(&request.scope, &request.buckets)?,
        };
        records.extend(tx.present_of(&request.scope, &request.ids)?);
        let mut lines = Vec::new();
        for record in records {
            push_line(&mut lines, &put(&request.scope, record))?;
        }
        push_line(&mut lines, &done(&request.scope, head))?;
        push_line(&mut lines, &PullLine::End { server_time: now })?;
        Ok(lines)
    })?;
    let mut reply = lines.into_response();
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(wire::NDJSON));
    Ok(reply)
}

fn put(scope: &Scope, record: Record) -> PullLine {
    PullLine::Put {
        scope: scope.clone(),
        seq: 0,
        record,
    }
}

fn done(scope: &Scope, head: Head) -> PullLine {
    PullLine::ScopeDone {
        scope: scope.clone(),
        epoch: head.epoch,
        seq: head.seq,
        count: head.count,
        complete: true,
        digest: Some(head.digest),
    }
}

/// Takes the word that nothing of a scope is left on a phone. A scope that the phone may hold is none that it has lost.
fn purged(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let receipt: PurgedRequest = call.message()?;
    own(&caller, receipt.device)?;
    let now = platform.now();
    store::write(&*platform.store, |tx| tx.put_purged(caller.device.id, &receipt, now))?;
    tracing::info!(device = %caller.device.id, records = receipt.records, "purged");
    Ok(message(&Taken {}))
}

/// Keeps refused operations of a lost scope for the supervisor.
fn handover(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: HandoverRequest = call.message()?;
    own(&caller, request.device)?;
    if request.ops.len() > limits::HANDED_OVER {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_many_operations"));
    }
    let now = platform.now();
    store::write(&*platform.store, |tx| {
        request
            .ops
            .iter()
            .try_for_each(|op| tx.hand_over(caller.device.id, &request.scope, op, now))
    })?;
    Ok(message(&Taken {}))
}

/// Gives a locked phone a new lease against a one-time code of the same person.
fn lease(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let request: LeaseRequest = call.message()?;
    let now = platform.now();
    let lease = store::write(&*platform.store, |tx| {
        let code = Sha256::digest(request.code.trim()).into();
        let Some(id) = tx.take_code(&code, now)? else {
            return Ok(None);
        };
        if tx.owner(request.device)? != Some(id.clone()) {
            return Ok(None);
        }
        let Some((staff, _)) = tx.staff(&id)? else {
            return Ok(None);
        };
        platform
            .orders
            .lease(tx, request.device, &staff, &scopes_held(&staff), now)
    })?;
    match lease {
        Some(lease) => Ok(message(&LeaseReply { lease })),
        None => Err(Fault::of(StatusCode::FORBIDDEN, "code_invalid")),
    }
}
