//! Reads and verifies a reply of a time-stamping authority.

use std::time::Duration;

use cmpv2::status::PkiStatus;
use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use der::asn1::{Int, ObjectIdentifier, OctetString};
use der::oid::db::rfc5911::{ID_MESSAGE_DIGEST, ID_SIGNED_DATA};
use der::oid::db::rfc5912::{ID_SHA_256, ID_SHA_384, ID_SHA_512};
use der::{Any, Decode, Encode};
use fushan_grid_core::model::time::UtcMillis;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use sha2::{Digest, Sha256, Sha384, Sha512};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring};
use x509_tsp::{TimeStampResp, TstInfo};

use super::{StampError, named};

const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// Extended key usage `timeStamping`, 1.3.6.1.5.5.7.3.8.
const TIME_STAMPING: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
pub(crate) const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    ring::RSA_PKCS1_2048_8192_SHA256,
    ring::RSA_PKCS1_2048_8192_SHA384,
    ring::RSA_PKCS1_2048_8192_SHA512,
    ring::ECDSA_P256_SHA256,
    ring::ECDSA_P256_SHA384,
    ring::ECDSA_P384_SHA256,
    ring::ECDSA_P384_SHA384,
];

/// Verifies a reply over `data`: granted, of these bytes, signed, and by a signer that `trusted` (PEM) vouches for at that time.
/// Tells the time.
///
/// # Errors
/// [`StampError`].
pub fn verify(reply: &[u8], data: &[u8], trusted: &[u8]) -> Result<UtcMillis, StampError> {
    verify_answer(reply, data, trusted, None)
}

/// The same for the reply to a request of our own, by its nonce.
pub(super) fn verify_answer(
    reply: &[u8],
    data: &[u8],
    trusted: &[u8],
    nonce: Option<&Int>,
) -> Result<UtcMillis, StampError> {
    let bad = |_| StampError::Malformed;
    let reply = TimeStampResp::from_der(reply).map_err(bad)?;
    if !matches!(reply.status.status, PkiStatus::Accepted | PkiStatus::GrantedWithMods) {
        return Err(StampError::Refused);
    }
    let token = reply.time_stamp_token.ok_or(StampError::Malformed)?;
    if token.content_type != ID_SIGNED_DATA {
        return Err(StampError::Malformed);
    }
    let signed: SignedData = token.content.decode_as().map_err(bad)?;
    let content = &signed.encap_content_info;
    let inner = content.econtent.as_ref().filter(|_| content.econtent_type == TST_INFO);
    let inner: OctetString = inner.ok_or(StampError::Malformed)?.decode_as().map_err(bad)?;
    let info = TstInfo::from_der(inner.as_bytes()).map_err(bad)?;
    let imprint = &info.message_imprint;
    if digest(imprint.hash_algorithm.oid, data)? != imprint.hashed_message.as_bytes() {
        return Err(StampError::OtherData);
    }
    if nonce.is_some() && info.nonce.as_ref() != nonce {
        return Err(StampError::OtherRequest);
    }
    let since = info.gen_time.to_unix_duration();
    check_signer(&signed, inner.as_bytes(), trusted, since)?;
    Ok(UtcMillis(
        i64::try_from(since.as_millis()).map_err(|_| StampError::Malformed)?,
    ))
}

pub(super) fn digest(algorithm: ObjectIdentifier, data: &[u8]) -> Result<Vec<u8>, StampError> {
    match algorithm {
        ID_SHA_256 => Ok(Sha256::digest(data).to_vec()),
        ID_SHA_384 => Ok(Sha384::digest(data).to_vec()),
        ID_SHA_512 => Ok(Sha512::digest(data).to_vec()),
        _ => Err(StampError::Malformed),
    }
}

fn check_signer(signed: &SignedData, content: &[u8], trusted: &[u8], at: Duration) -> Result<(), StampError> {
    let Some([signer]) = Some(signed.signer_infos.0.as_slice()) else {
        return Err(StampError::Malformed);
    };
    let trusted: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(trusted)
        .collect::<Result<_, _>>()
        .map_err(|_| StampError::Untrusted)?;
    let sent = signed.certificates.iter().flat_map(|set| set.0.iter());
    let sent = sent.filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => certificate.to_der().ok().map(CertificateDer::from),
        CertificateChoices::Other(_) => None,
    });
    let known: Vec<CertificateDer<'_>> = sent.chain(trusted.iter().cloned()).collect();
    let own = known
        .iter()
        .find(|c| is_signer(c, signer))
        .ok_or(StampError::Untrusted)?;
    let certificate = own.clone();
    let own = EndEntityCert::try_from(own).map_err(|_| StampError::Untrusted)?;
    check_signature(&own, signer, content)?;
    named::check(signer, &certificate)?;
    let anchors: Vec<_> = trusted
        .iter()
        .filter_map(|c| anchor_from_trusted_cert(c).ok())
        .collect();
    own.verify_for_usage(
        ALGORITHMS,
        &anchors,
        &known,
        UnixTime::since_unix_epoch(at),
        KeyUsage::required(TIME_STAMPING),
        None,
        None,
    )
    .map_err(|_| StampError::Untrusted)?;
    Ok(())
}

fn is_signer(certificate: &CertificateDer<'_>, signer: &SignerInfo) -> bool {
    let Ok(certificate) = Certificate::from_der(certificate) else {
        return false;
    };
    let certificate = certificate.tbs_certificate;
    match &signer.sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            id.issuer == certificate.issuer && id.serial_number == certificate.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(_) => false,
    }
}

/// The value of a signed attribute.
pub(super) fn attribute(signer: &SignerInfo, oid: ObjectIdentifier) -> Option<&Any> {
    let attributes = signer.signed_attrs.as_ref()?;
    attributes.iter().find(|a| a.oid == oid)?.values.iter().next()
}

/// The signature is over the signed attributes; one of them is the content's digest.
fn check_signature(own: &EndEntityCert<'_>, signer: &SignerInfo, content: &[u8]) -> Result<(), StampError> {
    let attributes = signer.signed_attrs.as_ref().ok_or(StampError::Malformed)?;
    let told = attribute(signer, ID_MESSAGE_DIGEST).ok_or(StampError::Malformed)?;
    let told: OctetString = told.decode_as().map_err(|_| StampError::Malformed)?;
    if digest(signer.digest_alg.oid, content)? != told.as_bytes() {
        return Err(StampError::BadSignature);
    }
    let message = attributes.to_der().map_err(|_| StampError::Malformed)?;
    // an RSA signature's algorithm often names the key only; the key and the digest decide which one can fit
    let fits = ALGORITHMS
        .iter()
        .any(|a| own.verify_signature(*a, &message, signer.signature.as_bytes()).is_ok());
    if fits { Ok(()) } else { Err(StampError::BadSignature) }
}
