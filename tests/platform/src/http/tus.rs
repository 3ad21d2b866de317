//! The headers of tus 1.0 and of its extensions.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::limits;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::reply::Fault;
use crate::store::Upload;

/// The version spoken.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// Media type of a chunk.
const CHUNK: &str = "application/offset+octet-stream";
/// Status of a chunk whose checksum is another (tus, checksum extension).
const CHECKSUM_MISMATCH: u16 = 460;

/// Every reply below `/v1/uploads` tells the version.
pub(super) fn told(result: Result<Response, Fault>) -> Response {
    let mut reply = result.into_response();
    reply.headers_mut().insert("tus-resumable", VERSION);
    if reply.status() == StatusCode::PRECONDITION_FAILED {
        reply.headers_mut().insert("tus-version", VERSION);
    }
    reply
}

/// What the platform offers, for whoever asks.
pub(super) fn offer() -> Response {
    let mut reply = StatusCode::NO_CONTENT.into_response();
    let headers = reply.headers_mut();
    headers.insert("tus-resumable", VERSION);
    headers.insert("tus-version", VERSION);
    headers.insert("tus-max-size", HeaderValue::from(limits::BLOB_BYTES));
    headers.insert(
        "tus-extension",
        HeaderValue::from_static("creation,creation-with-upload,checksum,termination,expiration"),
    );
    headers.insert("tus-checksum-algorithm", HeaderValue::from_static("sha1,sha256"));
    reply
}

/// A reply about an upload.
pub(super) fn state(status: StatusCode, upload: &Upload) -> Response {
    let mut reply = status.into_response();
    let headers = reply.headers_mut();
    headers.insert("upload-offset", HeaderValue::from(upload.held));
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    if let Some(expires) = http_date(upload.expires) {
        headers.insert("upload-expires", expires);
    }
    reply
}

fn http_date(at: UtcMillis) -> Option<HeaderValue> {
    let at = chrono::DateTime::from_timestamp_millis(at.0)?;
    HeaderValue::from_str(&at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
}

/// Another version than ours is refused before anything else is looked at.
pub(super) fn version(headers: &HeaderMap) -> Result<(), Fault> {
    match headers.get("tus-resumable") {
        Some(version) if version == VERSION => Ok(()),
        _ => Err(Fault::of(StatusCode::PRECONDITION_FAILED, "tus_version")),
    }
}

/// Whether the body is a chunk.
pub(super) fn has_chunk(headers: &HeaderMap) -> bool {
    headers.get("content-type").is_some_and(|t| t == CHUNK)
}

pub(super) fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// `Upload-Length` and `Repr-Digest` of a new upload. `Upload-Metadata` must have its form; nothing in it is believed.
pub(super) fn announced(headers: &HeaderMap) -> Result<(BlobHash, u64), Fault> {
    let bad = |code| Fault::of(StatusCode::BAD_REQUEST, code);
    let bytes = number(headers, "upload-length").ok_or_else(|| bad("upload_length_missing"))?;
    if bytes == 0 || bytes > limits::BLOB_BYTES {
        return Err(Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    }
    let hash = repr_digest(headers).ok_or_else(|| bad("digest_missing"))?;
    let metadata = headers.get("upload-metadata").map(HeaderValue::to_str);
    match metadata {
        None => Ok((hash, bytes)),
        Some(Ok(text)) if is_metadata(text) => Ok((hash, bytes)),
        Some(_) => Err(bad("metadata_malformed")),
    }
}

/// `sha-256=:BASE64:` of RFC 9530.
fn repr_digest(headers: &HeaderMap) -> Option<BlobHash> {
    let text = headers.get("repr-digest")?.to_str().ok()?;
    let encoded = text.strip_prefix("sha-256=:")?.strip_suffix(':')?;
    Some(BlobHash(BASE64.decode(encoded).ok()?.try_into().ok()?))
}

fn is_metadata(text: &str) -> bool {
    text.is_empty()
        || text.split(',').all(|pair| {
            let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
            !key.is_empty() && key.is_ascii() && BASE64.decode(value).is_ok()
        })
}

/// The checksum a chunk shall have, computed as its bytes come.
pub(super) enum Checksum {
    Sha1(Sha1, Vec<u8>),
    Sha256(Sha256, Vec<u8>),
}

impl Checksum {
    /// `Upload-Checksum: algorithm BASE64`, when there is one.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, Fault> {
        let Some(value) = headers.get("upload-checksum") else {
            return Ok(None);
        };
        let bad = || Fault::of(StatusCode::BAD_REQUEST, "checksum_unknown");
        let (name, encoded) = value.to_str().ok().and_then(|v| v.split_once(' ')).ok_or_else(bad)?;
        let wanted = BASE64.decode(encoded.trim()).map_err(|_| bad())?;
        match name {
            "sha1" => Ok(Some(Self::Sha1(Sha1::new(), wanted))),
            "sha256" => Ok(Some(Self::Sha256(Sha256::new(), wanted))),
            _ => Err(bad()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(digest, _) => digest.update(bytes),
            Self::Sha256(digest, _) => digest.update(bytes),
        }
    }

    pub(super) fn check(self) -> Result<(), Fault> {
        let fits = match self {
            Self::Sha1(digest, wanted) => digest.finalize().as_slice() == wanted,
            Self::Sha256(digest, wanted) => digest.finalize().as_slice() == wanted,
        };
        let mismatch = StatusCode::from_u16(CHECKSUM_MISMATCH).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
        if fits {
            Ok(())
        } else {
            Err(Fault::of(mismatch, "checksum_mismatch"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_has_keys_and_base64_values() {
        for good in ["", "media_type aW1hZ2UvanBlZw==", "a YQ==,b", "flag", "a YQ==, b Yg=="] {
            assert!(is_metadata(good), "{good}");
        }
        for bad in [",", "a !", "a YQ==,,b YQ==", " x YQ==, ", "ключ YQ=="] {
            assert!(!is_metadata(bad), "{bad}");
        }
    }

    #[test]
    fn a_date_is_written_as_http_wants_it() {
        assert_eq!(
            http_date(UtcMillis(784_111_777_000)).unwrap(),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
    }
}
