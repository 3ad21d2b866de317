//! Asks an authority for a time-stamp.

use std::path::PathBuf;
use std::time::Duration;

use der::asn1::{Int, OctetString};
use der::oid::db::rfc5912::ID_SHA_256;
use der::{Any, Encode};
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Transport};
use sha2::{Digest, Sha256};
use spki::AlgorithmIdentifier;
use x509_tsp::{MessageImprint, TimeStampReq, TspVersion};

use super::StampError;
use super::token;

/// A time-stamping authority.
#[derive(Debug, Clone)]
pub struct Authority {
    /// Its address: https, or http on this machine.
    pub url: String,
    /// File of the certificates that are trusted, PEM: for its time-stamps and for its https address.
    pub certificates: PathBuf,
}

/// Longest wait for a reply.
const WAIT: Duration = Duration::from_secs(20);
/// Most bytes of a reply.
const REPLY_BYTES: usize = 64 * 1024;

/// Gets a time-stamp over `data` and believes it only when it verifies. Blocks; gives the reply as it came.
///
/// # Errors
/// [`StampError`].
pub fn ask(authority: &Authority, data: &[u8], nonce: [u8; 8]) -> Result<Vec<u8>, StampError> {
    let trusted = std::fs::read(&authority.certificates).map_err(|_| StampError::Untrusted)?;
    let config = HttpConfig {
        ca_pem: Some(trusted.clone()),
        request_timeout: WAIT,
        ..HttpConfig::default()
    };
    let unreachable = |_| StampError::Unreachable;
    let transport = HttpTransport::new(&authority.url, config).map_err(unreachable)?;
    let nonce = Int::new(&[[1].as_slice(), &nonce].concat()).map_err(|_| StampError::Malformed)?;
    let request = Request {
        method: Method::Post,
        path: path_of(&authority.url).to_owned(),
        headers: vec![
            ("content-type", "application/timestamp-query".to_owned()),
            ("accept", "application/timestamp-reply".to_owned()),
        ],
        body: request_for(data, &nonce)?,
    };
    let reply = transport
        .send(&request, &Cancel::new())
        .map_err(|_| StampError::Unreachable)?;
    if reply.status != 200 || reply.body.len() > REPLY_BYTES {
        return Err(StampError::Unreachable);
    }
    token::verify_answer(&reply.body, data, &trusted, Some(&nonce))?;
    Ok(reply.body)
}

/// The path of an address, at least a slash.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    match after_scheme.find('/') {
        Some(at) => after_scheme.get(at..).unwrap_or("/"),
        None => "/",
    }
}

fn request_for(data: &[u8], nonce: &Int) -> Result<Vec<u8>, StampError> {
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint {
            hash_algorithm: AlgorithmIdentifier {
                oid: ID_SHA_256,
                parameters: Some(Any::null()),
            },
            hashed_message: OctetString::new(Sha256::digest(data).to_vec()).map_err(|_| StampError::Malformed)?,
        },
        req_policy: None,
        nonce: Some(nonce.clone()),
        cert_req: true,
        extensions: None,
    };
    request.to_der().map_err(|_| StampError::Malformed)
}
