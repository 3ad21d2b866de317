//! The operators' door to assignments and phones: who works where, which phone is wiped, what phones have let go of.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::{DeviceId, StaffId};
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::wire::enrol::Staff;
use serde::Deserialize;
use serde_json::json;

use super::admin::operator;
use super::call::{Call, run};
use super::reply::{Fault, message};
use crate::Platform;
use crate::store;

/// The routes of this module.
pub(super) fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/admin/v1/staff", post(run(assign)))
        .route("/admin/v1/wipe", post(run(wipe)))
        .route("/admin/v1/epoch", get(run(which_epoch)).post(run(epoch)))
        .route("/admin/v1/prune", post(run(prune)))
        .route("/admin/v1/purges", get(run(purges)))
        .route("/admin/v1/handed-over", get(run(handed_over)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignRequest {
    id: StaffId,
    grids: Vec<GridCode>,
    /// The roles they have stay without it.
    #[serde(default)]
    roles: Option<Vec<String>>,
    /// Organisations they work for; those they have stay without it.
    #[serde(default)]
    orgs: Option<Vec<String>>,
    /// Somebody new: needs `roles`.
    #[serde(default)]
    new: bool,
}

/// Says where a person works from now on; their phones hold other scopes from their next contact.
fn assign(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: AssignRequest = call.message()?;
    let now = platform.now();
    let version = store::write(&*platform.store, |tx| {
        if !tx.posts(Some(&request.id.0), None)?.is_empty() {
            return Ok(Some(None));
        }
        let known = match tx.staff(&request.id)? {
            Some((known, _)) => known,
            None if request.new && request.roles.is_some() => Staff {
                id: request.id.clone(),
                roles: Vec::new(),
                grids: Vec::new(),
                orgs: Vec::new(),
            },
            None => return Ok(None),
        };
        let texts = |grids: &[GridCode]| grids.iter().map(ToString::to_string).collect::<Vec<_>>();
        tx.note_assignment(&request.id, &texts(&known.grids), &texts(&request.grids), now)?;
        tx.put_staff(&Staff {
            id: request.id.clone(),
            roles: request.roles.clone().unwrap_or(known.roles),
            grids: request.grids.clone(),
            orgs: request.orgs.clone().unwrap_or(known.orgs),
        })?;
        Ok(tx.staff(&request.id)?.map(|(_, version)| Some(version)))
    })?;
    match version {
        // whoever has posts is where those say
        Some(None) => Err(Fault::of(StatusCode::CONFLICT, "staff_has_posts")),
        Some(Some(version)) => Ok(message(&json!({"version": version}))),
        None => Err(Fault::of(StatusCode::NOT_FOUND, "no_such_staff")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WipeRequest {
    device: DeviceId,
    #[serde(default)]
    withdraw: bool,
}

/// Orders a phone to be wiped at its next contact, or takes the order back.
fn wipe(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: WipeRequest = call.message()?;
    let at = (!request.withdraw).then(|| platform.now());
    store::write(&*platform.store, |tx| tx.order_wipe(request.device, at))?;
    Ok(message(&json!({"ordered": at})))
}

/// Tells the life of the data that new scopes begin in.
fn which_epoch(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let epoch = store::read(&*platform.store, |tx| tx.epoch())?;
    Ok(message(&json!({"epoch": epoch})))
}

/// Begins a new life of the data, after a restore from a backup.
fn epoch(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let now = platform.now();
    let epoch = store::write(&*platform.store, |tx| tx.new_epoch(now))?;
    Ok(message(&json!({"epoch": epoch})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PruneRequest {
    scope: Scope,
    floor: i64,
}

/// Lets tombstones of a scope go up to a number.
fn prune(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: PruneRequest = call.message()?;
    let gone = store::write(&*platform.store, |tx| tx.raise_floor(&request.scope, request.floor))?;
    Ok(message(&json!({"gone": gone})))
}

/// What phones have said to be gone from them.
fn purges(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let purges = store::read(&*platform.store, |tx| tx.purges())?;
    let lines: Vec<_> = purges
        .into_iter()
        .map(|(device, scope, records)| json!({"device": device, "scope": scope, "records": records}))
        .collect();
    Ok(message(&lines))
}

/// Refused operations of lost scopes.
fn handed_over(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let ops = store::read(&*platform.store, |tx| tx.handed_over())?;
    Ok(message(&ops))
}
