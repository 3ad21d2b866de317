//! Requests, responses, and the trait between a synchronisation and the network.

use std::collections::BTreeMap;
use std::fmt;

use super::cancel::Cancel;
use crate::model::fault::{Coded, Fault};

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Read the headers.
    Head,
    /// Do.
    Post,
    /// Add to an upload.
    Patch,
    /// Give an upload up.
    Delete,
}

/// A request below the platform's address.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path, beginning with a slash.
    pub path: String,
    /// Headers; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Request {
    /// Without headers and body: they hold the token and residents' data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What came back, whoever sent it.
#[derive(Clone, PartialEq)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body, bounded.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why nothing came back. All of these are worth another try later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection.
    #[error("the platform cannot be reached")]
    Offline,
    /// The connection broke, or the reply did not come in time.
    #[error("no reply in time")]
    Timeout,
    /// The reply broke off.
    #[error("the reply broke off")]
    Cut,
    /// The reply is larger than any of ours.
    #[error("the reply is too large")]
    TooLarge,
    /// The platform's certificate is not trusted; nothing was sent.
    #[error("the certificate is not trusted")]
    TlsUntrusted,
    /// The worker cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The address is not one of the platform's: https, or this machine.
    #[error("the address cannot be used")]
    BadAddress,
}

impl Coded for TransportError {
    fn fault(&self) -> Fault {
        Fault::of(match self {
            Self::Offline => "offline",
            Self::Timeout => "timeout",
            Self::Cut => "reply_cut",
            Self::TooLarge => "reply_too_large",
            Self::TlsUntrusted => "tls_untrusted",
            Self::Cancelled => "cancelled",
            Self::BadAddress => "bad_address",
        })
    }
}

/// Sends a request and waits for the reply, at most until a deadline of its own.
pub trait Transport {
    /// Sends.
    ///
    /// # Errors
    /// [`TransportError`] when no whole reply came back.
    fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError>;

    /// Bytes of bodies that have travelled so far, also of replies that broke off. Without it they are taken for as long as they are
    /// before packing.
    fn travelled(&self) -> Option<Travelled> {
        None
    }
}

/// Bytes of bodies as they travel, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Travelled {
    /// Sent.
    pub up: u64,
    /// Received.
    pub down: u64,
}
