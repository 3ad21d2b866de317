//! What phones ask: hello and push; who they are.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::rules::workflow::Actor;
use fushan_grid_core::wire;
use fushan_grid_core::wire::enrol::{HelloReply, HelloRequest, ScopeSet, Staff};
use fushan_grid_core::wire::limits;
use fushan_grid_core::wire::pull::PullLine;
use fushan_grid_core::wire::push::PushRequest;

use super::call::Call;
use super::reply::{Fault, broken, message, token};
use crate::Platform;
use crate::push::{self, PushFault};
use crate::store::{self, Device, Stored};

/// Who asks.
pub(super) struct Caller {
    pub(super) device: Device,
    pub(super) staff: Staff,
    pub(super) scopes: ScopeSet,
}

/// Finds the phone behind a token, one statement for nearly every request. The device behind the token counts, whatever a body
/// says.
pub(super) fn caller(platform: &Platform, headers: &HeaderMap) -> Result<Caller, Fault> {
    let refused = |code| Fault::of(StatusCode::UNAUTHORIZED, code);
    let token = token(headers).ok_or_else(|| refused("token_invalid"))?;
    let session = store::glance(&*platform.store, |tx| tx.session(&token))?;
    let session = session.ok_or_else(|| refused("token_invalid"))?;
    if session.revoked {
        return Err(refused("device_revoked"));
    }
    if session.expires <= platform.now() {
        return Err(refused("token_expired"));
    }
    platform.limits.recognised(&token);
    if !session.used {
        store::write(&*platform.store, |tx| tx.note_used(session.device.id, &token))?;
    }
    let scopes = scopes_held(&session.staff);
    Ok(Caller {
        device: session.device,
        staff: session.staff,
        scopes: ScopeSet {
            version: session.version,
            scopes,
        },
    })
}

/// The scopes that a staff member's phone may hold.
pub(super) fn scopes_held(staff: &Staff) -> Vec<Scope> {
    let mut scopes = vec![Scope::district()];
    // the operating company's people see no resident, wherever they are said to work (R15)
    let company = !staff.roles.is_empty() && staff.roles.iter().all(|role| role == "OPERATOR_HR");
    if company {
        scopes.push(Scope::user(&staff.id));
        return scopes;
    }
    scopes.extend(staff.grids.iter().map(Scope::grid));
    scopes.push(Scope::user(&staff.id));
    scopes.extend(staff.orgs.iter().map(|org| Scope::org(org)));
    scopes
}

pub(super) fn own(caller: &Caller, device: DeviceId) -> Result<(), Fault> {
    if caller.device.id == device {
        Ok(())
    } else {
        Err(Fault::of(StatusCode::FORBIDDEN, "not_this_device"))
    }
}

/// Greets a phone.
pub(super) fn hello(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: HelloRequest = call.message()?;
    own(&caller, request.device)?;
    if !request.protocol.contains(&wire::PROTOCOL) {
        return Err(Fault::of(StatusCode::UPGRADE_REQUIRED, "protocol_unknown"));
    }
    let known = caller.device.incarnation == request.incarnation;
    let now = platform.now();
    let (lease, orders) = store::write(&*platform.store, |tx| {
        tx.note_hello(&caller.device, &request.app, request.report.as_ref(), now)?;
        let orders = &platform.orders;
        let lease = orders.lease(tx, caller.device.id, &caller.staff, &caller.scopes.scopes, now)?;
        Ok((lease, orders.waiting(tx, caller.device.id)?))
    })?;
    Ok(message(&HelloReply {
        server_time: now,
        protocol: wire::PROTOCOL,
        schema_min: 1,
        schema_max: platform.judge.schema.schema,
        staff: caller.staff,
        scope_set: caller.scopes,
        expected_n: if known { caller.device.next_n } else { 1 },
        policy: None,
        keep_originals_ms: platform.keep_originals_ms,
        lease,
        orders,
    }))
}

/// Takes operations.
pub(super) fn push(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: PushRequest = call.message()?;
    own(&caller, request.device)?;
    if request.ops.len() > limits::OPS_PER_PUSH {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_many_operations"));
    }
    let distinct: BTreeSet<_> = request.ops.iter().map(|op| op.op.op).collect();
    if distinct.len() != request.ops.len() {
        return Err(Fault::of(StatusCode::BAD_REQUEST, "operation_twice"));
    }
    let actor = Actor {
        staff: caller.staff.id,
        roles: caller.staff.roles,
        grids: caller.staff.grids,
        orgs: caller.staff.orgs,
    };
    let answer = push::push(platform, &caller.device, &actor, &request)?;
    if platform.faults.take_lost_reply() {
        return Ok(broken());
    }
    match answer {
        Ok(reply) => {
            tracing::info!(device = %request.device, ops = reply.results.len(), "pushed");
            platform.metrics.operations(&reply.results);
            platform.changed.send_replace(());
            Ok(message(&reply))
        }
        Err(PushFault::Held { expected_n }) => Err(Fault::held("held", Some(expected_n))),
        Err(PushFault::Forked) => Err(Fault::held("forked", None)),
    }
}
pub(super) fn push_line(lines: &mut Vec<u8>, line: &PullLine) -> Stored<()> {
    serde_json::to_writer(&mut *lines, line)?;
    lines.push(b'\n');
    Ok(())
}
