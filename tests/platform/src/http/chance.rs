//! Random bytes for keys, codes and names, and how they are written.

use axum::http::StatusCode;

use super::reply::Fault;

/// So many random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Fault::of(StatusCode::SERVICE_UNAVAILABLE, "busy"))?;
    Ok(bytes)
}

/// The same in hexadecimal, two letters a byte.
pub(super) fn random_hex<const N: usize>() -> Result<String, Fault> {
    Ok(hex(&random::<N>()?))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
