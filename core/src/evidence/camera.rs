//! What the camera wrote into the file: orientation, time, position. A hint to compare with, never the evidence.
//!
//! Only the first 256 KiB are looked at and eight tags are read; texts are taken only in the form they must have.

use exif::{Exif, In, Reader, Tag, Value};
use serde::{Deserialize, Serialize};
use std::io::Cursor;

use super::format::PictureFormat;
use crate::model::geo::{Crs, Point};

/// Bytes from the start of a file that are searched.
pub const HEAD_BYTES: usize = 256 * 1024;

/// What a picture says about itself. Everything may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExifSummary {
    /// Orientation as EXIF numbers it, 1 to 8; 1 is upright.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orientation: Option<u8>,
    /// When it was taken by the camera's clock, `YYYY-MM-DDTHH:MM:SS`, with the offset when the camera tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<String>,
    /// Where it was taken; EXIF states WGS-84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Point>,
    /// Whether the camera left its maker's note; screenshots and many forwarded files have none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maker_note: bool,
}

/// Reads the summary from the first bytes of a picture. What is malformed counts as absent.
#[must_use]
pub fn read(head: &[u8]) -> ExifSummary {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    let Some(exif) = block(head) else {
        return ExifSummary::default();
    };
    ExifSummary {
        orientation: orientation(&exif),
        taken_at: taken_at(&exif),
        position: position(&exif),
        maker_note: exif.get_field(Tag::MakerNote, In::PRIMARY).is_some(),
    }
}

fn block(head: &[u8]) -> Option<Exif> {
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    let parsed = match PictureFormat::sniff(head)? {
        PictureFormat::Jpeg => reader.read_raw(jpeg_block(head)?.to_vec()),
        PictureFormat::Heic => reader.read_from_container(&mut Cursor::new(head)),
        PictureFormat::Png => return None,
    };
    parsed.or_else(|e| e.distill_partial_result(|_| ())).ok()
}

/// The TIFF block of a JPEG's first EXIF segment.
fn jpeg_block(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head.get(2..)?;
    loop {
        let [0xFF, code, high, low, ..] = *rest else {
            return None;
        };
        if matches!(code, 0xDA | 0xD9) {
            return None;
        }
        let end = usize::from(u16::from_be_bytes([high, low])).checked_add(2)?;
        let segment = rest.get(4..end.min(rest.len()))?;
        if let Some(tiff) = segment.strip_prefix(b"Exif\0\0").filter(|_| code == 0xE1) {
            return Some(tiff);
        }
        rest = rest.get(end..)?;
    }
}

fn orientation(exif: &Exif) -> Option<u8> {
    let value = exif.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
    u8::try_from(value).ok().filter(|o| (1..=8).contains(o))
}

fn text(exif: &Exif, tag: Tag) -> Option<&str> {
    let Value::Ascii(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    let first = parts.first().filter(|p| p.len() <= 256)?;
    std::str::from_utf8(first).ok().map(|t| t.trim_matches(['\0', ' ']))
}

/// `2026:09:01 08:42:00` and an offset such as `+08:00`.
fn taken_at(exif: &Exif) -> Option<String> {
    let written = text(exif, Tag::DateTimeOriginal)?;
    let at = chrono::NaiveDateTime::parse_from_str(written, "%Y:%m:%d %H:%M:%S").ok()?;
    let offset = text(exif, Tag::OffsetTimeOriginal)
        .filter(|o| is_offset(o))
        .unwrap_or_default();
    Some(format!("{}{offset}", at.format("%Y-%m-%dT%H:%M:%S")))
}

fn is_offset(text: &str) -> bool {
    let stamp = format!("2000-01-01T00:00:00{text}");
    text.len() == 6 && chrono::DateTime::parse_from_rfc3339(&stamp).is_ok()
}

fn position(exif: &Exif) -> Option<Point> {
    let latitude = angle(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, ["N", "S"])?;
    let longitude = angle(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, ["E", "W"])?;
    Point::from_degrees(longitude, latitude, Crs::Wgs84).ok()
}

/// Degrees, minutes and seconds with the letter of the hemisphere; without that letter there is no position.
fn angle(exif: &Exif, tag: Tag, letter: Tag, [positive, negative]: [&str; 2]) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    let [degrees, minutes, seconds] = parts.as_slice() else {
        return None;
    };
    // a zero denominator makes no finite number, which no point is made of
    let size = degrees.to_f64() + minutes.to_f64() / 60.0 + seconds.to_f64() / 3600.0;
    match text(exif, letter)? {
        l if l == positive => Some(size),
        l if l == negative => Some(-size),
        _ => None,
    }
}

#[cfg(test)]
#[path = "camera_tests.rs"]
mod tests;
