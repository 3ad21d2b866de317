//! The real transport: reqwest over rustls, driven on the caller's thread, so that nothing outlives a call.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, Url, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::{Builder, Runtime};

use super::cancel::Cancel;
use super::coding;
use super::transport::{Method, Request, Response, Transport, TransportError, Travelled};
use crate::wire::{self, limits};

/// How the platform is reached.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Certificates of the authorities that are trusted, PEM. Without them an https address cannot be used: no public
    /// authority is trusted by default (the platform is the district's own).
    pub ca_pem: Option<Vec<u8>>,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest time for one request with its reply.
    pub request_timeout: Duration,
    /// Longest silence within a reply.
    pub idle_timeout: Duration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            ca_pem: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(120),
            idle_timeout: Duration::from_secs(20),
        }
    }
}

/// Most bytes of any reply: a page of a pull, or a whole photo.
const REPLY_BYTES: usize = if limits::BLOB_BYTES as usize > limits::PULL_BYTES {
    limits::BLOB_BYTES as usize
} else {
    limits::PULL_BYTES
};

/// The platform over HTTP.
pub struct HttpTransport {
    base: Url,
    client: Client,
    runtime: Mutex<Runtime>,
    /// Whether the platform has said that it takes packed messages.
    takes_zstd: AtomicBool,
    up: AtomicU64,
    down: AtomicU64,
}

impl std::fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpTransport")
    }
}

impl HttpTransport {
    /// A transport to the platform at `base`: an https address, or plain http on this machine.
    ///
    /// # Errors
    /// [`TransportError::BadAddress`], or [`TransportError::TlsUntrusted`] for certificates that cannot be read.
    pub fn new(base: &str, config: HttpConfig) -> Result<Self, TransportError> {
        let base = Url::parse(base).map_err(|_| TransportError::BadAddress)?;
        let here = matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if !(base.scheme() == "https" || (base.scheme() == "http" && here)) {
            return Err(TransportError::BadAddress);
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls(config.ca_pem.as_deref())?)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(config.connect_timeout)
            .timeout(config.request_timeout)
            .read_timeout(config.idle_timeout)
            .build()
            .map_err(|_| TransportError::BadAddress)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| TransportError::Offline)?;
        Ok(Self {
            base,
            client,
            runtime: Mutex::new(runtime),
            takes_zstd: AtomicBool::new(false),
            up: AtomicU64::new(0),
            down: AtomicU64::new(0),
        })
    }

    async fn exchange(&self, request: &Request) -> Result<Response, TransportError> {
        let url = self.base.join(&request.path).map_err(|_| TransportError::BadAddress)?;
        // a path from a reply must not lead elsewhere with our token
        if url.origin() != self.base.origin() {
            return Err(TransportError::BadAddress);
        }
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.client.request(method, url).header("accept-encoding", coding::ZSTD);
        let body = match self.packs(request).then(|| coding::packed(&request.body)).flatten() {
            Some(small) => {
                builder = builder.header("content-encoding", coding::ZSTD);
                small
            }
            None => request.body.clone(),
        };
        self.up.fetch_add(body.len() as u64, Ordering::Relaxed);
        builder = builder.body(body);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let mut reply = builder.send().await.map_err(|e| kind_of(&e))?;
        let status = reply.status().as_u16();
        let mut headers = BTreeMap::new();
        for (name, value) in reply.headers() {
            if let Ok(text) = value.to_str() {
                headers.insert(name.as_str().to_owned(), text.to_owned());
            }
        }
        let mut body = Vec::new();
        while let Some(part) = reply.chunk().await.map_err(|e| cut_or(&e))? {
            self.down.fetch_add(part.len() as u64, Ordering::Relaxed);
            if body.len() + part.len() > REPLY_BYTES {
                return Err(TransportError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        self.learn(&headers);
        let body = coding::unpacked(&headers, body, REPLY_BYTES)?;
        Ok(Response { status, headers, body })
    }

    /// A platform says in its replies that it takes packed messages; before that they go out plain.
    fn learn(&self, headers: &BTreeMap<String, String>) {
        let takes = |names: &String| names.split(',').any(|name| name.trim() == coding::ZSTD);
        if headers.get("accept-encoding").is_some_and(takes) {
            self.takes_zstd.store(true, Ordering::Relaxed);
        }
    }

    fn packs(&self, request: &Request) -> bool {
        let message = request
            .headers
            .iter()
            .any(|(n, v)| *n == "content-type" && v == wire::JSON);
        message && self.takes_zstd.load(Ordering::Relaxed)
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        if cancel.is_cancelled() {
            return Err(TransportError::Cancelled);
        }
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(TransportError::Cancelled),
                reply = self.exchange(request) => reply,
            }
        })
    }

    fn travelled(&self) -> Option<Travelled> {
        Some(Travelled {
            up: self.up.load(Ordering::Relaxed),
            down: self.down.load(Ordering::Relaxed),
        })
    }
}

fn tls(ca_pem: Option<&[u8]>) -> Result<ClientConfig, TransportError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.unwrap_or_default()) {
        let certificate = certificate.map_err(|_| TransportError::TlsUntrusted)?;
        roots.add(certificate).map_err(|_| TransportError::TlsUntrusted)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TransportError::TlsUntrusted)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// What a failed request means. A refused certificate is looked for down the chain of causes.
fn kind_of(error: &reqwest::Error) -> TransportError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.is::<rustls::Error>() || inner.to_string().contains("certificate") {
            return TransportError::TlsUntrusted;
        }
        cause = inner.source();
    }
    match error {
        e if e.is_timeout() => TransportError::Timeout,
        e if e.is_connect() => TransportError::Offline,
        _ => TransportError::Cut,
    }
}

fn cut_or(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::Timeout
    } else {
        TransportError::Cut
    }
}
