//! The dispatchers' door: the queue that people decide, refusals, rosters, why an incident went where it went; the timers' tick
//! and what it did; publication of packs.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::load;
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::operator;
use super::call::{Call, run};
use super::paging::{page, told};
use super::reply::{Fault, message};
use crate::Platform;
use crate::books;
use crate::dispatching::{self, Committed, Deciding, Refusal};
use crate::store::{self, Cursor, Shift};
use crate::timers;

/// Most shifts or rungs in one message.
const MOST: u32 = 1_000;

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new()
        .route("/admin/v1/incidents/{state}", get(run(in_state)))
        .route("/admin/v1/dispatch/queue", get(run(queue)))
        .route("/admin/v1/dispatch/queue/{level}", get(run(queue)))
        .route("/admin/v1/dispatch/table", get(run(table)))
        .route("/admin/v1/dispatch/proposals", get(run(proposals)))
        .route("/admin/v1/dispatch/explain/{id}", get(run(explain)))
        .route("/admin/v1/dispatch/decide", post(run(decide)))
        .route("/admin/v1/dispatch/refuse", post(run(refuse)))
        .route("/admin/v1/duty", post(run(duty)))
        .route("/admin/v1/duty/{org}", get(run(on_duty)))
        .route("/admin/v1/tick", post(run(tick)))
        .route("/admin/v1/rungs/{since}", get(run(rungs)))
        .route("/admin/v1/packs", post(run(publish)))
}

fn refused(code: &str) -> Fault {
    let status = match code {
        "not_found" => StatusCode::NOT_FOUND,
        _ => StatusCode::CONFLICT,
    };
    Fault::of(status, code)
}

/// Incidents in a state, the longest unchanged first, page by page: what was reported and no rule may accept lies in `REPORTED`.
fn in_state(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let page = page(call)?;
    let rows = store::read(&*platform.store, |tx| tx.incidents_in(&call.id, &page))?;
    let next = page.next(&rows, |row| Cursor::of(row.changed_at, row.record));
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "record": row.record, "case_no": row.case_no, "grid": row.grid, "category": row.category, "level": row.level,
                "channel": row.channel, "reported_at": row.reported_at
            })
        })
        .collect();
    Ok(message(&json!({"incidents": rows, "next": told(next)})))
}

/// What people decide at a level, or at all, page by page.
fn queue(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let level = match call.id.as_str() {
        "" => 0,
        text => text
            .parse()
            .ok()
            .filter(|level| (1..=3).contains(level))
            .ok_or_else(|| refused("not_found"))?,
    };
    let page = page(call)?;
    let waiting = store::read(&*platform.store, |tx| tx.waiting(level, &page))?;
    let next = page.next(&waiting, |row| Cursor::of(row.due_at.unwrap_or(row.since), row.record));
    Ok(message(&json!({"waiting": waiting, "next": told(next)})))
}

/// Where incidents went: decisions by outcome and organisation.
fn table(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let rows = store::read(&*platform.store, |tx| tx.dispatch_table())?;
    let rows: Vec<_> = rows
        .iter()
        .map(|(outcome, main, many)| json!({"outcome": outcome, "main": main, "incidents": many}))
        .collect();
    Ok(message(&json!({"table": rows})))
}

/// Lines of the responsibility list that joint decisions propose.
fn proposals(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let rules = store::read(&*platform.store, |tx| tx.rule_proposals())?;
    let rules: Vec<Value> = rules
        .iter()
        .filter_map(|rule| serde_json::from_str(rule).ok())
        .collect();
    Ok(message(&json!({"proposals": rules})))
}

/// Every decision on an incident, with rule, rule set and explanation.
fn explain(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let id: RecordId = call.id.parse().map_err(|_| refused("not_found"))?;
    let decisions = store::read(&*platform.store, |tx| tx.dispatches(id))?;
    Ok(message(&json!({"decisions": decisions})))
}

fn decide(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Deciding = call.message()?;
    let books = platform.shelf.books(&*platform.store)?;
    let now = platform.now();
    let done = store::write(&*platform.store, |tx| {
        dispatching::decide(tx, &platform.judge, &books, &request, now)
    })?;
    platform.changed.send_replace(());
    done.map(|record| message(&json!({"record": record})))
        .map_err(|code| refused(&code))
}

fn refuse(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Refusal = call.message()?;
    let books = platform.shelf.books(&*platform.store)?;
    let now = platform.now();
    let done = store::write(&*platform.store, |tx| {
        dispatching::refuse(tx, &platform.judge, &books, &request, now)
    })?;
    platform.changed.send_replace(());
    match done {
        Ok(Committed::Dispatched { rule, main, level }) => Ok(message(
            &json!({"to": "handler", "rule": rule, "main": main, "level": level}),
        )),
        Ok(Committed::Waiting { why, level }) => Ok(message(&json!({"to": "human", "why": why, "level": level}))),
        Ok(Committed::Refused(code)) | Err(code) => Err(refused(&code)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shifts {
    shifts: Vec<Shift>,
}

/// Writes rosters.
fn duty(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Shifts = call.message()?;
    let books = platform.shelf.books(&*platform.store)?;
    if request.shifts.len() > MOST as usize {
        return Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "too_many_shifts"));
    }
    for shift in &request.shifts {
        if books.dispatch.org(&shift.org).is_none() {
            return Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "org_unknown"));
        }
        if !["duty", "call", "leave"].contains(&shift.kind.as_str()) || shift.ends <= shift.begins {
            return Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "shift_invalid"));
        }
    }
    store::write(&*platform.store, |tx| {
        request.shifts.iter().try_for_each(|shift| tx.put_shift(shift))
    })?;
    Ok(message(&json!({"shifts": request.shifts.len()})))
}

/// Who of an organisation may be given a task now, with their load.
fn on_duty(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let now = platform.now();
    let roster = store::read(&*platform.store, |tx| dispatching::roster(tx, &call.id, now))?;
    let handlers: Vec<_> = roster
        .handlers
        .iter()
        .map(|handler| json!({"staff": handler.staff, "load": load(&handler.open), "open": handler.open.len()}))
        .collect();
    Ok(message(&json!({"handlers": handlers})))
}

/// Looks now at everything whose time has come; the platform does so by itself all the time.
fn tick(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    Ok(message(&timers::tick(platform)?))
}

/// Rungs of the timeout ladder taken since a moment, in milliseconds since 1970.
fn rungs(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let since = call
        .id
        .parse()
        .map_err(|_| Fault::of(StatusCode::BAD_REQUEST, "malformed"))?;
    let rungs = store::read(&*platform.store, |tx| tx.rungs_since(UtcMillis(since), MOST))?;
    Ok(message(&json!({"rungs": rungs})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    name: String,
    content: Value,
}

/// Publishes a pack: rules of dispatch, calendar, limits, seasons, channels, taxonomy. One that contradicts itself or the others
/// changes nothing.
fn publish(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Publication = call.message()?;
    let published = store::write(&*platform.store, |tx| {
        books::publish(tx, &request.name, &request.content)
    })?;
    // read at once, so that the next step is judged by them
    platform.shelf.books(&*platform.store)?;
    platform.changed.send_replace(());
    match published {
        Ok(rev) => Ok(message(&json!({"name": request.name, "rev": rev}))),
        Err(books::BookError::Unknown) => Err(Fault::of(StatusCode::NOT_FOUND, "pack_unknown")),
        Err(error) => {
            tracing::warn!(%error, "a pack was refused");
            Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "pack_refused").saying(&error))
        }
    }
}
