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
use crate::open311::{self, CHANNEL, Document, Filter, Format, Posted};
use crate::store;

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new()
        .route("/open311/v2/{what}", get(run(top)).post(run(post)))
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

fn found(document: Option<Document>, what: &str, format: Format) -> Response {
    match document {
        Some(document) => answer(StatusCode::OK, &document, format),
        None => wrong(StatusCode::NOT_FOUND, &format!("{what} was not found"), format),
    }
}

/// `services` and `requests`.
fn top(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (name, format) = split(&call.id)?;
    let books = platform.shelf.books(&*platform.store)?;
    match name {
        "services" => Ok(answer(StatusCode::OK, &open311::services(&books), format)),
        "requests" => {
            let filter = match Filter::of(&call.query()) {
                Ok(filter) => filter,
                Err(code) => return Ok(wrong(StatusCode::BAD_REQUEST, &text(code), format)),
            };
            let (now, keyed) = (platform.now(), keyed(platform, call)?);
            let listed = store::read(&*platform.store, |tx| open311::list(tx, &books, &filter, keyed, now))?;
            Ok(answer(StatusCode::OK, &listed, format))
        }
        _ => Err(Fault::of(StatusCode::NOT_FOUND, "no_such_route")),
    }
}

/// The definition of a service.
fn service(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (code, format) = split(&call.id)?;
    let books = platform.shelf.books(&*platform.store)?;
    Ok(found(open311::definition(&books, code), "service_code", format))
}

/// One request.
fn request(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (id, format) = split(&call.id)?;
    let books = platform.shelf.books(&*platform.store)?;
    let keyed = keyed(platform, call)?;
    let one = store::read(&*platform.store, |tx| open311::by_id(tx, &books, id, keyed))?;
    Ok(found(one, "service_request_id", format))
}

/// The number of a token.
fn token(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (token, format) = split(&call.id)?;
    let one = store::read(&*platform.store, |tx| open311::token(tx, token))?;
    Ok(found(one, "token", format))
}

/// Whether it is a key of this door. A busy database is no wrong key: the client would drop its report.
fn is_key(platform: &Platform, key: Option<String>) -> Result<bool, Fault> {
    match channel_of(platform, key.map(|key| Sha256::digest(key).into())) {
        Ok(channel) => Ok(channel == CHANNEL),
        Err(fault) if fault.status == StatusCode::UNAUTHORIZED => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn keyed(platform: &Platform, call: &Call) -> Result<bool, Fault> {
    is_key(platform, call.query().remove("api_key"))
}

/// Takes a request. The key comes as `api_key`, in the form or the query.
fn post(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let (name, format) = split(&call.id)?;
    if name != "requests" {
        return Err(Fault::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    }
    let mut form = call.form()?;
    form.extend(call.query());
    if !is_key(platform, form.remove("api_key"))? {
        return Ok(wrong(StatusCode::FORBIDDEN, &text("api_key_invalid"), format));
    }
    posted(platform, form, format)
}

fn posted(platform: &Platform, form: BTreeMap<String, String>, format: Format) -> Result<Response, Fault> {
    let books = platform.shelf.books(&*platform.store)?;
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
