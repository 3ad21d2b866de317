//! The requests of the protocol, built, sent, and their replies read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use super::session::{Credentials, later_if_ended};
use crate::model::blob::BlobHash;
use crate::platform::reply::{ReplyError, accept, unreadable};
use crate::platform::{Cancel, Method, Request, Response, Transport};
use crate::wire;
use crate::wire::pull::PullLine;

/// Sends requests with this phone's token and counts the bytes.
pub(super) struct Wire<'a> {
    pub(super) transport: &'a dyn Transport,
    pub(super) cancel: &'a Cancel,
    pub(super) credentials: Credentials<'a>,
    /// Bytes of bodies as they travelled.
    pub(super) up: u64,
    pub(super) down: u64,
}

/// Headers of an upload's chunk.
const CHUNK: &str = "application/offset+octet-stream";

impl Wire<'_> {
    /// Posts a JSON message; the reply is accepted, its body not yet read.
    pub(super) fn post(&mut self, path: &str, message: &impl Serialize) -> Result<Response, ReplyError> {
        let body = serde_json::to_vec(message).map_err(|_| unreadable())?;
        self.send(Method::Post, path, vec![("content-type", wire::JSON.to_owned())], body)
    }

    /// Posts a JSON message that needs no bearer token.
    pub(super) fn post_without_credentials(
        &mut self,
        path: &str,
        message: &impl Serialize,
    ) -> Result<Response, ReplyError> {
        let body = serde_json::to_vec(message).map_err(|_| unreadable())?;
        let headers = vec![("content-type", wire::JSON.to_owned())];
        self.exchange(&Request {
            method: Method::Post,
            path: path.to_owned(),
            headers,
            body,
        })
    }

    /// Asks for a resource; the reply is accepted, its body not yet read.
    pub(super) fn get(&mut self, path: &str) -> Result<Response, ReplyError> {
        self.send(Method::Get, path, Vec::new(), Vec::new())
    }

    /// Asks for some bytes of a file.
    pub(super) fn range(&mut self, path: &str, start: u64, bytes: u64) -> Result<Vec<u8>, ReplyError> {
        if !path.starts_with("/v1/") {
            return Err(unreadable());
        }
        let last = start.saturating_add(bytes).saturating_sub(1);
        let headers = vec![("range", format!("bytes={start}-{last}"))];
        let reply = self.send(Method::Get, path, headers, Vec::new())?;
        // a whole file in the place of a part would be taken for it
        let begins = format!("bytes {start}-");
        let fits = reply
            .headers
            .get("content-range")
            .is_some_and(|range| range.starts_with(&begins));
        if reply.status == 206 && fits && reply.body.len() as u64 <= bytes {
            Ok(reply.body)
        } else {
            Err(unreadable())
        }
    }

    /// Opens an upload; gives its path.
    pub(super) fn open_upload(&mut self, hash: BlobHash, bytes: u64, media_type: &str) -> Result<String, ReplyError> {
        let headers = vec![
            ("tus-resumable", "1.0.0".to_owned()),
            ("upload-length", bytes.to_string()),
            ("upload-metadata", format!("media_type {}", BASE64.encode(media_type))),
            ("repr-digest", format!("sha-256=:{}:", BASE64.encode(hash.0))),
        ];
        let reply = self.send(Method::Post, "/v1/uploads", headers, Vec::new())?;
        let location = reply.headers.get("location").ok_or_else(unreadable)?;
        // a path below our own address, never another host
        if location.starts_with("/v1/uploads/") {
            Ok(location.clone())
        } else {
            Err(unreadable())
        }
    }

    /// Asks how far an upload is.
    pub(super) fn offset(&mut self, upload: &str) -> Result<u64, ReplyError> {
        let headers = vec![("tus-resumable", "1.0.0".to_owned())];
        offset_of(&self.send(Method::Head, upload, headers, Vec::new())?)
    }

    /// Sends a chunk; gives the offset after it.
    pub(super) fn chunk(&mut self, upload: &str, offset: u64, bytes: Vec<u8>) -> Result<u64, ReplyError> {
        let headers = vec![
            ("tus-resumable", "1.0.0".to_owned()),
            ("content-type", CHUNK.to_owned()),
            ("upload-offset", offset.to_string()),
        ];
        offset_of(&self.send(Method::Patch, upload, headers, bytes)?)
    }

    fn send(
        &mut self,
        method: Method,
        path: &str,
        mut headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<Response, ReplyError> {
        headers.push(("authorization", format!("Bearer {}", self.credentials.token())));
        let mut request = Request {
            method,
            path: path.to_owned(),
            headers,
            body,
        };
        match self.exchange(&request) {
            Err(error) if self.renewed_after(&error)? => {
                request.headers.pop();
                let token = format!("Bearer {}", self.credentials.token());
                request.headers.push(("authorization", token));
                self.exchange(&request).map_err(later_if_ended)
            }
            other => other,
        }
    }

    fn exchange(&mut self, request: &Request) -> Result<Response, ReplyError> {
        let before = self.transport.travelled();
        let reply = self.transport.send(request, self.cancel);
        let (up, down) = match (before, self.transport.travelled()) {
            (Some(before), Some(after)) => (
                after.up.saturating_sub(before.up),
                after.down.saturating_sub(before.down),
            ),
            _ => (
                request.body.len() as u64,
                reply.as_ref().map_or(0, |r| r.body.len() as u64),
            ),
        };
        self.up += up;
        self.down += down;
        accept(reply?)
    }
}

fn offset_of(reply: &Response) -> Result<u64, ReplyError> {
    reply
        .headers
        .get("upload-offset")
        .and_then(|o| o.parse().ok())
        .ok_or_else(unreadable)
}

/// The lines of a pull's reply.
#[derive(Debug)]
pub(super) enum Lines {
    /// All of them.
    All(Vec<PullLine>),
    /// One must be understood and is not: this phone is too old for it.
    TooNew,
}

/// Reads the lines of a pull's reply. One that was cut, or that holds a line which does not read, gives none at all; lines of a
/// kind that a newer platform has are passed over unless they say that they must be understood.
pub(super) fn lines(body: &[u8]) -> Result<Lines, ReplyError> {
    let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
    let mut lines = Vec::new();
    for line in text.lines() {
        match serde_json::from_str(line) {
            Ok(line) => lines.push(line),
            Err(_) => match foreign(line)? {
                Foreign::MayBePassed => {}
                Foreign::MustBeUnderstood => return Ok(Lines::TooNew),
            },
        }
    }
    if matches!(lines.last(), Some(PullLine::End { .. })) {
        Ok(Lines::All(lines))
    } else {
        Err(unreadable())
    }
}

enum Foreign {
    MayBePassed,
    MustBeUnderstood,
}

/// Kinds of lines this phone knows: one of them that does not read is damaged, not new.
const KNOWN: [&str; 7] = ["scope_set", "put", "leave", "gone", "resync", "scope_done", "end"];

fn foreign(line: &str) -> Result<Foreign, ReplyError> {
    let line: serde_json::Value = serde_json::from_str(line).map_err(|_| unreadable())?;
    let kind = line
        .get("line")
        .and_then(serde_json::Value::as_str)
        .ok_or_else(unreadable)?;
    if KNOWN.contains(&kind) {
        return Err(unreadable());
    }
    let must = line.get("must_understand").and_then(serde_json::Value::as_bool);
    Ok(if must == Some(true) {
        Foreign::MustBeUnderstood
    } else {
        Foreign::MayBePassed
    })
}
