//! A server of bare bytes that misbehaves as a test wants.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Response, Transport, TransportError};
use crate::wire;

pub(super) type Conduct = Box<dyn FnOnce(&mut TcpStream) + Send>;

/// Gives each connection its own conduct, one after another; what was asked is kept.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    thread: JoinHandle<Vec<Vec<u8>>>,
}

impl Server {
    pub(super) fn start(conducts: Vec<Conduct>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let mut asked = Vec::new();
            for conduct in conducts {
                let (mut stream, _) = listener.accept().unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                asked.push(request_of(&mut stream));
                conduct(&mut stream);
            }
            asked
        });
        Self { address, thread }
    }

    /// Answers one connection with these bytes and closes it.
    pub(super) fn saying(bytes: Vec<u8>) -> Self {
        Self::start(vec![say(bytes)])
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked, once every connection is served.
    pub(super) fn asked(self) -> Vec<Vec<u8>> {
        self.thread.join().unwrap()
    }
}

pub(super) fn say(bytes: Vec<u8>) -> Conduct {
    Box::new(move |stream| {
        // the phone may have gone away already
        let _ = stream.write_all(&bytes);
    })
}

/// Reads a request whole: head, and body by its length.
pub(super) fn request_of(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.split("content-length: ").nth(1).and_then(|t| t.split("\r\n").next());
            let length: usize = length.map_or(0, |l| l.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return bytes;
            }
        }
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return bytes,
            Ok(n) => bytes.extend_from_slice(&part[..n]),
        }
    }
}

/// A whole reply with our media type.
pub(super) fn reply(status: &str, media: &str, more: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {}\r\n{more}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

pub(super) fn good(body: &str) -> Vec<u8> {
    reply("200 OK", wire::JSON, "", body)
}

/// Deadlines short enough for a test.
pub(super) fn hasty() -> HttpConfig {
    HttpConfig {
        ca_pem: None,
        connect_timeout: Duration::from_secs(2),
        request_timeout: Duration::from_millis(1_500),
        idle_timeout: Duration::from_millis(400),
    }
}

pub(super) fn post(path: &str) -> Request {
    Request {
        method: Method::Post,
        path: path.to_owned(),
        headers: vec![("authorization", "Bearer very-secret".to_owned())],
        body: b"{}".to_vec(),
    }
}

pub(super) fn ask(url: &str) -> Result<Response, TransportError> {
    HttpTransport::new(url, hasty())
        .unwrap()
        .send(&post("/v1/hello"), &Cancel::new())
}
