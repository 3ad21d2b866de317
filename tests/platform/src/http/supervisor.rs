//! The supervisor's door to the evidence: flags to decide, chains with their gaps, keys to revoke, the day's time-stamp.
//! Flags hold pseudonymous ids and codes only: no name, place or picture.

use axum::http::StatusCode;
use axum::response::Response;
use fushan_grid_core::model::ids::{DeviceId, StaffId};
use fushan_grid_core::wire::manifest::{Named256, canonical};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::operator;
use super::call::Call;
use super::reply::{Fault, message};
use crate::Platform;
use crate::store::{self, DayStamp, Flag};
use crate::witness;

/// Most flags told at once.
const FLAGS: u32 = 500;
/// Longest reason or decision.
const TEXT_CHARS: usize = 200;

/// Open flags, oldest first; below `closed` those that were decided.
pub(super) fn flags(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let open = match call.id.as_str() {
        "" => true,
        "closed" => false,
        _ => return Err(Fault::of(StatusCode::NOT_FOUND, "not_found")),
    };
    let flags = store::read(&*platform.store, |tx| tx.flags(open, FLAGS))?;
    let shown: Vec<Value> = flags.iter().map(shown).collect();
    Ok(message(&json!({"flags": shown})))
}

fn shown(flag: &Flag) -> Value {
    json!({
        "entry": flag.entry, "code": flag.code, "case": flag.subject, "grid": flag.grid, "detail": flag.detail,
        "raised_at": flag.raised_at, "closed_at": flag.closed_at, "decision": flag.decision, "decided_by": flag.decided_by,
    })
}

/// Most conflicts told at once.
const CONFLICTS: u32 = 500;

/// Open conflicts, the oldest first, and which of them a supervisor is asked about because their owner has not settled them in
/// time. Ids and codes only.
pub(super) fn conflicts(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let now = platform.now();
    let open = store::read(&*platform.store, |tx| tx.conflicts(CONFLICTS))?;
    let told: Vec<Value> = open
        .iter()
        .map(|conflict| {
            let field = |name: &str| conflict.body.get(name).cloned().unwrap_or_default();
            let escalated = field("escalates_at").as_i64().is_some_and(|at| at <= now.0);
            json!({
                "id": conflict.id, "what": field("what"), "record": field("record"), "grid": conflict.grid,
                "owner": field("owner"), "raised_at": field("raised_at"), "asks_supervisor": escalated
            })
        })
        .collect();
    Ok(message(&json!({"conflicts": told})))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    #[schemars(with = "String")]
    entry: Named256,
    code: String,
    decision: String,
    staff: StaffId,
}

/// Closes a flag with a decision, which goes into the log.
pub(super) fn decide(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Decision = call.message()?;
    let decision = canonical::plain(&request.decision, TEXT_CHARS);
    if witness::decide(platform, request.entry, &request.code, &decision, &request.staff)? {
        Ok(message(&json!({"closed": true})))
    } else {
        Err(Fault::of(StatusCode::NOT_FOUND, "not_found"))
    }
}

/// Every chain with what is missing from it.
pub(super) fn chains(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    Ok(message(&json!({"chains": witness::chains(platform)?})))
}

/// A leaf of the log with its proof, by its number.
pub(super) fn leaf(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let none = || Fault::of(StatusCode::NOT_FOUND, "not_found");
    let index: u64 = call.id.parse().map_err(|_| none())?;
    let place = store::read(&*platform.store, |tx| witness::leaf_at(platform, tx, index))?;
    Ok(message(&place.ok_or_else(none)?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revocation {
    device: DeviceId,
    #[schemars(with = "String")]
    key: Named256,
    from_seq: u64,
    reason: String,
}

/// Lets a key count no more from a place of its chain on.
pub(super) fn revoke(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Revocation = call.message()?;
    let reason = canonical::plain(&request.reason, TEXT_CHARS);
    if witness::revoke(platform, request.device, request.key, request.from_seq, &reason)? {
        Ok(message(&json!({"revoked": true})))
    } else {
        Err(Fault::of(StatusCode::NOT_FOUND, "not_found"))
    }
}

/// Stamps the log's head now, unless the day has its stamp.
pub(super) fn stamp(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let told = match witness::stamp_now(platform)? {
        None => json!({"state": "none"}),
        Some(DayStamp {
            day,
            size,
            state,
            code,
            tried_at,
            ..
        }) => {
            json!({"state": state, "day": day, "size": size, "code": code, "tried_at": tried_at})
        }
    };
    Ok(message(&told))
}
