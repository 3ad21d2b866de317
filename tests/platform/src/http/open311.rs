//! Open311 GeoReport v2 on the wire: paths, forms and errors as the standard has them.

use std::collections::BTreeMap;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fushan_grid_core::app::messages::{Lang, code_of, message};
use fushan_grid_core::model::fault as core;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::call::{Call, run};
use super::chance::random_hex;
use super::channels::{channel_of, take};
use super::reply::Fault;
use crate::Platform;
use crate::books::Books;
use crate::open311::{self, CHANNEL, Document, Filter, Format, Posted};
use crate::store;

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new()
        .route("/open311/v2/{what}", get(run(top)))
        .route("/open311/v2/requests.json", get(run(list_json)).post(run(post_json)))
        .route("/open311/v2/requests.xml", get(run(list_xml)).post(run(post_xml)))
        .route("/open311/v2/services/{what}", get(run(service)))
        .route("/open311/v2/requests/{what}", get(run(request)))
        .route("/open311/v2/tokens/{what}", get(run(token)))
}

fn answer(status: StatusCode, document: &Document, format: Format) -> Response {
    let mut reply = (status, document.text(format)).into_response();
    let media = match format {
        Format::Json => "application/json; charset=utf-8",
        Format::Xml => "text/xml; charset=utf-8",
    };
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media));
    reply
}

/// An error in the standard's shape.
fn wrong(status: StatusCode, description: &str, format: Format) -> Response {
    let error = json!({"code": status.as_u16().to_string(), "description": description});
    answer(status, &Document::list("errors", "error", vec![error]), format)
}

/// What a code says, for the standard's `description`: in both languages, since clients of either show it as it is.
fn text(code: &str) -> String {
    let Some(code) = code_of(code) else {
        return code.to_owned();
    };
    let told = |lang| message(&core::Fault::of(code), lang).text;
    format!("{} {}", told(Lang::Zh), told(Lang::En))
}

fn split(name: &str) -> Result<(&str, Format), Fault> {
    Format::split(name).ok_or_else(|| Fault::of(StatusCode::NOT_FOUND, "no_such_route"))
}

fn found(document: Option<Document>, code: &str, format: Format) -> Response {
    match document {
        Some(document) => answer(StatusCode::OK, &document, format),
        None => wrong(StatusCode::NOT_FOUND, &text(code), format),
    }
}

/// The answer to a request that names another jurisdiction than this district's, which is its code.
fn elsewhere(books: &Books, query: &BTreeMap<String, String>, format: Format) -> Option<Response> {
    let other = query
        .get("jurisdiction_id")
        .is_some_and(|id| !id.is_empty() && *id != books.channels.district);
    other.then(|| wrong(StatusCode::NOT_FOUND, &text("jurisdiction_unknown"), format))
}

/// The address of the door as the caller reached it, through whatever stands before the platform.
fn base(platform: &Platform, call: &Call) -> String {
    let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    let host = header("host").filter(|host| !host.is_empty() && host.chars().all(plain));
    let secure = platform.secure || header("x-forwarded-proto") == Some("https");
    let scheme = if secure { "https" } else { "http" };
    host.map_or_else(
        || "/open311/v2".to_owned(),
        |host| format!("{scheme}://{host}/open311/v2"),
    )
}

/// `discovery` and `services`.
fn top(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (name, format) = split(&call.id)?;
    let books = platform.shelf.books(&*platform.store)?;
    if let Some(reply) = elsewhere(&books, &call.query(), format) {
        return Ok(reply);
    }
    match name {
        "discovery" => Ok(answer(
            StatusCode::OK,
            &open311::discovery(&books, &base(platform, call)),
            format,
        )),
        "services" => Ok(answer(StatusCode::OK, &open311::services(&books), format)),
        _ => Err(Fault::of(StatusCode::NOT_FOUND, "no_such_route")),
    }
}

fn list_json(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    list(platform, call, Format::Json)
}

fn list_xml(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    list(platform, call, Format::Xml)
}

/// Requests that fit.
fn list(platform: &Platform, call: &Call, format: Format) -> Result<Response, Fault> {
    let books = platform.shelf.books(&*platform.store)?;
    if let Some(reply) = elsewhere(&books, &call.query(), format) {
        return Ok(reply);
    }
    let filter = match Filter::of(&call.query()) {
        Ok(filter) => filter,
        Err(code) => return Ok(wrong(StatusCode::BAD_REQUEST, &text(code), format)),
    };
    let Some(keyed) = keyed(platform, call)? else {
        return Ok(wrong(StatusCode::FORBIDDEN, &text("api_key_invalid"), format));
    };
    let now = platform.now();
    let listed = store::read(&*platform.store, |tx| open311::list(tx, &books, &filter, keyed, now))?;
    Ok(answer(StatusCode::OK, &listed, format))
}

/// The definition of a service.
fn service(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (code, format) = split(&call.id)?;
    let books = platform.shelf.books(&*platform.store)?;
    if let Some(reply) = elsewhere(&books, &call.query(), format) {
        return Ok(reply);
    }
    Ok(found(open311::definition(&books, code), "service_code_unknown", format))
}

/// One request.
fn request(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (id, format) = split(&call.id)?;
    let books = platform.shelf.books(&*platform.store)?;
    if let Some(reply) = elsewhere(&books, &call.query(), format) {
        return Ok(reply);
    }
    let Some(keyed) = keyed(platform, call)? else {
        return Ok(wrong(StatusCode::FORBIDDEN, &text("api_key_invalid"), format));
    };
    let one = store::read(&*platform.store, |tx| open311::by_id(tx, &books, id, keyed))?;
    Ok(found(one, "service_request_unknown", format))
}

/// The number of a token.
fn token(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (token, format) = split(&call.id)?;
    let books = platform.shelf.books(&*platform.store)?;
    if let Some(reply) = elsewhere(&books, &call.query(), format) {
        return Ok(reply);
    }
    let one = store::read(&*platform.store, |tx| open311::token(tx, token))?;
    Ok(found(one, "token_unknown", format))
}

/// Whether it is a key of this door. A busy database is no wrong key: the client would drop its report.
fn is_key(platform: &Platform, key: Option<String>) -> Result<bool, Fault> {
    match channel_of(platform, key.map(|key| Sha256::digest(key).into())) {
        Ok(channel) => Ok(channel == CHANNEL),
        Err(fault) if fault.status == StatusCode::UNAUTHORIZED => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Whether a reader has a key: without one they see less. Nothing for a key that is none: a client must hear that its key is over, and
/// not take a shorter answer for the whole.
fn keyed(platform: &Platform, call: &Call) -> Result<Option<bool>, Fault> {
    match call.query().remove("api_key").filter(|key| !key.is_empty()) {
        None => Ok(Some(false)),
        key => Ok(is_key(platform, key)?.then_some(true)),
    }
}

fn post_json(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    post(platform, call, Format::Json)
}

fn post_xml(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    post(platform, call, Format::Xml)
}

/// Takes a request. The key comes as `api_key`, in the form or the query.
fn post(platform: &Platform, call: &Call, format: Format) -> Result<Response, Fault> {
    let mut form = call.form()?;
    form.extend(call.query());
    if !is_key(platform, form.remove("api_key"))? {
        return Ok(wrong(StatusCode::FORBIDDEN, &text("api_key_invalid"), format));
    }
    posted(platform, form, format)
}

fn posted(platform: &Platform, form: BTreeMap<String, String>, format: Format) -> Result<Response, Fault> {
    let books = platform.shelf.books(&*platform.store)?;
    if let Some(reply) = elsewhere(&books, &form, format) {
        return Ok(reply);
    }
    // the standard has no number of the client's own, so every post is an order of its own; duplicates are suggested as ever
    let number = random_hex::<12>()?;
    let order = match Posted(form).order(&books, number) {
        Ok(order) => order,
        Err(code) => return Ok(wrong(StatusCode::BAD_REQUEST, &text(code), format)),
    };
    if let Some(rule) = order.broken() {
        return Ok(wrong(StatusCode::BAD_REQUEST, &text(rule), format));
    }
    let taken = take(platform, CHANNEL, &order)?;
    let created = json!({"service_request_id": taken.case_no, "service_notice": null, "account_id": null});
    let document = Document::list("service_requests", "request", vec![created]);
    Ok(answer(StatusCode::CREATED, &document, format))
}
