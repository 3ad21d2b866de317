//! What phones ask: enrol, hello, push, pull.

use std::collections::BTreeSet;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::rules::workflow::Actor;
use fushan_grid_core::wire;
use fushan_grid_core::wire::enrol::{EnrolReply, EnrolRequest, HelloReply, HelloRequest, ScopeSet, Staff};
use fushan_grid_core::wire::limits;
use fushan_grid_core::wire::pull::{PullLine, PullRequest};
use fushan_grid_core::wire::push::PushRequest;
use sha2::{Digest, Sha256};

use super::call::Call;
use super::reply::{Fault, broken, message, token};
use crate::Platform;
use crate::push::{self, PushFault};
use crate::store::{self, Device, Stored, Tx};

/// Who asks.
pub(super) struct Caller {
    pub(super) device: Device,
    pub(super) staff: Staff,
    pub(super) scopes: ScopeSet,
}

/// Finds the phone behind a token. The device behind the token counts, whatever a body says.
pub(super) fn caller(platform: &Platform, headers: &HeaderMap) -> Result<Caller, Fault> {
    let refused = || Fault::of(StatusCode::UNAUTHORIZED, "token_invalid");
    let token = token(headers).ok_or_else(refused)?;
    let found = store::read(&*platform.store, |tx| {
        let Some(device) = tx.device(&token)? else {
            return Ok(None);
        };
        let staff = tx.staff(&device.staff)?;
        Ok(staff.map(|(staff, version)| (device, staff, version)))
    })?;
    let (device, staff, version) = found.ok_or_else(refused)?;
    let scopes = scopes_held(&staff);
    Ok(Caller {
        device,
        staff,
        scopes: ScopeSet { version, scopes },
    })
}

/// The scopes that a staff member's phone may hold.
pub(super) fn scopes_held(staff: &Staff) -> Vec<Scope> {
    let mut scopes = vec![Scope::district()];
    scopes.extend(staff.grids.iter().map(Scope::grid));
    scopes.push(Scope::user(&staff.id));
    scopes
}

pub(super) fn own(caller: &Caller, device: DeviceId) -> Result<(), Fault> {
    if caller.device.id == device {
        Ok(())
    } else {
        Err(Fault::of(StatusCode::FORBIDDEN, "not_this_device"))
    }
}

/// Exchanges a one-time code for a token. The token is told once and kept as a digest only.
pub(super) fn enrol(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let request: EnrolRequest = call.message()?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| Fault::of(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    let token: String = secret.iter().map(|b| format!("{b:02x}")).collect();
    let now = platform.now();
    let staff = store::write(&*platform.store, |tx| {
        let code = Sha256::digest(request.code.trim()).into();
        let Some(id) = tx.take_code(&code, now)? else {
            return Ok(None);
        };
        let Some((staff, _)) = tx.staff(&id)? else {
            return Ok(None);
        };
        let device = Device {
            id: request.device,
            staff: id,
            incarnation: request.incarnation,
            next_n: 1,
        };
        tx.put_device(&device, &Sha256::digest(&token).into(), now)?;
        Ok(Some(staff))
    })?;
    let staff = staff.ok_or_else(|| Fault::of(StatusCode::FORBIDDEN, "code_invalid"))?;
    tracing::info!(device = %request.device, "enrolled");
    Ok(message(&EnrolReply {
        staff,
        token,
        server_time: now,
        order_key: Some(platform.orders.public()),
    }))
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
    };
    let answer = push::push(platform, &caller.device, &actor, &request)?;
    if platform.faults.take_lost_reply() {
        return Ok(broken());
    }
    match answer {
        Ok(reply) => {
            tracing::info!(device = %request.device, ops = reply.results.len(), "pushed");
            Ok(message(&reply))
        }
        Err(PushFault::Held { expected_n }) => Err(Fault::held("held", Some(expected_n))),
        Err(PushFault::Forked) => Err(Fault::held("forked", None)),
    }
}

/// Tells what changed, as lines of one snapshot.
pub(super) fn pull(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let caller = caller(platform, &call.headers)?;
    let request: PullRequest = call.message()?;
    own(&caller, request.device)?;
    let now = platform.now();
    let lines = store::read(&*platform.store, |tx| {
        let mut lines = Vec::new();
        let mut budget = usize::try_from(request.max_bytes)
            .unwrap_or(usize::MAX)
            .min(limits::PULL_BYTES);
        if request.scope_set_version != caller.scopes.version {
            push_line(
                &mut lines,
                &PullLine::ScopeSet {
                    set: caller.scopes.clone(),
                },
            )?;
        }
        for cursor in request
            .scopes
            .iter()
            .filter(|c| caller.scopes.scopes.contains(&c.scope))
        {
            if budget == 0 {
                break;
            }
            scope_lines(tx, cursor, &mut lines, &mut budget)?;
        }
        push_line(&mut lines, &PullLine::End { server_time: now })?;
        Ok(lines)
    })?;
    let mut reply = lines.into_response();
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(wire::NDJSON));
    Ok(reply)
}

/// Records read at once.
const PAGE: u32 = 500;

fn scope_lines(
    tx: &mut Tx<'_>,
    cursor: &wire::pull::ScopeCursor,
    lines: &mut Vec<u8>,
    budget: &mut usize,
) -> Stored<()> {
    let scope = &cursor.scope;
    let head = tx.head(scope)?;
    let mut since = cursor.since;
    let fresh = cursor.since == 0 && cursor.epoch == 0;
    // a pull that goes on in the middle of a scope has to see only what is there now
    let below = !cursor.unfinished && cursor.since < head.floor;
    if !fresh && (cursor.epoch != head.epoch || cursor.since > head.seq || below) {
        push_line(
            lines,
            &PullLine::Resync {
                scope: scope.clone(),
                epoch: head.epoch,
            },
        )?;
        since = 0;
    }
    while since < head.seq && *budget > 0 {
        let members = tx.members(scope, since, PAGE)?;
        if members.is_empty() {
            break;
        }
        for member in members {
            let before = lines.len();
            since = member.seq;
            let (scope, seq) = (scope.clone(), member.seq);
            let line = match (member.present, member.record.deleted) {
                (true, _) => PullLine::Put {
                    scope,
                    seq,
                    record: member.record,
                },
                (false, true) => PullLine::Gone {
                    scope,
                    seq,
                    id: member.record.id,
                    rev: member.record.rev,
                },
                (false, false) => PullLine::Leave {
                    scope,
                    seq,
                    id: member.record.id,
                },
            };
            push_line(lines, &line)?;
            *budget = budget.saturating_sub(lines.len() - before);
            if *budget == 0 {
                break;
            }
        }
    }
    let complete = since >= head.seq;
    let done = PullLine::ScopeDone {
        scope: scope.clone(),
        epoch: head.epoch,
        seq: since,
        count: head.count,
        complete,
        digest: complete.then_some(head.digest),
    };
    push_line(lines, &done)
}

pub(super) fn push_line(lines: &mut Vec<u8>, line: &PullLine) -> Stored<()> {
    serde_json::to_writer(&mut *lines, line)?;
    lines.push(b'\n');
    Ok(())
}
