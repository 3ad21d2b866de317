//! What a reply means: the platform's word, or something that merely answered (protocol, section Replies).

use serde::de::DeserializeOwned;

use super::retry_after::wait_ms;
use super::transport::{Response, TransportError};
use crate::model::fault::{Coded, Fault};
use crate::planted::{Bug, planted};
use crate::wire;
use crate::wire::fault::FaultReply;

/// A reply that is not the wished one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Worth another try later; nothing is lost and nothing is refused.
    #[error("retry later: {code}")]
    Retryable {
        /// Stable code.
        code: &'static str,
        /// Wait that the reply asked for, in milliseconds.
        after_ms: Option<u64>,
    },
    /// The phone's count or offset is off; repaired at once from the reply.
    #[error("out of sequence")]
    Sequence {
        /// The platform's code.
        code: String,
        /// Number the next push must start with.
        expected_n: Option<u64>,
        /// Bytes the platform holds of an upload.
        offset: Option<u64>,
    },
    /// The platform does not accept the credentials.
    #[error("credentials not accepted")]
    Auth {
        /// The platform's code.
        code: String,
    },
    /// The platform refuses this request for good.
    #[error("refused")]
    Refused {
        /// The platform's code.
        code: String,
    },
    /// Cancelled by the worker.
    #[error("cancelled")]
    Cancelled,
}

impl Coded for ReplyError {
    fn fault(&self) -> Fault {
        match self {
            Self::Retryable { code, .. } => Fault::of(code),
            Self::Sequence { .. } => Fault::of("out_of_sequence"),
            Self::Auth { code } if code == "code_invalid" => Fault::of("code_invalid"),
            Self::Auth { code } => Fault::of("credentials").with("platform", code),
            Self::Refused { code } => Fault::of("refused").with("platform", code),
            Self::Cancelled => Fault::of("cancelled"),
        }
    }
}

impl From<TransportError> for ReplyError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Cancelled => Self::Cancelled,
            other => Self::Retryable {
                code: other.fault().code,
                after_ms: None,
            },
        }
    }
}

/// The platform's reply, or why it is none: a reply without our media type comes from a captive portal or a proxy.
///
/// # Errors
/// [`ReplyError`].
pub fn accept(response: Response) -> Result<Response, ReplyError> {
    let media = response
        .headers
        .get("content-type")
        .map(String::as_str)
        .unwrap_or_default();
    let ours = [wire::JSON, wire::NDJSON, wire::ZSTD, wire::BYTES].contains(&media)
        || response.headers.contains_key("tus-resumable");
    let asked = response.headers.get("retry-after").map(String::as_str);
    let after_ms = wait_ms(asked, response.headers.get("date").map(String::as_str));
    match response.status {
        429 => Err(ReplyError::Retryable {
            code: "rate_limited",
            after_ms,
        }),
        408 | 423 | 425 | 502..=504 => Err(ReplyError::Retryable { code: "busy", after_ms }),
        500..=599 => Err(ReplyError::Retryable {
            code: "server_error",
            after_ms,
        }),
        200..=299 if ours => Ok(response),
        _ if ours => Err(refusal(&response)),
        _ => Err(ReplyError::Retryable {
            code: "captive_portal",
            after_ms,
        }),
    }
}

/// The JSON of an accepted reply.
///
/// # Errors
/// [`ReplyError`]; a reply that does not read is worth another try.
pub fn json<T: DeserializeOwned>(response: Response) -> Result<T, ReplyError> {
    let response = accept(response)?;
    serde_json::from_slice(&response.body).map_err(|_| unreadable())
}

/// A reply of ours that does not read as what it should be.
#[must_use]
pub fn unreadable() -> ReplyError {
    ReplyError::Retryable {
        code: "unreadable",
        after_ms: None,
    }
}

fn refusal(response: &Response) -> ReplyError {
    let offset = response.headers.get("upload-offset").and_then(|o| o.parse().ok());
    let fault = serde_json::from_slice::<FaultReply>(&response.body).map(|f| f.error);
    match (response.status, fault) {
        (409, Ok(fault)) if planted(Bug::ConflictPermanent) => ReplyError::Refused { code: fault.code },
        (409, fault) => {
            let (code, expected_n) = fault.map_or((String::new(), None), |f| (f.code, f.expected_n));
            ReplyError::Sequence {
                code,
                expected_n,
                offset,
            }
        }
        (401 | 403, Ok(fault)) => ReplyError::Auth { code: fault.code },
        (404 | 410, _) => ReplyError::Refused {
            code: "gone".to_owned(),
        },
        (_, Ok(fault)) => ReplyError::Refused { code: fault.code },
        _ => unreadable(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, media: &str, body: &str) -> Response {
        let headers = [("content-type".to_owned(), media.to_owned())].into();
        Response {
            status,
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_page_of_a_captive_portal_is_retried_and_never_believed() {
        for status in [200, 204, 302, 401, 403, 404, 409, 511] {
            let result = accept(reply(status, "text/html", "<html>log in</html>"));
            assert!(
                matches!(result, Err(ReplyError::Retryable { .. })),
                "{status}: {result:?}"
            );
        }
    }

    #[test]
    fn only_our_own_shape_can_refuse_or_log_out() {
        let fault = r#"{"error":{"code":"device_revoked"}}"#;
        assert_eq!(
            accept(reply(401, wire::JSON, fault)),
            Err(ReplyError::Auth {
                code: "device_revoked".into()
            })
        );
        assert_eq!(
            accept(reply(422, wire::JSON, fault)),
            Err(ReplyError::Refused {
                code: "device_revoked".into()
            })
        );
        assert_eq!(accept(reply(403, wire::JSON, "nonsense")), Err(unreadable()));
    }

    #[test]
    fn a_gap_tells_where_to_start_again() {
        let held = r#"{"error":{"code":"held","expected_n":7}}"#;
        let result = accept(reply(409, wire::JSON, held));
        assert_eq!(
            result,
            Err(ReplyError::Sequence {
                code: "held".into(),
                expected_n: Some(7),
                offset: None
            })
        );
    }

    #[test]
    fn malformed_json_under_our_media_type_is_retried() {
        assert_eq!(
            json::<FaultReply>(reply(200, wire::JSON, "{\"error\":")),
            Err(unreadable())
        );
    }
}
