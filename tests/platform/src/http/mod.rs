//! The doors: routes, replies in our own shape only, tokens, faults on request.

mod admin;
mod assign;
mod call;
mod chance;
mod channels;
mod coding;
#[cfg(feature = "c2pa")]
mod credentials;
mod dispatching;
mod evidence;
mod forms;
mod hall;
mod limits;
mod mobilise;
mod open311;
mod operators;
mod organisation;
mod paging;
mod phone;
mod photos;
mod pull;
mod reply;
mod reports;
mod scopes;
mod sessions;
mod supervisor;
mod tus;
mod uploads;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::serve::IncomingStream;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::Platform;
use crate::tls::TlsListener;
use call::{run, tus_run};

pub(crate) use limits::Limits;
pub(crate) use reply::Fault;
pub(crate) use uploads::sweep;

/// What every handler gets.
pub(crate) type Shared = State<Arc<Platform>>;

/// All routes.
pub(crate) fn router(platform: Arc<Platform>) -> Router {
    let limit = fushan_grid_core::wire::limits::PUSH_BYTES;
    with_credentials(Router::new())
        .route("/v1/enrol", post(run(sessions::enrol)))
        .route("/v1/refresh", post(run(sessions::refresh)))
        .route("/v1/hello", post(run(phone::hello)))
        .route("/v1/push", post(run(phone::push)))
        .route("/v1/pull", post(pull::pull))
        .route("/v1/blobs/probe", post(run(photos::probe)))
        .route("/v1/blobs/{hash}", get(run(photos::download)))
        .route("/v1/uploads", post(uploads::create).options(uploads::offer))
        .route(
            "/v1/uploads/{id}",
            patch(uploads::add)
                .post(uploads::instead)
                .head(tus_run(uploads::offset))
                .delete(tus_run(uploads::terminate))
                .options(uploads::offer),
        )
        .route("/v1/evidence", post(run(evidence::entries)))
        .route("/v1/evidence/receipts", post(run(evidence::receipts)))
        .route("/v1/evidence/checkpoint", post(run(evidence::checkpoint)))
        .route(
            "/admin/v1/flags",
            get(run(supervisor::flags)).post(run(supervisor::decide)),
        )
        .route("/admin/v1/flags/{which}", get(run(supervisor::flags)))
        .route("/admin/v1/conflicts", get(run(supervisor::conflicts)))
        .route("/admin/v1/chains", get(run(supervisor::chains)))
        .route("/admin/v1/log/{index}", get(run(supervisor::leaf)))
        .route("/admin/v1/keys/revoke", post(run(supervisor::revoke)))
        .route("/admin/v1/stamp", post(run(supervisor::stamp)))
        .route("/admin/v1/codes", post(run(admin::code)))
        .route("/admin/v1/act", post(run(admin::act)))
        .route("/admin/v1/records/{id}", get(run(admin::record)))
        .route("/admin/v1/history/{id}", get(run(admin::history)))
        .route("/admin/v1/scopes/{scope}", get(run(admin::scope)))
        .route("/admin/v1/ledger", get(run(admin::ledger)))
        .route("/admin/v1/devices", get(run(operators::devices)))
        .route("/admin/v1/devices/{id}/revoke", post(run(operators::revoke)))
        .route("/metrics", get(run(operators::metrics)))
        .route("/openapi.json", get(document))
        .route("/health", get(run(operators::health)))
        .merge(scopes::routes())
        .merge(assign::routes())
        .merge(forms::routes())
        .merge(channels::routes())
        .merge(dispatching::routes())
        .merge(reports::routes())
        .merge(hall::routes())
        .merge(organisation::routes())
        .merge(mobilise::routes())
        .merge(open311::routes())
        .route("/healthz", get(run(operators::health)))
        .fallback(async || Fault::of(StatusCode::NOT_FOUND, "no_such_route"))
        .method_not_allowed_fallback(async || Fault::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"))
        .layer(DefaultBodyLimit::max(limit))
        .layer(from_fn_with_state(Arc::clone(&platform), around))
        .with_state(platform)
}

#[cfg(feature = "c2pa")]
fn with_credentials(routes: Router<Arc<Platform>>) -> Router<Arc<Platform>> {
    routes.route("/admin/v1/photos/c2pa", post(run(credentials::copy)))
}

#[cfg(not(feature = "c2pa"))]
fn with_credentials(routes: Router<Arc<Platform>>) -> Router<Arc<Platform>> {
    routes
}

/// The wire as an OpenAPI document.
async fn document() -> Response {
    Json(crate::openapi::document()).into_response()
}

/// Longest time to answer a request, with a chunk or a long poll in it.
const ANSWER: Duration = Duration::from_secs(120);

/// Answers as a portal or a crowded platform would, when that was asked for; keeps the limits; packs; counts and logs what was
/// asked, without content.
async fn around(State(platform): Shared, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", |r| name_of(r.as_str()));
    let method = request.method().clone();
    let headers = request.headers().clone();
    let (token, address) = (reply::token(&headers), address(&request));
    let refused = before(&platform, &request, token.as_ref(), address);
    let looked_at = refused.is_none();
    let reply = match refused {
        Some(reply) => reply,
        None if platform.inline => next.run(request).await,
        None => match timeout(ANSWER, next.run(request)).await {
            Ok(reply) => reply,
            Err(_) => Fault::of(StatusCode::REQUEST_TIMEOUT, "timeout").into_response(),
        },
    };
    if looked_at {
        platform.limits.after(token.as_ref(), address);
    }
    let status = reply.status().as_u16();
    platform.metrics.request(route, status, begun.elapsed().as_secs_f64());
    tracing::info!(%method, route, status, "request");
    coding::packed(&headers, reply).await
}

/// What keeps a request from being looked at.
fn before(
    platform: &Platform,
    request: &Request,
    token: Option<&[u8; 32]>,
    address: Option<IpAddr>,
) -> Option<Response> {
    let phones = request.uri().path().starts_with("/v1/");
    if phones && platform.faults.take_portal() {
        return Some(Html("<html><body>Welcome! Please log in to the guest network.</body></html>").into_response());
    }
    if phones && platform.faults.take_busy() {
        let busy = Fault::of(StatusCode::TOO_MANY_REQUESTS, "rate_limited").after(7);
        return Some(busy.into_response());
    }
    let counted = platform.limits.before(token, address);
    counted.err().map(IntoResponse::into_response)
}

fn address(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<Peer>>().map(|c| c.0.0.ip())
}

/// Names of routes, so that a path never becomes a label.
const ROUTES: &[&str] = &[
    "/v1/enrol",
    "/v1/refresh",
    "/v1/hello",
    "/v1/push",
    "/v1/pull",
    "/v1/blobs/probe",
    "/v1/blobs/{hash}",
    "/v1/uploads",
    "/v1/uploads/{id}",
    "/v1/snapshot/{scope}",
    "/v1/snapshots/{file}",
    "/v1/digest/{scope}",
    "/v1/fetch",
    "/v1/purged",
    "/v1/handover",
    "/v1/lease",
    "/v1/evidence",
    "/channels/v1/orders",
    "/hall",
    "/hall/v1/map",
    "/hall/v1/now",
    "/metrics",
    "/health",
    "/openapi.json",
];

fn name_of(route: &str) -> &'static str {
    let named = ROUTES.iter().find(|name| **name == route);
    named.copied().unwrap_or(if route.starts_with("/admin/") {
        "/admin"
    } else {
        "other"
    })
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}
