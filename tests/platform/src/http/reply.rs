//! Replies in the platform's own shape, whatever happens.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fushan_grid_core::model::fault::Fault as Rule;
use fushan_grid_core::wire;
use fushan_grid_core::wire::fault::{FaultBody, FaultReply};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::blobs::BlobError;
use crate::store::StoreError;

/// An error reply.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(super) status: StatusCode,
    body: FaultBody,
    /// Bytes held, for an upload that is asked at another offset.
    offset: Option<u64>,
    /// Which rule, in words for whoever maintains a pack; nothing personal is in it.
    detail: Option<String>,
    /// The engine's own error, for the arguments of its text.
    rule: Option<Box<Rule>>,
}

impl Fault {
    pub(crate) fn of(status: StatusCode, code: &str) -> Self {
        Self {
            status,
            body: FaultBody {
                code: code.to_owned(),
                retry_after: None,
                expected_n: None,
            },
            offset: None,
            detail: None,
            rule: None,
        }
    }

    /// A rule of the engine, with the arguments of its text.
    pub(crate) fn rule(status: StatusCode, rule: &Rule) -> Self {
        Self {
            rule: (!rule.args.is_empty()).then(|| Box::new(rule.clone())),
            ..Self::of(status, rule.code)
        }
    }

    /// With the rule that was broken, in words.
    pub(crate) fn saying(mut self, rule: &impl std::fmt::Display) -> Self {
        self.detail = Some(rule.to_string());
        self
    }

    pub(crate) fn held(code: &str, expected_n: Option<u64>) -> Self {
        let mut fault = Self::of(StatusCode::CONFLICT, code);
        fault.body.expected_n = expected_n;
        fault
    }

    /// With the seconds to wait before another try.
    pub(crate) fn after(mut self, seconds: u64) -> Self {
        self.body.retry_after = Some(seconds);
        self
    }

    pub(crate) fn at_offset(offset: u64) -> Self {
        Self {
            offset: Some(offset),
            ..Self::of(StatusCode::CONFLICT, "offset_mismatch")
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let wait = self.body.retry_after;
        let body = match (&self.detail, &self.rule) {
            (None, None) => message(&FaultReply { error: self.body }),
            (None, Some(rule)) => message(&json!({"error": {"code": rule.code, "args": rule.args}})),
            (Some(detail), _) => message(&json!({"error": {"code": self.body.code, "detail": detail}})),
        };
        let mut reply = (self.status, body).into_response();
        if let Some(seconds) = wait {
            reply.headers_mut().insert("retry-after", HeaderValue::from(seconds));
        }
        if let Some(offset) = self.offset {
            reply.headers_mut().insert("upload-offset", HeaderValue::from(offset));
        }
        reply
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Text) {
            return Self::of(StatusCode::BAD_REQUEST, "malformed");
        }
        tracing::error!(%error, "store");
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "busy")
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(kind = %error.kind(), "file");
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "storage")
    }
}

impl From<BlobError> for Fault {
    fn from(error: BlobError) -> Self {
        tracing::error!(%error, "blobs");
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "storage")
    }
}

/// A JSON message with our media type.
pub(crate) fn message(value: &impl Serialize) -> Response {
    let mut reply = Json(value).into_response();
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(wire::JSON));
    reply
}

/// Reads a JSON message; nesting deeper than our records have is refused by the parser.
pub(crate) fn parse<T: DeserializeOwned>(
    body: &Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<T, Fault> {
    let Ok(body) = body else {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    };
    if is_deep(body) {
        return Err(Fault::of(StatusCode::BAD_REQUEST, "too_deep"));
    }
    serde_json::from_slice(body).map_err(|_| Fault::of(StatusCode::BAD_REQUEST, "malformed"))
}

/// A record's nesting, and that of the message around it.
const DEPTH: usize = wire::limits::BODY_DEPTH + 8;

/// Whether brackets nest deeper than any message of ours. Brackets in texts do not count.
fn is_deep(body: &[u8]) -> bool {
    let (mut depth, mut text, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' | b'[' if !text => depth += 1,
            b'}' | b']' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return true;
        }
    }
    false
}

/// The digest of the bearer token, as it is stored.
pub(crate) fn token(headers: &HeaderMap) -> Option<[u8; 32]> {
    Some(Sha256::digest(bearer(headers)?).into())
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// A reply that breaks off: headers, then a broken connection.
pub(crate) fn broken() -> Response {
    let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::from(
        std::io::ErrorKind::ConnectionReset,
    ))]);
    let mut reply = Response::new(Body::from_stream(broken));
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(wire::JSON));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_outside_of_texts() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(!is_deep(nested(DEPTH).as_bytes()));
        assert!(is_deep(nested(DEPTH + 1).as_bytes()));
        let text = format!(r#"{{"a": "\"{}"}}"#, "[".repeat(1000));
        assert!(!is_deep(text.as_bytes()));
        assert!(!is_deep("[],".repeat(1000).as_bytes()));
    }
}
