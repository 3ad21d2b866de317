//! The doors: routes, replies in our own shape only, tokens, faults on request.

mod admin;
mod assign;
mod call;
mod evidence;
mod phone;
mod reply;
mod scopes;
mod supervisor;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, patch, post};

use crate::Platform;
use call::run;
use reply::Fault;

/// What every handler gets.
pub(crate) type Shared = State<Arc<Platform>>;

/// All routes.
pub(crate) fn router(platform: Arc<Platform>) -> Router {
    let limit = fushan_grid_core::wire::limits::PUSH_BYTES;
    Router::new()
        .route("/v1/enrol", post(run(phone::enrol)))
        .route("/v1/hello", post(run(phone::hello)))
        .route("/v1/push", post(run(phone::push)))
        .route("/v1/pull", post(run(phone::pull)))
        .route("/v1/blobs/probe", post(run(uploads::probe)))
        .route("/v1/blobs/{hash}", get(run(uploads::download)))
        .route("/v1/uploads", post(run(uploads::create)))
        .route("/v1/uploads/{id}", patch(run(uploads::add)).head(run(uploads::offset)))
        .route("/v1/evidence", post(run(evidence::entries)))
        .route("/v1/evidence/receipts", post(run(evidence::receipts)))
        .route("/v1/evidence/checkpoint", post(run(evidence::checkpoint)))
        .route(
            "/admin/v1/flags",
            get(run(supervisor::flags)).post(run(supervisor::decide)),
        )
        .route("/admin/v1/flags/{which}", get(run(supervisor::flags)))
        .route("/admin/v1/chains", get(run(supervisor::chains)))
        .route("/admin/v1/keys/revoke", post(run(supervisor::revoke)))
        .route("/admin/v1/stamp", post(run(supervisor::stamp)))
        .route("/admin/v1/codes", post(run(admin::code)))
        .route("/admin/v1/act", post(run(admin::act)))
        .route("/admin/v1/records/{id}", get(run(admin::record)))
        .route("/admin/v1/scopes/{scope}", get(run(admin::scope)))
        .route("/admin/v1/ledger", get(run(admin::ledger)))
        .merge(scopes::routes())
        .merge(assign::routes())
        .route("/healthz", get(admin::health))
        .fallback(async || Fault::of(StatusCode::NOT_FOUND, "no_such_route"))
        .method_not_allowed_fallback(async || Fault::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"))
        .layer(DefaultBodyLimit::max(limit))
        .layer(from_fn_with_state(Arc::clone(&platform), misbehave))
        .with_state(platform)
}

/// Answers as a portal or a crowded platform would, when that was asked for; and logs what was asked, without content.
async fn misbehave(State(platform): Shared, request: Request, next: Next) -> Response {
    let phones = request.uri().path().starts_with("/v1/");
    if phones && platform.faults.take_portal() {
        return Html("<html><body>Welcome! Please log in to the guest network.</body></html>").into_response();
    }
    if phones && platform.faults.take_busy() {
        let mut reply = Fault::of(StatusCode::TOO_MANY_REQUESTS, "rate_limited").into_response();
        reply
            .headers_mut()
            .insert("retry-after", axum::http::HeaderValue::from_static("7"));
        return reply;
    }
    let method = request.method().clone();
    let route = request.uri().path().split('/').take(3).collect::<Vec<_>>().join("/");
    let reply = next.run(request).await;
    tracing::info!(%method, route, status = reply.status().as_u16(), "request");
    reply
}
