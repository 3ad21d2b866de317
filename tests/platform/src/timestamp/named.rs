//! The certificate that a time-stamp names as its signer's (RFC 2634, RFC 5816): a signature fits every certificate of the same key,
//! and only this one was meant.

use cms::signed_data::SignerInfo;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::oid::db::rfc5912::ID_SHA_256;
use der::{Decode, Encode, Reader, SliceReader, Tag, Tagged};
use sha1::{Digest, Sha1};

use super::StampError;
use super::token::{attribute, digest};

/// Signed attribute `signingCertificate`: by SHA-1.
const FIRST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
/// Signed attribute `signingCertificateV2`: by a digest it names.
const SECOND: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// The first certificate that the attribute lists must be the one whose key fits.
pub(super) fn check(signer: &SignerInfo, certificate: &[u8]) -> Result<(), StampError> {
    let fits = if let Some(value) = attribute(signer, SECOND) {
        let (algorithm, told) =
            second(&value.to_der().map_err(|_| StampError::Malformed)?).ok_or(StampError::Malformed)?;
        digest(algorithm, certificate)? == told
    } else if let Some(value) = attribute(signer, FIRST) {
        let told = first(&value.to_der().map_err(|_| StampError::Malformed)?).ok_or(StampError::Malformed)?;
        Sha1::digest(certificate).as_slice() == told
    } else {
        // RFC 3161 demands one of the two
        return Err(StampError::Malformed);
    };
    if fits {
        Ok(())
    } else {
        Err(StampError::OtherCertificate)
    }
}

/// The content of the first certificate's identifier: behind the attribute's sequence and its list of certificates.
fn identifier(value: &[u8]) -> Option<Vec<u8>> {
    let all = sequence(value)?;
    let certificates = sequence(&all)?;
    sequence(&certificates)
}

/// The content of the sequence that bytes begin with.
fn sequence(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let any = AnyRef::decode(&mut reader).ok()?;
    (any.tag() == Tag::Sequence).then(|| any.value().to_vec())
}

fn first(value: &[u8]) -> Option<Vec<u8>> {
    let content = identifier(value)?;
    let mut reader = SliceReader::new(&content).ok()?;
    Some(OctetStringRef::decode(&mut reader).ok()?.as_bytes().to_vec())
}

/// Algorithm, SHA-256 when it is left out, and digest.
fn second(value: &[u8]) -> Option<(ObjectIdentifier, Vec<u8>)> {
    let content = identifier(value)?;
    let mut reader = SliceReader::new(&content).ok()?;
    let algorithm = if reader.peek_tag().ok()? == Tag::Sequence {
        let named = AnyRef::decode(&mut reader).ok()?;
        let mut inner = SliceReader::new(named.value()).ok()?;
        ObjectIdentifier::decode(&mut inner).ok()?
    } else {
        ID_SHA_256
    };
    let told = OctetStringRef::decode(&mut reader).ok()?.as_bytes().to_vec();
    Some((algorithm, told))
}
