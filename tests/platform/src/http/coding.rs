//! Compression on the wire: zstd, and gzip for those that have no zstd. Bounded by what a body may hold when it is unpacked.

use std::io::{Read, Write};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use fushan_grid_core::wire;
use http_body::Body as _;

use super::reply::Fault;

/// Level 3 is where zstd is still cheap.
const LEVEL: i32 = 3;
/// Below this a reply does not get smaller.
const WORTH: u64 = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Zstd,
    Gzip,
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }
}

/// Unpacks a request's body.
pub(super) fn unpacked(headers: &HeaderMap, body: Bytes, most: usize) -> Result<Bytes, Fault> {
    let too_large = || Fault::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
    let malformed = |_| Fault::of(StatusCode::BAD_REQUEST, "malformed");
    let mut out = Vec::new();
    let most_read = most as u64 + 1;
    match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => return Ok(body),
        Some(b"zstd") => {
            let reader = zstd::stream::read::Decoder::new(&*body).map_err(malformed)?;
            reader.take(most_read).read_to_end(&mut out).map_err(malformed)?;
        }
        Some(b"gzip") => {
            let reader = flate2::read::GzDecoder::new(&*body);
            reader.take(most_read).read_to_end(&mut out).map_err(malformed)?;
        }
        Some(_) => return Err(Fault::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_encoding")),
    }
    if out.len() > most {
        Err(too_large())
    } else {
        Ok(out.into())
    }
}

/// The coding a caller would like best, of ours.
fn wished(headers: &HeaderMap) -> Option<Coding> {
    let text = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
    let accepts = |name: &str| {
        text.split(',').any(|part| {
            let mut fields = part.split(';').map(str::trim);
            fields.next() == Some(name) && !fields.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    [Coding::Zstd, Coding::Gzip].into_iter().find(|c| accepts(c.name()))
}

/// Packs a reply of ours when its caller can unpack it, and says that requests may be packed, too.
pub(super) async fn packed(asked: &HeaderMap, reply: Response) -> Response {
    let ours = reply
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|t| t == wire::JSON || t == wire::NDJSON);
    let worth = reply.body().size_hint().exact().is_some_and(|bytes| bytes >= WORTH);
    let (mut head, body) = reply.into_parts();
    if ours {
        head.headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("zstd, gzip"));
    }
    let Some(coding) = wished(asked).filter(|_| ours && worth && !head.headers.contains_key(CONTENT_ENCODING)) else {
        return Response::from_parts(head, body);
    };
    let Ok(plain) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(head, Body::empty());
    };
    let Ok(small) = pack(coding, &plain) else {
        return Response::from_parts(head, Body::from(plain));
    };
    head.headers
        .insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    head.headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(small))
}

fn pack(coding: Coding, plain: &[u8]) -> std::io::Result<Vec<u8>> {
    match coding {
        Coding::Zstd => zstd::bulk::compress(plain, LEVEL),
        Coding::Gzip => {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            writer.write_all(plain)?;
            writer.finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_body_is_unpacked_up_to_its_limit_and_no_further() {
        let plain = vec![b'a'; 1000];
        for coding in [Coding::Zstd, Coding::Gzip] {
            let headers = asking(CONTENT_ENCODING, coding.name());
            let small: Bytes = pack(coding, &plain).unwrap().into();
            assert_eq!(unpacked(&headers, small.clone(), 1000).unwrap(), plain);
            assert!(unpacked(&headers, small, 999).is_err(), "a bomb stops at the limit");
            assert!(unpacked(&headers, Bytes::from_static(b"not packed"), 1000).is_err());
        }
        assert!(unpacked(&asking(CONTENT_ENCODING, "br"), Bytes::new(), 10).is_err());
    }

    #[test]
    fn the_best_coding_that_the_caller_takes_is_used() {
        for (text, expected) in [
            ("gzip, zstd", Some(Coding::Zstd)),
            ("gzip;q=1.0, br", Some(Coding::Gzip)),
            ("zstd;q=0, gzip", Some(Coding::Gzip)),
            ("identity", None),
        ] {
            assert_eq!(wished(&asking(ACCEPT_ENCODING, text)), expected, "{text}");
        }
    }
}
