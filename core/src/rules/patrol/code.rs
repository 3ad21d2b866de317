//! A track as bytes: each reading as its difference from the one before, so that a day's walk takes some kilobytes.

use super::Fix;
use crate::model::fault::{Coded, Fault};
use crate::model::geo::Point;
use crate::model::time::UtcMillis;

const FORMAT: u8 = 1;

/// Bytes that are no track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no track")]
pub struct TrackError;

impl Coded for TrackError {
    fn fault(&self) -> Fault {
        Fault::of("track_unreadable")
    }
}

/// Writes readings; nothing is lost.
#[must_use]
pub fn encode(fixes: &[Fix]) -> Vec<u8> {
    let mut out = vec![FORMAT];
    let mut last = [0; 5];
    for fix in fixes {
        let now = numbers(fix);
        for (value, before) in now.iter().zip(last) {
            put(&mut out, value.wrapping_sub(before));
        }
        put(&mut out, i64::from(fix.accuracy_m) << 1 | i64::from(fix.mock));
        last = now;
    }
    out
}

/// Reads readings.
///
/// # Errors
/// [`TrackError`] for bytes that [`encode`] did not write.
pub fn decode(bytes: &[u8]) -> Result<Vec<Fix>, TrackError> {
    let (format, mut rest) = bytes.split_first().ok_or(TrackError)?;
    if *format != FORMAT {
        return Err(TrackError);
    }
    let mut fixes = Vec::new();
    let mut last = [0_i64; 5];
    while !rest.is_empty() {
        for value in &mut last {
            *value = value.wrapping_add(take(&mut rest)?);
        }
        let tail = take(&mut rest)?;
        fixes.push(fix(last, tail)?);
    }
    Ok(fixes)
}

#[allow(clippy::cast_possible_wrap)] // undone in `fix`
fn numbers(fix: &Fix) -> [i64; 5] {
    [
        fix.point.lon_e7.into(),
        fix.point.lat_e7.into(),
        fix.boot.into(),
        fix.mono_ms as i64,
        fix.wall.0,
    ]
}

#[allow(clippy::cast_sign_loss)] // see `numbers`
fn fix([lon, lat, boot, mono, wall]: [i64; 5], tail: i64) -> Result<Fix, TrackError> {
    Ok(Fix {
        point: Point {
            lon_e7: i32::try_from(lon).map_err(|_| TrackError)?,
            lat_e7: i32::try_from(lat).map_err(|_| TrackError)?,
        },
        accuracy_m: u16::try_from(tail >> 1).map_err(|_| TrackError)?,
        boot: u16::try_from(boot).map_err(|_| TrackError)?,
        mono_ms: mono as u64,
        wall: UtcMillis(wall),
        mock: tail & 1 == 1,
    })
}

/// Zigzag and seven bits a byte, so that small differences of either sign are short.
#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // bit patterns
fn put(out: &mut Vec<u8>, value: i64) {
    let mut left = ((value << 1) ^ (value >> 63)) as u64;
    while left >= 0x80 {
        out.push(left as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
}

#[allow(clippy::cast_possible_wrap)] // bit patterns
fn take(rest: &mut &[u8]) -> Result<i64, TrackError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest.split_first().ok_or(TrackError)?;
        *rest = tail;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    Err(TrackError)
}
