//! HTTPS by certificate and key: who trusts the certificate talks, everybody else is told why not.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Transport, TransportError};
use fushan_platform::TlsFiles;
use fushan_suite::field::Field;

#[test]
fn https_is_spoken_to_whoever_trusts_the_certificate_and_to_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let mut make = Command::new("openssl");
    make.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]);
    make.args(["-subj", "/CN=platform", "-addext", "subjectAltName=IP:127.0.0.1"]);
    make.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    if !make.output().is_ok_and(|made| made.status.success()) {
        println!("SKIPPED: openssl is not installed or too old: apt-get install openssl");
        return;
    }
    let files = TlsFiles {
        certificate: certificate.clone(),
        key,
    };
    let field = Field::start_with(|config| config.tls = Some(files)).unwrap();
    let url = field.platform.url();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let ask = |ca_pem: Option<Vec<u8>>, url: &str| {
        let config = HttpConfig {
            ca_pem,
            ..HttpConfig::default()
        };
        let request = Request {
            method: Method::Get,
            path: "/health".into(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        HttpTransport::new(url, config).unwrap().send(&request, &Cancel::new())
    };
    let trusted = std::fs::read(&certificate).unwrap();
    assert_eq!(ask(Some(trusted.clone()), &url).map(|reply| reply.status), Ok(200));
    assert_eq!(
        ask(None, &url).map(|reply| reply.status),
        Err(TransportError::TlsUntrusted)
    );
    let plain = url.replace("https", "http");
    assert!(ask(Some(trusted), &plain).is_err(), "no plain HTTP at this door");
}

#[test]
fn a_platform_without_a_readable_certificate_does_not_start() {
    let files = TlsFiles {
        certificate: "no-such-file".into(),
        key: "no-such-file".into(),
    };
    assert!(Field::start_with(|config| config.tls = Some(files)).is_err());
}
