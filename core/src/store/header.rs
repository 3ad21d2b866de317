//! The key header: a small file beside the database that holds its data key, wrapped.
//!
//! It exists before the database does. Its check value tells a wrong key from a damaged file, which SQLite alone cannot,
//! and its second wrap opens the database when the phone's key store has lost the first (decision record 1).

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::error::StoreError;
use super::files::write_durably;
use crate::model::env::{Env, SecretKey};

const VERSION: u32 = 1;
const CIPHER: &str = "sqlcipher4/aes-256-cbc/hmac-sha512";
const RECOVERY: &str = "hpke/x25519/hkdf-sha256/chacha20poly1305";
const INFO: &[u8] = b"fushan-grid/recovery/1";

type RecoveryKem = X25519HkdfSha256;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u32,
    cipher: String,
    check: String,
    /// Absent once the phone was wiped with work left: only the recovery key opens the database then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<HostWrap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<RecoveryWrap>,
}

#[derive(Debug, Serialize, Deserialize)]
struct HostWrap {
    key_id: String,
    wrapped: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct RecoveryWrap {
    alg: String,
    encapsulated: String,
    sealed: String,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    header: Header,
    /// SHA-256 of the header's JSON, so that damage is told from a wrong key.
    sum: String,
}

/// Where the header of a database folder lies.
pub(super) fn path_in(dir: &Path) -> PathBuf {
    dir.join("fushan.key.json")
}

/// Makes a data key and its header.
pub(super) fn create(dir: &Path, env: &Env, recovery_key: Option<&[u8; 32]>) -> Result<SecretKey, StoreError> {
    let mut key = SecretKey::new([0; 32]);
    env.entropy.fill(key.as_mut_slice());
    let header = Header {
        version: VERSION,
        cipher: CIPHER.to_owned(),
        check: check_value(&key)?,
        host: Some(HostWrap {
            key_id: env.keys.key_id()?,
            wrapped: BASE64.encode(env.keys.wrap(&key)?),
        }),
        recovery: recovery_key.map(|public| seal(&key, public, env)).transpose()?,
    };
    write(dir, header)?;
    Ok(key)
}

fn write(dir: &Path, header: Header) -> Result<(), StoreError> {
    let sum = sum_of(&header)?;
    Ok(write_durably(
        &path_in(dir),
        &serde_json::to_vec_pretty(&Sealed { header, sum })?,
    )?)
}

/// Whether the district's recovery key opens the database too.
pub(super) fn has_recovery(dir: &Path) -> Result<bool, StoreError> {
    Ok(read(dir)?.recovery.is_some())
}

/// Takes the host's wrap of the key away; without a recovery wrap it stays, for nothing could open the database any more.
pub(super) fn drop_host_wrap(dir: &Path) -> Result<(), StoreError> {
    let mut header = read(dir)?;
    if header.recovery.is_some() {
        header.host = None;
        write(dir, header)?;
    }
    Ok(())
}

/// Opens the data key with the host's key store.
pub(super) fn unlock(dir: &Path, env: &Env) -> Result<SecretKey, StoreError> {
    let header = read(dir)?;
    let host = header.host.as_ref().ok_or(StoreError::Sealed)?;
    let wrapped = BASE64.decode(&host.wrapped).map_err(|_| StoreError::KeyHeaderBad)?;
    let key = env.keys.unwrap(&wrapped)?;
    checked(key, &header)
}

/// Opens the data key with the district's private recovery key: what a tool under two-person control calls when the phone's
/// key store has lost its key.
///
/// # Errors
/// [`StoreError::KeyHeaderBad`] for a damaged header, [`StoreError::KeyMissing`] when no recovery wrap was made,
/// [`StoreError::KeyWrong`] when the private key is another one.
pub fn recover(dir: &Path, private_key: &[u8; 32]) -> Result<SecretKey, StoreError> {
    let header = read(dir)?;
    let wrap = header.recovery.as_ref().ok_or(StoreError::KeyMissing)?;
    let decode = |text: &str| BASE64.decode(text).map_err(|_| StoreError::KeyHeaderBad);
    let private = <RecoveryKem as Kem>::PrivateKey::from_bytes(private_key).map_err(|_| StoreError::KeyWrong)?;
    let encapsulated = <RecoveryKem as Kem>::EncappedKey::from_bytes(&decode(&wrap.encapsulated)?)
        .map_err(|_| StoreError::KeyHeaderBad)?;
    let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, RecoveryKem>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        INFO,
        &decode(&wrap.sealed)?,
        &[],
    )
    .map_err(|_| StoreError::KeyWrong)?;
    let key = <[u8; 32]>::try_from(opened).map_err(|_| StoreError::KeyHeaderBad)?;
    checked(SecretKey::new(key), &header)
}

fn seal(key: &SecretKey, public: &[u8; 32], env: &Env) -> Result<RecoveryWrap, StoreError> {
    let mut seed = [0; 32];
    env.entropy.fill(&mut seed);
    let public = <RecoveryKem as Kem>::PublicKey::from_bytes(public).map_err(|_| StoreError::KeyWrong)?;
    let (encapsulated, sealed) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, RecoveryKem>(
        &OpModeS::Base,
        &public,
        INFO,
        key.as_slice(),
        &[],
        &mut ChaCha20Rng::from_seed(seed),
    )
    .map_err(|_| StoreError::KeyWrong)?;
    Ok(RecoveryWrap {
        alg: RECOVERY.to_owned(),
        encapsulated: BASE64.encode(encapsulated.to_bytes()),
        sealed: BASE64.encode(sealed),
    })
}

fn read(dir: &Path) -> Result<Header, StoreError> {
    let bytes = match std::fs::read(path_in(dir)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(StoreError::KeyHeaderBad),
        Err(e) => return Err(e.into()),
    };
    let sealed: Sealed = serde_json::from_slice(&bytes).map_err(|_| StoreError::KeyHeaderBad)?;
    if sealed.header.version != VERSION || sum_of(&sealed.header)? != sealed.sum {
        return Err(StoreError::KeyHeaderBad);
    }
    Ok(sealed.header)
}

fn sum_of(header: &Header) -> Result<String, StoreError> {
    Ok(BASE64.encode(Sha256::digest(serde_json::to_vec(header)?)))
}

fn check_value(key: &SecretKey) -> Result<String, StoreError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).map_err(|_| StoreError::KeyHeaderBad)?;
    mac.update(b"fushan-grid/key-check/1");
    let tag = mac.finalize().into_bytes();
    Ok(BASE64.encode(tag.get(..12).unwrap_or_default()))
}

fn checked(key: SecretKey, header: &Header) -> Result<SecretKey, StoreError> {
    let fits = check_value(&key)?.as_bytes().ct_eq(header.check.as_bytes());
    if fits.into() {
        Ok(key)
    } else {
        Err(StoreError::KeyWrong)
    }
}
