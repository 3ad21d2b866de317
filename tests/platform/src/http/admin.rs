//! The operators' door, behind a token of its own: enrolment codes, a desk's steps, and what tests compare.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use fushan_grid_core::model::ids::{OpId, RecordId, StaffId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Body, Scope};
use fushan_grid_core::model::time::Hlc;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::call::Call;
use super::reply::{Fault, bearer, message};
use crate::Platform;
use crate::desk;
use crate::store;

/// How long an enrolment code is good, in milliseconds: a day.
const CODE_MS: i64 = 86_400_000;

pub(super) fn operator(platform: &Platform, headers: &HeaderMap) -> Result<(), Fault> {
    // compared as digests, so that the time taken tells nothing
    let given = Sha256::digest(bearer(headers).unwrap_or_default());
    if given == Sha256::digest(&platform.admin_token) {
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
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| Fault::of(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    let code: String = random.iter().map(|b| format!("{b:02x}")).collect();
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
    let current = store::read(&*platform.store, |tx| tx.record(request.record))?;
    let current = current
        .ok_or_else(|| Fault::of(StatusCode::NOT_FOUND, "not_found"))?
        .record;
    let base: Body = request
        .set
        .keys()
        .filter_map(|n| Some((n.clone(), current.body.get(n)?.clone())))
        .collect();
    let workflow = &platform.judge.workflow;
    let action = match request.event {
        None => Action::Patch { base, set: request.set },
        Some(event) => {
            let to = workflow
                .transition(&event)
                .and_then(|t| workflow.target(t, &current.state))
                .unwrap_or_default();
            let (role, args, set) = (request.role.clone(), request.args, request.set);
            Action::Transition {
                event,
                from: current.state.clone(),
                to,
                role,
                args,
                base,
                set,
            }
        }
    };
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|_| Fault::of(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    let now = platform.now();
    let op = Operation {
        op: OpId::v7(now, random),
        kind: current.kind.clone(),
        record: current.id,
        action,
        base_rev: Some(current.rev),
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc::default().tick(now),
        at: now,
        schema: platform.judge.schema.schema,
    };
    platform.changed.send_replace(());
    let (status, record, code) = desk::act(platform, &op, &request.staff, &request.role)?;
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
