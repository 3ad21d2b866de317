//! Credentials: enrolment by one-time code, and the exchange of a refresh token for new ones.

use axum::http::StatusCode;
use axum::response::Response;
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::enrol::{EnrolReply, EnrolRequest, RefreshReply, RefreshRequest};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::call::Call;
use super::chance::{hex, random};
use super::reply::{Fault, message};
use crate::store::{self, Device, Given, Refreshed, Tokens};
use crate::{Lifetimes, Platform};

/// A key of the platform for one purpose. It comes from the operators' token, so it is not in a database that may be restored
/// or stolen.
fn keyed(platform: &Platform, purpose: &str) -> Result<Hmac<Sha256>, Fault> {
    let key = Sha256::digest(format!("{purpose}/{}", platform.admin_token));
    Hmac::<Sha256>::new_from_slice(&key).map_err(|_| Fault::of(StatusCode::INTERNAL_SERVER_ERROR, "internal"))
}

/// When a refresh token was made, if its mark is ours.
fn made_at(platform: &Platform, device: DeviceId, token: &str) -> Option<UtcMillis> {
    let (made, given) = token.rsplit_once('.')?;
    let bytes: Option<Vec<u8>> = (0..given.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(given.get(i..i + 2)?, 16).ok())
        .collect();
    let mark = keyed(platform, "refresh tokens").ok()?;
    let mark = mark.chain_update(device.bytes()).chain_update(made);
    mark.verify_slice(&bytes?).ok()?;
    made.split('.').next()?.parse().ok().map(UtcMillis)
}

/// Makes the tokens of one exchange. They follow from its secret and the time, so that a message that comes twice is answered
/// twice with the same ones; they are kept as digests.
struct Mint {
    device: DeviceId,
    secret: Hmac<Sha256>,
    mark: Hmac<Sha256>,
    lifetimes: Lifetimes,
    now: UtcMillis,
}

impl Mint {
    /// For an exchange of `given` under a secret word.
    fn new(platform: &Platform, device: DeviceId, given: &str, word: &str) -> Result<Self, Fault> {
        let random = random::<32>()?;
        let mut secret = keyed(platform, "tokens")?;
        secret.update(device.bytes());
        secret.update(&Sha256::digest(given));
        // without a word of the phone's own no message is known again
        secret.update(if word.is_empty() { &random } else { word.as_bytes() });
        Ok(Self {
            device,
            secret,
            mark: keyed(platform, "refresh tokens")?,
            lifetimes: platform.lifetimes,
            now: platform.now(),
        })
    }

    /// Access and refresh token.
    fn texts(&self, issued: UtcMillis) -> (String, String) {
        let part = |name: &str| {
            let mac = self
                .secret
                .clone()
                .chain_update(name)
                .chain_update(issued.0.to_be_bytes());
            hex(&mac.finalize().into_bytes())
        };
        let made = format!("{}.{}", issued.0, part("refresh"));
        let mark = self.mark.clone().chain_update(self.device.bytes()).chain_update(&made);
        let refresh = format!("{made}.{}", hex(&mark.finalize().into_bytes()));
        (part("access"), refresh)
    }

    fn tokens(&self, issued: UtcMillis) -> Tokens {
        let (access, refresh) = self.texts(issued);
        Tokens {
            access: Sha256::digest(access).into(),
            access_expires: self.now.plus(self.lifetimes.access_ms),
            refresh: Sha256::digest(refresh).into(),
            refresh_expires: self.now.plus(self.lifetimes.refresh_ms),
            issued,
        }
    }
}

/// Exchanges a one-time code for credentials.
pub(super) fn enrol(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let request: EnrolRequest = call.message()?;
    let now = platform.now();
    let mint = Mint::new(platform, request.device, &request.code, "")?;
    let tokens = mint.tokens(now);
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
        tx.put_device(&device, &tokens.access, now)?;
        tx.put_tokens(device.id, &tokens)?;
        tx.note_hello(&device, &request.app, None, now)?;
        Ok(Some(staff))
    })?;
    let staff = staff.ok_or_else(|| Fault::of(StatusCode::FORBIDDEN, "code_invalid"))?;
    tracing::info!(device = %request.device, "enrolled");
    let (token, refresh) = mint.texts(now);
    Ok(message(&EnrolReply {
        staff,
        token,
        refresh,
        server_time: now,
        order_key: Some(platform.orders.public()),
    }))
}

/// Exchanges a refresh token. One that was replaced already and comes again was copied: then the phone must enrol again.
pub(super) fn refresh(platform: &Platform, call: &Call) -> Result<Response, Fault> {
    let request: RefreshRequest = call.message()?;
    let now = platform.now();
    let mint = Mint::new(platform, request.device, &request.refresh, &request.exchange)?;
    let exchange = &request.exchange;
    let given = Given {
        hash: Sha256::digest(&request.refresh).into(),
        issued: made_at(platform, request.device, &request.refresh),
        exchange: if exchange.is_empty() {
            String::new()
        } else {
            hex(&Sha256::digest(exchange))
        },
    };
    let refreshed = store::write(&*platform.store, |tx| {
        tx.refresh(request.device, &given, &|issued| mint.tokens(issued), now)
    })?;
    match refreshed {
        Refreshed::Renewed(issued) => {
            let (token, refresh) = mint.texts(issued);
            Ok(message(&RefreshReply {
                token,
                refresh,
                server_time: now,
            }))
        }
        Refreshed::Unknown => Err(Fault::of(StatusCode::UNAUTHORIZED, "refresh_invalid")),
        Refreshed::Revoked => {
            tracing::warn!(device = %request.device, "credentials withdrawn");
            Err(Fault::of(StatusCode::UNAUTHORIZED, "device_revoked"))
        }
    }
}
