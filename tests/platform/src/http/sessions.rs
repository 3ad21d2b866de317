//! Credentials: enrolment by one-time code, and the exchange of a refresh token for new ones.

use axum::http::StatusCode;
use axum::response::Response;
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::enrol::{EnrolReply, EnrolRequest, RefreshReply, RefreshRequest};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::call::Call;
use super::reply::{Fault, message};
use crate::Platform;
use crate::store::{self, Device, Given, Refreshed, Tokens};

/// Two new tokens, told once and kept as digests.
struct Fresh {
    access: String,
    refresh: String,
    tokens: Tokens,
}

fn secret() -> Result<String, Fault> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| Fault::of(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    Ok(hex(&bytes))
}

/// The platform's own mark on a refresh token. Its key comes from the operators' token, so it is not in a database that may be
/// restored or stolen.
fn mark(platform: &Platform, device: DeviceId, made: &str) -> Result<Hmac<Sha256>, Fault> {
    let key = Sha256::digest(format!("refresh tokens/{}", platform.admin_token));
    let broken = |_| Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(broken)?;
    mac.update(device.bytes());
    mac.update(made.as_bytes());
    Ok(mac)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// When a refresh token was made, if its mark is ours.
fn made_at(platform: &Platform, device: DeviceId, token: &str) -> Option<UtcMillis> {
    let (made, given) = token.rsplit_once('.')?;
    let bytes: Option<Vec<u8>> = (0..given.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(given.get(i..i + 2)?, 16).ok())
        .collect();
    mark(platform, device, made).ok()?.verify_slice(&bytes?).ok()?;
    made.split('.').next()?.parse().ok().map(UtcMillis)
}

impl Fresh {
    fn make(platform: &Platform, device: DeviceId) -> Result<Self, Fault> {
        let now = platform.now();
        let access = secret()?;
        let made = format!("{}.{}", now.0, secret()?);
        let refresh = format!(
            "{made}.{}",
            hex(&mark(platform, device, &made)?.finalize().into_bytes())
        );
        let tokens = Tokens {
            access: Sha256::digest(&access).into(),
            access_expires: now.plus(platform.lifetimes.access_ms),
            refresh: Sha256::digest(&refresh).into(),
            refresh_expires: now.plus(platform.lifetimes.refresh_ms),
            issued: now,
        };
        Ok(Self {
            access,
            refresh,
            tokens,
        })
    }
}

/// Exchanges a one-time code for credentials.
pub(super) fn enrol(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let request: EnrolRequest = call.message()?;
    let fresh = Fresh::make(platform, request.device)?;
    let now = platform.now();
    let staff = store::write(&*platform.store, |tx| {
        let code = Sha256::digest(request.code.trim()).into();
        let Some(id) = tx.take_code(&code, now)? else {
            return Ok(None);
        };
        let Some((staff, _)) = tx.staff(&id)? else {
            return Ok(None);
        };
        let device = Device {
            id: request.device,
            staff: id,
            incarnation: request.incarnation,
            next_n: 1,
        };
        tx.put_device(&device, &fresh.tokens.access, now)?;
        tx.put_tokens(device.id, &fresh.tokens)?;
        tx.note_hello(&device, &request.app, None, now)?;
        Ok(Some(staff))
    })?;
    let staff = staff.ok_or_else(|| Fault::of(StatusCode::FORBIDDEN, "code_invalid"))?;
    tracing::info!(device = %request.device, "enrolled");
    Ok(message(&EnrolReply {
        staff,
        token: fresh.access,
        refresh: fresh.refresh,
        server_time: now,
    }))
}

/// Exchanges a refresh token. One that was replaced already and comes again was copied: then the phone must enrol again.
pub(super) fn refresh(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let request: RefreshRequest = call.message()?;
    let fresh = Fresh::make(platform, request.device)?;
    let now = platform.now();
    let given = Given {
        hash: Sha256::digest(&request.refresh).into(),
        issued: made_at(platform, request.device, &request.refresh),
    };
    let refreshed = store::write(&*platform.store, |tx| {
        tx.refresh(request.device, &given, &fresh.tokens, now)
    })?;
    match refreshed {
        Refreshed::Renewed => Ok(message(&RefreshReply {
            token: fresh.access,
            refresh: fresh.refresh,
            server_time: now,
        })),
        Refreshed::Unknown => Err(Fault::of(StatusCode::UNAUTHORIZED, "refresh_invalid")),
        Refreshed::Revoked => {
            tracing::warn!(device = %request.device, "credentials withdrawn");
            Err(Fault::of(StatusCode::UNAUTHORIZED, "device_revoked"))
        }
    }
}
