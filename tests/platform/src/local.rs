//! The platform in its caller's process, without a socket and under the caller's clock: what the simulation talks to.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use tower::ServiceExt as _;

use crate::{Clock, Config, Faults, Platform, StartError, assemble, http};

/// Why a request got no whole reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocalError {
    /// The request is none: method, path or a header cannot be written down.
    #[error("not a request")]
    Request,
    /// The reply broke off.
    #[error("the reply broke off")]
    Cut,
}

/// What comes with a request.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Method, in capitals.
    pub method: &'a str,
    /// Path with its query.
    pub path: &'a str,
    /// Headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// Body.
    pub body: &'a [u8],
    /// The connection breaks after so many bytes of the body.
    pub cut_at: Option<usize>,
}

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Vec<u8>,
}

/// A platform that does not listen.
#[derive(Clone)]
pub struct Local {
    router: Router,
    faults: Faults,
}

impl Local {
    /// Opens the store and loads the district; [`Config::listen`] is not used.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(config: &Config, clock: Clock) -> Result<Self, StartError> {
        Ok(Self::of(Arc::new(assemble(config, clock, true)?)))
    }

    /// The doors of a platform that stands.
    pub(crate) fn of(platform: Arc<Platform>) -> Self {
        let faults = platform.faults.clone();
        let router = http::router(platform);
        Self { router, faults }
    }

    /// Faults on request.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Answers one request, by the same routes as over a socket.
    ///
    /// # Errors
    /// [`LocalError`].
    pub async fn answer(&self, asked: Asked<'_>) -> Result<Answer, LocalError> {
        let mut request = Request::builder().method(asked.method).uri(asked.path);
        for (name, value) in asked.headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body(&asked)).map_err(|_| LocalError::Request)?;
        let reply = match self.router.clone().oneshot(request).await {
            Ok(reply) => reply,
            Err(never) => match never {},
        };
        let (head, body) = reply.into_parts();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let body = to_bytes(body, usize::MAX).await.map_err(|_| LocalError::Cut)?;
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head
                .headers
                .iter()
                .map(|(n, v)| (n.as_str().to_owned(), text(v)))
                .collect(),
            body: body.to_vec(),
        })
    }
}

/// The body, broken off where the connection breaks.
fn body(asked: &Asked<'_>) -> Body {
    let Some(at) = asked.cut_at else {
        return Body::from(asked.body.to_vec());
    };
    let whole = asked.body.get(..at).unwrap_or(asked.body);
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::from_stream(futures_util::stream::iter([
        Ok(Bytes::copy_from_slice(whole)),
        Err(broken),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fushan_grid_core::model::time::UtcMillis;

    #[test]
    #[allow(clippy::unwrap_used)]
    fn a_platform_without_a_socket_answers_by_its_callers_clock() {
        let dir = tempfile::tempdir().unwrap();
        let district = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/district");
        let config = Config::new(district.into(), dir.path().join("blobs"), "operator");
        let local = Local::open(&config, Arc::new(|| UtcMillis(1_000))).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked = |cut_at| Asked {
            method: "POST",
            path: "/admin/v1/codes",
            headers: &[("authorization", "Bearer operator")],
            body: br#"{"staff": "s_370611001901001"}"#,
            cut_at,
        };
        let answer = runtime.block_on(local.answer(asked(None))).unwrap();
        let reply: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(
            (answer.status, reply.get("expires").and_then(serde_json::Value::as_i64)),
            (200, Some(1_000 + 86_400_000))
        );
        let cut = runtime.block_on(local.answer(asked(Some(5)))).unwrap();
        assert_eq!(cut.status, 413, "a body that breaks off is not taken");
    }
}
