//! The operators' view: figures, health, phones; and the withdrawal of a phone's credentials.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::wire::PROTOCOL;
use serde_json::json;

use super::admin::operator;
use super::call::Call;
use super::reply::{Fault, message};
use crate::Platform;
use crate::store;

/// Media type of Prometheus' text.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Figures in Prometheus' text form.
pub(super) fn metrics(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let mut reply = platform.metrics.text(platform)?.into_response();
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(TEXT));
    Ok(reply)
}

/// Whether the platform and its database answer.
pub(super) fn health(platform: &Platform, _: &Call) -> Result<Response, Fault> {
    store::glance(&*platform.store, |tx| tx.heads(&[]))?;
    Ok(message(&json!({
        "ok": true, "store": platform.store.name(), "protocol": PROTOCOL, "version": env!("CARGO_PKG_VERSION")
    })))
}

/// All phones: last contact, what they are behind, what they say is waiting.
pub(super) fn devices(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let seen = store::read(&*platform.store, |tx| tx.seen())?;
    let told: Vec<_> = seen
        .into_iter()
        .map(|s| {
            json!({
                "device": s.id, "staff": s.staff, "app": s.app, "contact": s.contact, "revoked": s.revoked,
                "lag": s.lag, "report": s.report
            })
        })
        .collect();
    Ok(message(&told))
}

/// Withdraws a phone's credentials.
pub(super) fn revoke(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    operator(platform, &call.headers)?;
    let missing = || Fault::of(StatusCode::NOT_FOUND, "not_found");
    let device: DeviceId = call.id.parse().map_err(|_| missing())?;
    match store::write(&*platform.store, |tx| tx.revoke(device))? {
        0 => Err(missing()),
        _ => Ok(message(&json!({"revoked": device}))),
    }
}
