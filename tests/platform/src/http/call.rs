//! A request as its handler gets it, and the thread it runs on: handlers wait for the database and for files, so they stay off
//! the threads that serve connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use fushan_grid_core::wire::limits;
use serde::de::DeserializeOwned;

use super::Shared;
use super::coding::unpacked;
use super::reply::{Fault, parse};
use super::tus;
use crate::Platform;

/// A request, its body read.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    /// The part of the path that names something; empty when the route has none.
    pub(super) id: String,
    query: String,
    body: Result<Bytes, BytesRejection>,
}

impl Call {
    /// The body as a message.
    pub(super) fn message<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        parse(&self.body)
    }

    /// The query, by name; the last of a name counts.
    pub(super) fn query(&self) -> BTreeMap<String, String> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// The body as a form, by name.
    pub(super) fn form(&self) -> Result<BTreeMap<String, String>, Fault> {
        let too_large = || Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
        let body = self.body.as_ref().map_err(|_| too_large())?;
        Ok(form_urlencoded::parse(body).into_owned().collect())
    }
}

impl FromRequest<Arc<Platform>> for Call {
    type Rejection = Fault;

    async fn from_request(request: Request, platform: &Arc<Platform>) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let id = match <Path<String> as axum::extract::FromRequestParts<_>>::from_request_parts(&mut parts, platform)
            .await
        {
            Ok(Path(id)) => id,
            Err(_) => String::new(),
        };
        let headers = parts.headers.clone();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let body = match Bytes::from_request(Request::from_parts(parts, body), platform).await {
            Ok(body) => Ok(unpacked(&headers, body, limits::PUSH_BYTES)?),
            Err(rejected) => Err(rejected),
        };
        Ok(Self {
            headers,
            id,
            query,
            body,
        })
    }
}

/// What answers a call.
pub(super) type Handler = fn(&Platform, &Call) -> Result<Response, Fault>;

/// A route's handler, run where it may wait.
pub(super) fn run(
    handler: Handler,
) -> impl Fn(Shared, Call) -> std::pin::Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static {
    move |State(platform), call| Box::pin(async move { answer(platform, call, handler).await })
}

/// The same for a route of uploads, whose replies tell the version of tus.
pub(super) fn tus_run(
    handler: Handler,
) -> impl Fn(Shared, Call) -> std::pin::Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static {
    move |State(platform), call| {
        Box::pin(async move { tus::told(blocking(&platform, move |platform| handler(platform, &call)).await) })
    }
}

async fn answer(platform: Arc<Platform>, call: Call, handler: Handler) -> Response {
    let answered = blocking(&platform, move |platform| handler(platform, &call)).await;
    answered.into_response()
}

/// Does what waits for a database or a file where it may wait.
pub(super) async fn blocking<T: Send + 'static>(
    platform: &Arc<Platform>,
    f: impl FnOnce(&Platform) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    if platform.inline {
        return f(platform);
    }
    let platform = Arc::clone(platform);
    let task = tokio::task::spawn_blocking(move || f(&platform));
    task.await
        .unwrap_or_else(|_| Err(Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "internal")))
}
