//! The operators' door, behind a token of its own: enrolment codes, a desk's steps, and what tests compare.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::record::{Body, Scope};
use fushan_grid_core::wire::push::OpStatus;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::call::Call;
use super::chance::random_hex;
use super::reply::{Fault, bearer, message};
use crate::Platform;
use crate::desk::{self, Act};
use crate::store;

/// How long an enrolment code is good, in milliseconds: a day.
const CODE_MS: i64 = 86_400_000;

pub(super) fn operator(platform: &Platform, headers: &HeaderMap) -> Result<(), Fault> {
    // compared as digests, so that the time taken tells nothing
    let given = Sha256::digest(bearer(headers).unwrap_or_default());
    if given == Sha256::digest(&platform.admin_token) {
        platform.limits.recognised(&given.into());
        Ok(())
    } else {
        Err(Fault::of(StatusCode::UNAUTHORIZED, "token_invalid"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeRequest {
    staff: StaffId,
}

/// Issues a one-time enrolment code.
pub(super) fn code(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: CodeRequest = call.message()?;
    let code = random_hex::<8>()?;
    let expires = platform.now().plus(CODE_MS);
    let known = store::write(&*platform.store, |tx| {
        let known = tx.staff(&request.staff)?.is_some();
        if known {
            tx.put_code(&Sha256::digest(&code).into(), &request.staff, expires)?;
        }
        Ok(known)
    })?;
    if known {
        Ok(message(&json!({"code": code, "expires": expires})))
    } else {
        Err(Fault::of(StatusCode::NOT_FOUND, "no_such_staff"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActRequest {
    record: RecordId,
    /// Step of the automaton; without one the fields are patched.
    #[serde(default)]
    event: Option<String>,
    role: String,
    staff: StaffId,
    #[serde(default)]
    args: Body,
    #[serde(default)]
    set: Body,
}

/// A desk acts on a record, by the same rules as a phone.
pub(super) fn act(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: ActRequest = call.message()?;
    let now = platform.now();
    let taken = store::write(&*platform.store, |tx| {
        let act = Act {
            record: request.record,
            event: request.event.clone(),
            role: request.role.clone(),
            staff: request.staff.clone(),
            args: request.args.clone(),
            set: request.set.clone(),
        };
        desk::take(tx, &platform.judge, act, now)
    })?;
    platform.changed.send_replace(());
    let (status, record, code) = match taken {
        Ok(record) => (OpStatus::Applied, Some(record), None),
        Err(code) if code == "not_found" => return Err(Fault::of(StatusCode::NOT_FOUND, "not_found")),
        Err(code) => (OpStatus::Rejected, None, Some(code)),
    };
    Ok(message(&json!({"status": status, "record": record, "code": code})))
}

/// One record as the platform has it.
pub(super) fn record(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let missing = || Fault::of(StatusCode::NOT_FOUND, "not_found");
    let id: RecordId = call.id.parse().map_err(|_| missing())?;
    let found = store::read(&*platform.store, |tx| tx.record(id))?.ok_or_else(missing)?;
    Ok(message(&found.record))
}

/// Most operations told of one record.
const OPERATIONS: u32 = 1_000;

/// What was done to a record, operation by operation.
pub(super) fn history(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let missing = || Fault::of(StatusCode::NOT_FOUND, "not_found");
    let id: RecordId = call.id.parse().map_err(|_| missing())?;
    let kept = store::read(&*platform.store, |tx| tx.operations(id, OPERATIONS))?;
    if kept.is_empty() {
        return Err(missing());
    }
    Ok(message(&json!({"operations": kept})))
}

/// All records of a scope.
pub(super) fn scope(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let members = store::read(&*platform.store, |tx| tx.members(&Scope(call.id.clone()), 0, u32::MAX))?;
    let records: Vec<_> = members.into_iter().filter(|m| m.present).map(|m| m.record).collect();
    Ok(message(&records))
}

/// Answers given, by device and status.
pub(super) fn ledger(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let receipts = store::read(&*platform.store, |tx| tx.receipts())?;
    let mut counts: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
    for (device, result) in receipts {
        let status = json!(result.status).as_str().unwrap_or_default().to_owned();
        *counts.entry(device.to_string()).or_default().entry(status).or_default() += 1;
    }
    Ok(message(&counts))
}
