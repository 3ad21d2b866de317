//! Certificates of Android's key stores: whether they vouch for a phone's key, and how well that key is kept.
//!
//! A chain is verified up to roots that the district configures (the makers publish them). What it shows is that the key was
//! made in such a store and cannot leave it. It is not bound to the moment of enrolment: the phone asks for it without a challenge
//! of the platform.

use std::time::Duration;

use cms::cert::x509::Certificate;
use cms::cert::x509::ext::Extension;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Header, SliceReader, Tag, Tagged};
use fushan_grid_core::model::time::UtcMillis;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, UnixTime};
use serde::Serialize;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::timestamp::ALGORITHMS;

/// Extension `KeyDescription` of Android's key attestation.
const KEY_DESCRIPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11129.2.1.17");
/// Extended key usage `clientAuth`; the certificates of key stores have none, and one with others is none of theirs.
const CLIENT_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
/// Most certificates of a chain.
const CERTIFICATES: usize = 10;

/// Where a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// In the processor's trusted part.
    TrustedEnvironment,
    /// In a chip of its own.
    StrongBox,
}

/// Why certificates do not vouch for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// No chain of certificates, or without the key store's statement.
    #[error("the certificates cannot be read")]
    Malformed,
    /// The first certificate is of another key.
    #[error("the certificates are of another key")]
    OtherKey,
    /// No configured root vouches for them at that time.
    #[error("no trusted root vouches for the certificates")]
    Untrusted,
    /// The key store says itself that the key is kept by software.
    #[error("the key is kept by software")]
    Software,
}

impl AttestationError {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "attestation_malformed",
            Self::OtherKey => "attestation_other_key",
            Self::Untrusted => "attestation_untrusted",
            Self::Software => "attestation_software",
        }
    }
}

/// Verifies a chain (DER, the key's own certificate first) for a key (SubjectPublicKeyInfo, DER) up to one of `roots` (PEM), at
/// a time.
///
/// # Errors
/// [`AttestationError`].
pub fn verify(chain: &[Vec<u8>], key: &[u8], roots: &[u8], at: UtcMillis) -> Result<Level, AttestationError> {
    let chain = chain.get(..CERTIFICATES).unwrap_or(chain);
    let (own, above) = chain.split_first().ok_or(AttestationError::Malformed)?;
    let told = Certificate::from_der(own).map_err(|_| AttestationError::Malformed)?;
    let told = told.tbs_certificate;
    let of = told.subject_public_key_info.to_der();
    if of.map_err(|_| AttestationError::Malformed)? != key {
        return Err(AttestationError::OtherKey);
    }
    vouched(own, above, roots, at)?;
    let extensions = told.extensions.unwrap_or_default();
    let description = extensions.iter().find(|e| e.extn_id == KEY_DESCRIPTION);
    level(description.ok_or(AttestationError::Malformed)?)
}

fn vouched(own: &[u8], above: &[Vec<u8>], roots: &[u8], at: UtcMillis) -> Result<(), AttestationError> {
    let untrusted = |_| AttestationError::Untrusted;
    let roots: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(roots)
        .collect::<Result<_, _>>()
        .map_err(|_| AttestationError::Untrusted)?;
    let anchors: Vec<_> = roots.iter().filter_map(|c| anchor_from_trusted_cert(c).ok()).collect();
    let above: Vec<CertificateDer<'_>> = above.iter().map(|c| CertificateDer::from(c.as_slice())).collect();
    let own = CertificateDer::from(own);
    let own = EndEntityCert::try_from(&own).map_err(untrusted)?;
    let seconds = u64::try_from(at.0 / 1000).unwrap_or_default();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let usage = KeyUsage::required_if_present(CLIENT_AUTH);
    let path = own.verify_for_usage(ALGORITHMS, &anchors, &above, time, usage, None, None);
    path.map(|_| ()).map_err(untrusted)
}

/// The security level of the key store's statement: the second of its fields, behind the version.
fn level(extension: &Extension) -> Result<Level, AttestationError> {
    let read = || -> der::Result<u8> {
        let mut outer = SliceReader::new(extension.extn_value.as_bytes())?;
        Header::decode(&mut outer)?.tag.assert_eq(Tag::Sequence)?;
        AnyRef::decode(&mut outer)?.tag().assert_eq(Tag::Integer)?;
        let level = AnyRef::decode(&mut outer)?;
        level.tag().assert_eq(Tag::Enumerated)?;
        // store version, its level, and the challenge must be there for this to be the statement at all
        AnyRef::decode(&mut outer)?;
        AnyRef::decode(&mut outer)?;
        OctetStringRef::decode(&mut outer)?;
        level
            .value()
            .first()
            .copied()
            .ok_or_else(|| outer.error(der::ErrorKind::Failed))
    };
    match read() {
        Ok(0) => Err(AttestationError::Software),
        Ok(1) => Ok(Level::TrustedEnvironment),
        Ok(2) => Ok(Level::StrongBox),
        _ => Err(AttestationError::Malformed),
    }
}
