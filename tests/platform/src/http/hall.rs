//! The hall's screen: one page, embedded, and the counts it shows. A key opens it that opens nothing else, and it only looks.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::call::{Call, run};
use super::reply::{Fault, message, token};
use crate::Platform;
use crate::screen;
use crate::store::{self, Door};

/// Nothing from elsewhere, nothing inline, in no other page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Router<std::sync::Arc<Platform>> {
    Router::new()
        .route("/hall", get(async || fixed(screen::PAGE, "text/html; charset=utf-8")))
        .route(
            "/hall/screen.css",
            get(async || fixed(screen::STYLE, "text/css; charset=utf-8")),
        )
        .route(
            "/hall/screen.js",
            get(async || fixed(screen::SCRIPT, "text/javascript; charset=utf-8")),
        )
        .route("/hall/v1/map", get(run(map)))
        .route("/hall/v1/now", get(run(now)))
}

fn fixed(text: &'static str, media: &'static str) -> Response {
    let mut reply = text.into_response();
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    reply
}

fn screen(platform: &Platform, call: &Call) -> Result<(), Fault> {
    let refused = || Fault::of(StatusCode::UNAUTHORIZED, "token_invalid");
    let hash = token(&call.headers).ok_or_else(refused)?;
    let at = platform.now();
    let known = store::glance(&*platform.store, |tx| tx.access_key(&hash, Door::Screen, at))?;
    known.map(|_| platform.limits.recognised(&hash)).ok_or_else(refused)
}

fn map(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    screen(platform, call)?;
    Ok(message(&screen::map(platform)?))
}

fn now(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    screen(platform, call)?;
    Ok(message(&screen::now(platform)?))
}
