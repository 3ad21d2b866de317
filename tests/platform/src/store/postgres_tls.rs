//! Where a `PostgreSQL` database is, and whether it is spoken to over TLS. The names are those of `libpq`, and stricter: a
//! connection that is to be encrypted is always verified, authority and name, for an encryption towards whoever answers
//! protects nobody.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{StoreError, Stored};

/// An address as given by an operator.
pub(super) struct Address {
    pub(super) config: Config,
    /// How TLS is spoken; without it, it is not.
    pub(super) tls: Option<MakeRustlsConnect>,
}

impl Address {
    /// Reads `postgres://user:password@host/database?sslmode=verify-full&sslrootcert=FILE`.
    ///
    /// # Errors
    /// When the address or the certificate does not read, or TLS is asked for without an authority.
    pub(super) fn read(url: &str) -> Stored<Self> {
        let (plain, asked) = apart(url);
        let mut config: Config = plain.parse()?;
        let wanted = match asked.mode.as_deref() {
            Some("disable") => false,
            None | Some("allow" | "prefer") => asked.authority.is_some(),
            Some("require" | "verify-ca" | "verify-full") => true,
            Some(_) => {
                return Err(amiss(
                    "sslmode is one of disable, prefer, require, verify-ca, verify-full",
                ));
            }
        };
        config.ssl_mode(if wanted { SslMode::Require } else { SslMode::Disable });
        let tls = match (wanted, &asked.authority) {
            (false, _) => None,
            (true, None) => return Err(amiss("TLS to the database needs sslrootcert=FILE: whom to trust")),
            (true, Some(file)) => Some(MakeRustlsConnect::new(trusting(Path::new(file))?)),
        };
        Ok(Self { config, tls })
    }
}

/// What the address says about TLS.
#[derive(Debug, Default, PartialEq)]
struct Asked {
    mode: Option<String>,
    authority: Option<String>,
}

/// The address without what it says about TLS, and that.
fn apart(url: &str) -> (String, Asked) {
    let Some((place, query)) = url.split_once('?') else {
        return (url.to_owned(), Asked::default());
    };
    let mut asked = Asked::default();
    let mut others = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("sslmode", mode)) => asked.mode = Some(mode.to_owned()),
            Some(("sslrootcert", file)) => asked.authority = Some(file.replace("%2F", "/").replace("%20", " ")),
            _ => others.push(part),
        }
    }
    let plain = match others.is_empty() {
        true => place.to_owned(),
        false => format!("{place}?{}", others.join("&")),
    };
    (plain, asked)
}

/// A client that trusts the authorities of a PEM file and nobody else.
fn trusting(file: &Path) -> Stored<ClientConfig> {
    let unreadable = || amiss("sslrootcert has no certificate in PEM form");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|_| unreadable())? {
        let certificate = certificate.map_err(|_| unreadable())?;
        roots.add(certificate).map_err(|_| unreadable())?;
    }
    if roots.is_empty() {
        return Err(unreadable());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn amiss(what: &str) -> StoreError {
    io::Error::new(io::ErrorKind::InvalidInput, what).into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn tls_that_is_asked_for_is_never_left_out_and_never_unverified() {
        let host = "postgres://u:p@h/d";
        let read = |query: &str| Address::read(&format!("{host}{query}"));
        for plain in ["", "?sslmode=disable", "?sslmode=prefer", "?connect_timeout=3"] {
            let address = read(plain).unwrap();
            assert!(address.tls.is_none(), "{plain}");
            assert_eq!(address.config.get_ssl_mode(), SslMode::Disable);
        }
        for refused in ["require", "verify-ca", "verify-full", "verify", ""] {
            let error = read(&format!("?sslmode={refused}")).err().unwrap();
            assert!(matches!(error, StoreError::Io(_)), "{refused}");
        }
        assert!(read("?sslmode=require&sslrootcert=/no/such/file").is_err());
    }

    #[test]
    fn what_the_address_says_about_tls_is_taken_out_of_it() {
        let (plain, asked) = apart("postgres://u@h/d?sslmode=require&connect_timeout=3&sslrootcert=%2Fa%20b.pem");
        assert_eq!(plain, "postgres://u@h/d?connect_timeout=3");
        let (mode, authority) = (Some("require".to_owned()), Some("/a b.pem".to_owned()));
        assert_eq!(asked, Asked { mode, authority });
    }
}
