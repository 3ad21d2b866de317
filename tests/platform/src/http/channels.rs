//! The channels' door: orders come in by one contract, each channel with a key of its own. The desk's side of it: replies owed
//! to citizens, suggested duplicates, incidents without a grid, keys.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::{RecordId, StaffId};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::admin::operator;
use super::call::{Call, run};
use super::chance::random_hex;
use super::paging::{self, page};
use super::reply::{Fault, message, token};
use crate::Platform;
use crate::intake::{self, Order, Refused, Replied, Taken, Told};
use crate::store::{self, Cursor, Door};

/// Longest life of a key in days.
const KEY_DAYS: u32 = 400;
/// Longest label of a key.
const LABEL_CHARS: usize = 64;
/// Most keys told at once.
const KEYS: u32 = 1_000;

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new()
        .route("/channels/v1/orders", post(run(order)))
        .route("/admin/v1/access-keys", get(run(keys)).post(run(key)))
        .route("/admin/v1/access-keys/withdraw", post(run(withdraw)))
        .route("/admin/v1/replies", get(run(owed)).post(run(reply)))
        .route("/admin/v1/replies/{id}", get(run(replies)))
        .route("/admin/v1/contact", post(run(contact)))
        .route("/admin/v1/duplicates", get(run(duplicates)))
        .route("/admin/v1/duplicates/dismiss", post(run(dismiss)))
        .route("/admin/v1/place", post(run(place)))
}

/// The channel whose key comes with a request.
pub(super) fn channel_of(platform: &Platform, token: Option<[u8; 32]>) -> Result<String, Fault> {
    let refused = || Fault::of(StatusCode::UNAUTHORIZED, "token_invalid");
    let hash = token.ok_or_else(refused)?;
    let now = platform.now();
    let channel = store::glance(&*platform.store, |tx| tx.access_key(&hash, Door::Channel, now))?;
    channel
        .inspect(|_| platform.limits.recognised(&hash))
        .ok_or_else(refused)
}

/// Takes an order for a channel; phones hear of it at once.
pub(super) fn take(platform: &Platform, channel: &str, order: &Order) -> Result<Taken, Fault> {
    let books = platform.shelf.books(&*platform.store)?;
    let channel = books.channels.channel(channel);
    let channel = channel.ok_or_else(|| Fault::of(StatusCode::FORBIDDEN, "channel_unknown"))?;
    let now = platform.now();
    let taken = store::write(&*platform.store, |tx| intake::take(tx, &books, channel, order, now))?;
    platform.changed.send_replace(());
    taken.map_err(|refused| match refused {
        Refused::Broken(rule) => Fault::of(StatusCode::UNPROCESSABLE_ENTITY, rule),
        Refused::Conflict => Fault::of(StatusCode::CONFLICT, "order_conflict"),
    })
}

fn order(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let channel = channel_of(platform, token(&call.headers))?;
    let order: Order = call.message()?;
    Ok(message(&take(platform, &channel, &order)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyRequest {
    /// Code of a channel; without one the key opens the hall's screen.
    #[serde(default)]
    channel: Option<String>,
    /// Another door than a channel's and the screen's: `administrator` or `company`.
    #[serde(default)]
    door: Option<DoorName>,
    /// What it is for, so that it can be told apart later.
    label: String,
    days: u32,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DoorName {
    Administrator,
    Company,
}

/// The door that is meant; a channel's code names that of the channel.
fn door(name: Option<DoorName>, channel: Option<&String>) -> Result<Door, Fault> {
    match (name, channel) {
        (None, Some(_)) => Ok(Door::Channel),
        (None, None) => Ok(Door::Screen),
        (Some(DoorName::Administrator), None) => Ok(Door::Administrator),
        (Some(DoorName::Company), None) => Ok(Door::Company),
        (Some(_), Some(_)) => Err(Fault::of(StatusCode::BAD_REQUEST, "malformed")),
    }
}

/// Issues a key. It is told once and kept as a digest.
fn key(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: KeyRequest = call.message()?;
    let label = request.label.trim();
    if label.is_empty() || label.chars().count() > LABEL_CHARS || label.chars().any(char::is_control) {
        return Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "key_label_invalid"));
    }
    let books = platform.shelf.books(&*platform.store)?;
    if request
        .channel
        .as_ref()
        .is_some_and(|code| books.channels.channel(code).is_none())
    {
        return Err(Fault::of(StatusCode::NOT_FOUND, "channel_unknown"));
    }
    let key = random_hex::<24>()?;
    let door = door(request.door, request.channel.as_ref())?;
    let channel = request.channel.unwrap_or_default();
    let now = platform.now();
    let expires = now.plus(i64::from(request.days.clamp(1, KEY_DAYS)) * 86_400_000);
    store::write(&*platform.store, |tx| {
        tx.put_access_key(&Sha256::digest(&key).into(), door, &channel, label, now, expires)
    })?;
    Ok(message(&json!({"key": key, "expires": expires})))
}

/// Which keys there are, what they are for, and until when they are good.
fn keys(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let keys = store::read(&*platform.store, |tx| tx.access_keys(KEYS))?;
    Ok(message(&json!({"keys": keys})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    door: Option<DoorName>,
    /// Only the keys with this label.
    #[serde(default)]
    label: Option<String>,
}

/// Withdraws the keys of a channel, of another door, or of all screens; with a label, only those that carry it.
fn withdraw(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Withdrawal = call.message()?;
    let door = door(request.door, request.channel.as_ref())?;
    let channel = request.channel.unwrap_or_default();
    let label = request.label.as_deref();
    let withdrawn = store::write(&*platform.store, |tx| tx.withdraw_keys(door, &channel, label))?;
    Ok(message(&json!({"withdrawn": withdrawn})))
}

fn told(rows: &[store::ReplyRow], next: Option<Cursor>) -> Response {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "channel": row.channel, "order_no": row.order_no, "record": row.record, "attempts": row.attempts,
                "contacted": row.contacted, "solved": row.solved, "satisfaction": row.satisfaction
            })
        })
        .collect();
    message(&json!({"replies": rows, "next": paging::told(next)}))
}

/// Replies that nobody has given, page by page.
fn owed(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let page = page(call)?;
    let rows = store::read(&*platform.store, |tx| tx.replies_owed(&page))?;
    let next = page.next(&rows, |row| Cursor::of(row.ordered_at, row.record));
    Ok(told(&rows, next))
}

/// The replies to the orders of one incident.
fn replies(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let id: RecordId = call
        .id
        .parse()
        .map_err(|_| Fault::of(StatusCode::NOT_FOUND, "not_found"))?;
    Ok(told(&store::read(&*platform.store, |tx| tx.replies(id))?, None))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    channel: String,
    order_no: String,
    staff: StaffId,
}

/// How the citizen of an order is reached, for the caller. The order is named in the body, so that no log has it; who asked is logged.
fn contact(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let asked: Asked = call.message()?;
    let found = store::read(&*platform.store, |tx| tx.contact(&asked.channel, &asked.order_no))?;
    let found = found.ok_or_else(|| Fault::of(StatusCode::NOT_FOUND, "not_found"))?;
    tracing::info!(staff = %asked.staff.0, channel = %asked.channel, "a contact was looked at");
    let contact: serde_json::Value = serde_json::from_str(&found).map_err(store::StoreError::from)?;
    Ok(message(&json!({"contact": contact})))
}

/// Notes what a caller learned.
fn reply(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Told = call.message()?;
    let now = platform.now();
    let replied = store::write(&*platform.store, |tx| intake::tell(tx, &platform.judge, &request, now))?;
    platform.changed.send_replace(());
    match replied {
        Replied::Noted => Ok(message(&json!({"noted": true, "evaluated": false}))),
        Replied::Evaluated => Ok(message(&json!({"noted": true, "evaluated": true}))),
        Replied::Forbidden(code) => Ok(message(&json!({"noted": true, "evaluated": false, "forbidden": code}))),
        Replied::NoteTooLong => Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "reply_note_too_long")),
        Replied::NotOwed => Err(Fault::of(StatusCode::NOT_FOUND, "reply_not_owed")),
        Replied::Contradiction => Err(Fault::of(StatusCode::UNPROCESSABLE_ENTITY, "reply_contradiction")),
    }
}

/// Reports that may be of the same thing, page by page.
fn duplicates(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let page = page(call)?;
    let rows = store::read(&*platform.store, |tx| tx.hints(&page))?;
    let next = page.next(&rows, |hint| Cursor {
        other: hint.other,
        ..Cursor::of(hint.at, hint.record)
    });
    let hints: Vec<_> = rows
        .iter()
        .map(|hint| json!({"record": hint.record, "other": hint.other, "distance_cm": hint.distance_cm}))
        .collect();
    Ok(message(&json!({"duplicates": hints, "next": paging::told(next)})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dismissal {
    record: RecordId,
    other: RecordId,
    staff: StaffId,
}

/// Says that two reports are of different things.
fn dismiss(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Dismissal = call.message()?;
    let dismissed = store::write(&*platform.store, |tx| {
        let dismissed = tx.dismiss_hint(request.record, request.other, &request.staff.0)?;
        // what waited for this may go on
        tx.set_wake(request.record, Some(platform.now()), None)?;
        Ok(dismissed)
    })?;
    match dismissed {
        true => Ok(message(&json!({"dismissed": true}))),
        false => Err(Fault::of(StatusCode::NOT_FOUND, "not_found")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Placing {
    record: RecordId,
    grid: GridCode,
    staff: StaffId,
}

/// Gives an incident its grid.
fn place(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let request: Placing = call.message()?;
    let now = platform.now();
    let books = platform.shelf.books(&*platform.store)?;
    let placed = store::write(&*platform.store, |tx| {
        intake::set_grid(tx, &books, request.record, &request.grid, &request.staff, now)
    })?;
    platform.changed.send_replace(());
    match placed {
        Ok(()) => Ok(message(&json!({"placed": true}))),
        Err("not_found") => Err(Fault::of(StatusCode::NOT_FOUND, "not_found")),
        Err(rule) => Err(Fault::of(StatusCode::CONFLICT, rule)),
    }
}
