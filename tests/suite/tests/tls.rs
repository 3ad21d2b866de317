//! HTTPS by certificate and key: who trusts the certificate talks, everybody else is told why not.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Transport, TransportError};
use fushan_platform::TlsFiles;
use fushan_platform::scratch::{Cluster, INSTALL};
use fushan_platform::store::PostgresStore;
use fushan_suite::field::Field;

/// Makes a certificate for this machine with its key; `false` when `openssl` cannot.
fn certificate(certificate: &Path, key: &Path) -> bool {
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
        .arg(key)
        .arg("-out")
        .arg(certificate);
    let made = make.output().is_ok_and(|made| made.status.success());
    if !made {
        fushan_platform::scratch::skipped("openssl is not installed or too old: apt-get install openssl");
    }
    made
}

/// A port that is free now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_database_is_spoken_to_over_tls_when_its_authority_is_named_and_to_no_other() {
    let elsewhere = tempfile::tempdir().unwrap();
    let other = elsewhere.path().join("other.pem");
    if !certificate(&other, &elsewhere.path().join("other.key")) {
        return;
    }
    let port = free_port();
    let started = Cluster::start_with(|folder| {
        let (pem, key) = (folder.join("server.pem"), folder.join("server.key"));
        assert!(certificate(&pem, &key));
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
        std::fs::copy(&pem, elsewhere.path().join("server.pem"))?;
        let setting = |name: &str, file: &Path| format!("{name}={}", file.display());
        Ok(vec![
            "ssl=on".to_owned(),
            setting("ssl_cert_file", &pem),
            setting("ssl_key_file", &key),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
        ])
    });
    let Some(cluster) = started.unwrap() else {
        fushan_platform::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}"));
        return;
    };
    let address = |query: &str| format!("postgres://fushan@127.0.0.1:{port}/postgres{query}");
    let verified = |authority: &Path| {
        let query = format!("?sslmode=verify-full&sslrootcert={}", authority.display());
        PostgresStore::open(&address(&query)).map(|_| ())
    };
    verified(&elsewhere.path().join("server.pem")).unwrap();
    assert!(verified(&other).is_err(), "another authority vouches for nothing");
    let mut told = cluster.client("psql");
    let query = "SELECT count(*) FROM pg_settings WHERE name = 'ssl' AND setting = 'on'";
    let output = told.args(["-d", "postgres", "-Atc", query]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "1");
    let named =
        "?sslmode=verify-full&sslrootcert=".to_owned() + &elsewhere.path().join("server.pem").display().to_string();
    let by_name = address(&named).replace("127.0.0.1", "localhost");
    assert!(
        PostgresStore::open(&by_name).is_err(),
        "the certificate is for the number"
    );
}

#[test]
fn https_is_spoken_to_whoever_trusts_the_certificate_and_to_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let (pem, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    if !certificate(&pem, &key) {
        return;
    }
    let files = TlsFiles {
        certificate: pem.clone(),
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
    let trusted = std::fs::read(&pem).unwrap();
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
