//! A JPEG without what the camera and others wrote into it: the picture's own data, bit for bit, and its orientation.

use std::io::Cursor;

use super::camera;
use super::error::EvidenceError;

/// How a bare copy is recorded.
pub const BARE: &str = "bare:1";

/// Copies a JPEG without EXIF, XMP, comments, makers' segments, embedded previews and everything behind its end. Colour profile and
/// orientation stay, for they tell how the picture is shown. Nothing is decoded.
///
/// # Errors
/// [`EvidenceError::NotAnImage`] for what does not begin as a JPEG, [`EvidenceError::Truncated`] for one without an end.
pub fn without_metadata(jpeg: &[u8]) -> Result<Vec<u8>, EvidenceError> {
    let mut rest = jpeg.strip_prefix(&[0xFF, 0xD8]).ok_or(EvidenceError::NotAnImage)?;
    let mut out = Vec::with_capacity(jpeg.len());
    out.extend([0xFF, 0xD8]);
    if let Some(turned) = camera::read(jpeg).orientation.filter(|o| *o != 1) {
        orientation(&mut out, turned);
    }
    loop {
        let (code, after) = marker(rest)?;
        match code {
            0xD9 => {
                out.extend([0xFF, 0xD9]);
                return Ok(out);
            }
            // markers without a length
            0x01 | 0xD0..=0xD8 => rest = after,
            _ => {
                let (body, after) = segment(after)?;
                keep(&mut out, code, body);
                rest = after;
                if code == 0xDA {
                    let data = scan_length(rest);
                    out.extend(rest.get(..data).unwrap_or_default());
                    rest = rest.get(data..).unwrap_or_default();
                }
            }
        }
    }
}

/// The next marker's code, fill bytes and stray bytes before it passed over.
fn marker(bytes: &[u8]) -> Result<(u8, &[u8]), EvidenceError> {
    let start = bytes.iter().position(|b| *b == 0xFF).ok_or(EvidenceError::Truncated)?;
    let rest = bytes.get(start..).unwrap_or_default();
    let code = rest.iter().position(|b| *b != 0xFF).ok_or(EvidenceError::Truncated)?;
    let (code, after) = rest
        .get(code..)
        .and_then(<[u8]>::split_first)
        .ok_or(EvidenceError::Truncated)?;
    Ok((*code, after))
}

/// A segment's body behind its length, which counts its own two bytes.
fn segment(bytes: &[u8]) -> Result<(&[u8], &[u8]), EvidenceError> {
    let (length, after) = bytes.split_first_chunk::<2>().ok_or(EvidenceError::Truncated)?;
    let body = usize::from(u16::from_be_bytes(*length)).saturating_sub(2);
    after.split_at_checked(body).ok_or(EvidenceError::Truncated)
}

/// Writes a segment that the picture needs.
fn keep(out: &mut Vec<u8>, code: u8, body: &[u8]) {
    match code {
        // JFIF without the preview it may carry
        0xE0 => {
            if let Some(head) = body.strip_prefix(b"JFIF\0").and_then(|b| b.get(..7)) {
                write(out, code, &[b"JFIF\0", head, &[0, 0]].concat());
            }
        }
        0xE2 if body.starts_with(b"ICC_PROFILE\0") => write(out, code, body),
        // tells which colours the three parts are
        0xEE if body.starts_with(b"Adobe") => write(out, code, body),
        0xE1..=0xEF | 0xFE => {}
        _ => write(out, code, body),
    }
}

fn write(out: &mut Vec<u8>, code: u8, body: &[u8]) {
    // a body that came out of a segment fits into one
    let length = u16::try_from(body.len().saturating_add(2)).unwrap_or(u16::MAX);
    out.extend([0xFF, code]);
    out.extend(length.to_be_bytes());
    out.extend(body);
}

/// Length of the compressed data up to the next marker that ends them.
fn scan_length(bytes: &[u8]) -> usize {
    let ends = |pair: &[u8]| matches!(pair, [0xFF, code] if !matches!(code, 0x00 | 0xD0..=0xD7 | 0xFF));
    bytes.windows(2).position(ends).unwrap_or(bytes.len())
}

/// An EXIF block that says which way is up and nothing else.
fn orientation(out: &mut Vec<u8>, turned: u8) {
    let field = exif::Field {
        tag: exif::Tag::Orientation,
        ifd_num: exif::In::PRIMARY,
        value: exif::Value::Short(vec![u16::from(turned)]),
    };
    let mut writer = exif::experimental::Writer::new();
    writer.push_field(&field);
    let mut tiff = Cursor::new(Vec::new());
    // writing into memory does not fail; without the block the picture would only lie on its side
    if writer.write(&mut tiff, false).is_ok() {
        write(out, 0xE1, &[b"Exif\0\0", tiff.into_inner().as_slice()].concat());
    }
}

#[cfg(test)]
#[path = "bare_tests.rs"]
mod tests;
