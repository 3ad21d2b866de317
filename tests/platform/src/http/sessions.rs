//! Credentials: enrolment by one-time code, and the exchange of a refresh token for new ones.

use axum::http::StatusCode;
use axum::response::Response;
use fushan_grid_core::wire::enrol::{EnrolReply, EnrolRequest, RefreshReply, RefreshRequest};
use sha2::{Digest, Sha256};

use super::call::Call;
use super::reply::{Fault, message};
use crate::Platform;
use crate::store::{self, Device, Refreshed, Tokens};

/// Two new tokens, told once and kept as digests.
struct Fresh {
    access: String,
    refresh: String,
    tokens: Tokens,
}

fn secret() -> Result<String, Fault> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| Fault::of(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

impl Fresh {
    fn make(platform: &Platform) -> Result<Self, Fault> {
        let (access, refresh) = (secret()?, secret()?);
        let now = platform.now();
        let tokens = Tokens {
            access: Sha256::digest(&access).into(),
            access_expires: now.plus(platform.lifetimes.access_ms),
            refresh: Sha256::digest(&refresh).into(),
            refresh_expires: now.plus(platform.lifetimes.refresh_ms),
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
    let fresh = Fresh::make(platform)?;
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
    let fresh = Fresh::make(platform)?;
    let (given, now) = (Sha256::digest(&request.refresh).into(), platform.now());
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
