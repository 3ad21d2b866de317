//! A request as its handler gets it, and the thread it runs on: handlers wait for the database and for files, so they stay off
//! the threads that serve connections.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::Shared;
use super::reply::{Fault, parse};
use crate::Platform;

/// A request, its body read.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    /// The part of the path that names something; empty when the route has none.
    pub(super) id: String,
    body: Result<Bytes, BytesRejection>,
}

impl Call {
    /// The body as a message.
    pub(super) fn message<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        parse(&self.body)
    }

    /// The body as it came.
    pub(super) fn bytes(&self) -> Result<&Bytes, Fault> {
        self.body
            .as_ref()
            .map_err(|_| Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large"))
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
        let body = Bytes::from_request(Request::from_parts(parts, body), platform).await;
        Ok(Self { headers, id, body })
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

async fn answer(platform: Arc<Platform>, call: Call, handler: Handler) -> Response {
    if platform.inline {
        return handler(&platform, &call).into_response();
    }
    let task = tokio::task::spawn_blocking(move || handler(&platform, &call).into_response());
    task.await
        .unwrap_or_else(|_| Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "internal").into_response())
}
