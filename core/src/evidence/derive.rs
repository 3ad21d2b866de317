//! Pictures made of a photo: thumbnail, upload-sized copy with a visible stamp, redaction. Always new files, never edits.

use fast_image_resize as fr;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

use super::decode::Decoded;
use super::error::EvidenceError;
use super::stamp::{self, STAMP};

/// Longer side of the thumbnails that lists show, in pixels.
pub const THUMBNAIL: u32 = 320;
/// Longer side of the copy that travels first when the line is thin, in pixels.
pub const UPLOAD: u32 = 1_600;
/// Longer side of a redacted copy: the full size of most phones, and no more memory than that.
pub const REDACTED: u32 = 4_096;
/// Longer side that everything measured at intake is decoded to at least.
pub const MEASURED: u32 = 480;

const QUALITY: u8 = 80;
const REDACTED_QUALITY: u8 = 90;

/// A picture made of another.
#[derive(Clone, PartialEq, Eq)]
pub struct Made {
    /// JPEG without EXIF.
    pub jpeg: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// How it was made, as the manifest records it.
    pub op: String,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made").field("op", &self.op).finish_non_exhaustive()
    }
}

/// An area to black out, in pixels of the upright original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

/// The small picture of a list.
///
/// # Errors
/// [`EvidenceError::Undecodable`], which does not happen to a decoded picture.
pub fn thumbnail(decoded: &Decoded, edge: u32) -> Result<Made, EvidenceError> {
    finish(shrunk(decoded, edge)?, QUALITY, format!("resize:{edge};jpeg:{QUALITY}"))
}

/// The upload-sized copy, with lines of text over its foot when there are any.
///
/// # Errors
/// As [`thumbnail`].
pub fn upload_copy(decoded: &Decoded, lines: &[String]) -> Result<Made, EvidenceError> {
    let mut picture = shrunk(decoded, UPLOAD)?;
    let mut op = format!("resize:{UPLOAD};jpeg:{QUALITY}");
    if !lines.is_empty() {
        stamp::draw(&mut picture, lines);
        op = format!("{op};{STAMP}");
    }
    finish(picture, QUALITY, op)
}

/// A copy in which areas are black.
///
/// # Errors
/// [`EvidenceError::AreaOutside`] for an area that is empty or not wholly inside the original; then nothing is made, for a
/// face that stays visible by a slip is worse than an error.
pub fn redacted(decoded: &Decoded, areas: &[Area]) -> Result<Made, EvidenceError> {
    let (width, height) = decoded.original;
    let inside = |a: &Area| {
        let right = a.x.checked_add(a.w).is_some_and(|r| r <= width);
        a.w > 0 && a.h > 0 && right && a.y.checked_add(a.h).is_some_and(|b| b <= height)
    };
    if areas.is_empty() || !areas.iter().all(inside) {
        return Err(EvidenceError::AreaOutside);
    }
    let mut picture = shrunk(decoded, REDACTED)?;
    for area in areas {
        black_out(&mut picture, area, decoded.original);
    }
    let op = format!("resize:{REDACTED};redact:{};jpeg:{REDACTED_QUALITY}", areas.len());
    finish(picture, REDACTED_QUALITY, op)
}

/// Blackens an area, rounded outwards to whole pixels and a pixel more, for resizing spreads an edge.
fn black_out(picture: &mut RgbImage, area: &Area, original: (u32, u32)) {
    let (width, height) = picture.dimensions();
    let from = |at: u32, small: u32, large: u32| u64::from(at) * u64::from(small) / u64::from(large.max(1));
    let to = |at: u32, small: u32, large: u32| (u64::from(at) * u64::from(small)).div_ceil(u64::from(large.max(1)));
    let columns = from(area.x, width, original.0).saturating_sub(1)..=to(area.x + area.w, width, original.0);
    let rows = from(area.y, height, original.1).saturating_sub(1)..=to(area.y + area.h, height, original.1);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if columns.contains(&u64::from(x)) && rows.contains(&u64::from(y)) {
            pixel.0 = [0; 3];
        }
    }
}

/// The size with the same proportions whose longer edge is `edge`; never larger than the picture.
fn fit(width: u32, height: u32, edge: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= edge {
        return (width, height);
    }
    let scaled = |side: u32| {
        let rounded = (u64::from(side) * u64::from(edge) + u64::from(long) / 2) / u64::from(long.max(1));
        u32::try_from(rounded).unwrap_or(edge).max(1)
    };
    (scaled(width), scaled(height))
}

fn shrunk(decoded: &Decoded, edge: u32) -> Result<RgbImage, EvidenceError> {
    let (width, height) = decoded.size();
    let (to_width, to_height) = fit(width, height, edge);
    if (to_width, to_height) == (width, height) {
        return Ok(decoded.pixels.clone());
    }
    let failed = |_| EvidenceError::Undecodable;
    let source = fr::images::ImageRef::new(width, height, decoded.pixels.as_raw(), fr::PixelType::U8x3);
    let mut target = fr::images::Image::new(to_width, to_height, fr::PixelType::U8x3);
    let how = fr::ResizeOptions::new().resize_alg(fr::ResizeAlg::Convolution(fr::FilterType::CatmullRom));
    fr::Resizer::new()
        .resize(&source.map_err(failed)?, &mut target, &how)
        .map_err(|_| EvidenceError::Undecodable)?;
    RgbImage::from_raw(to_width, to_height, target.into_vec()).ok_or(EvidenceError::Undecodable)
}

fn finish(picture: RgbImage, quality: u8, op: String) -> Result<Made, EvidenceError> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode_image(&picture)
        .map_err(|_| EvidenceError::Undecodable)?;
    let (width, height) = picture.dimensions();
    Ok(Made {
        jpeg,
        width,
        height,
        op,
    })
}

#[cfg(test)]
#[path = "derive_tests.rs"]
mod tests;
