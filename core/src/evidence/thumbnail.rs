//! The small upright picture of a list, decoded within limits. An embedded EXIF thumbnail never stands in for it.

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, RgbImage};
use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
use std::io::{Cursor, Read};

use super::camera::{self, HEAD_BYTES};
use super::error::EvidenceError;
use super::format::PictureFormat;
use super::walk::Walk;
use crate::wire::limits::BLOB_BYTES;

/// Edge of the thumbnails that lists show, in pixels.
pub const EDGE: u32 = 320;

/// Most pixels a side that is decoded.
const MOST_SIDE: u32 = 16_000;
/// Most pixels in all that are decoded.
const MOST_PIXELS: u64 = 50_000_000;
/// Most pixels of a progressive JPEG: all its coefficients are in memory at once.
const MOST_PROGRESSIVE: u64 = 25_000_000;
/// Most bytes a decoder may allocate.
const MOST_ALLOC: u64 = 256 * 1024 * 1024;
const QUALITY: u8 = 80;

/// Makes an upright JPEG whose longer edge is at most `edge` pixels. It carries no EXIF.
///
/// # Errors
/// [`EvidenceError::NotAnImage`], [`EvidenceError::ImageTooLarge`] from the header alone, or
/// [`EvidenceError::Undecodable`] (HEIC, or damaged inside). The picture itself stays evidence without a thumbnail.
pub fn thumbnail(mut source: impl Read, edge: u32) -> Result<Vec<u8>, EvidenceError> {
    let mut bytes = Vec::new();
    source.by_ref().take(widen(HEAD_BYTES)).read_to_end(&mut bytes)?;
    let format = PictureFormat::sniff(&bytes).ok_or(EvidenceError::NotAnImage)?;
    let orientation = camera::read(&bytes).orientation;
    let known = check_header(format, &bytes)?;
    source.take(BLOB_BYTES).read_to_end(&mut bytes)?;
    if !known {
        check_header(format, &bytes)?;
    }
    let picture = match format {
        PictureFormat::Jpeg => decode_jpeg(&bytes, edge)?,
        PictureFormat::Png => decode_whole(&bytes, ImageFormat::Png)?,
        PictureFormat::Heic => return Err(EvidenceError::Undecodable),
    };
    encode(shrink(picture, edge), orientation)
}

/// Refuses by the header, before anything is allocated for pixels. Tells whether the header was there.
fn check_header(format: PictureFormat, bytes: &[u8]) -> Result<bool, EvidenceError> {
    let mut walk = Walk::new(format);
    walk.push(bytes);
    match walk.size() {
        Some((width, height)) if is_too_large(width, height, MOST_PIXELS) => {
            Err(EvidenceError::ImageTooLarge { width, height })
        }
        size => Ok(size.is_some()),
    }
}

fn is_too_large(width: u32, height: u32, most: u64) -> bool {
    width.max(height) > MOST_SIDE || u64::from(width).saturating_mul(u64::from(height)) > most
}

/// Decodes at a reduced scale; what the scaling decoder cannot do goes through the general one.
fn decode_jpeg(bytes: &[u8], edge: u32) -> Result<DynamicImage, EvidenceError> {
    match decode_scaled(bytes, edge) {
        Ok(Some(picture)) => Ok(picture),
        Err(too_large @ EvidenceError::ImageTooLarge { .. }) => Err(too_large),
        _ => decode_whole(bytes, ImageFormat::Jpeg),
    }
}

fn decode_scaled(bytes: &[u8], edge: u32) -> Result<Option<DynamicImage>, EvidenceError> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_max_decoding_buffer_size(usize::try_from(MOST_ALLOC).unwrap_or(usize::MAX));
    decoder.read_info().map_err(|_| EvidenceError::Undecodable)?;
    let info = decoder.info().ok_or(EvidenceError::Undecodable)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let most = match info.coding_process {
        CodingProcess::DctProgressive => MOST_PROGRESSIVE,
        _ => MOST_PIXELS,
    };
    if is_too_large(width, height, most) {
        return Err(EvidenceError::ImageTooLarge { width, height });
    }
    // the decoder stops at the first scale that satisfies either side: only the longer one may count
    let (want_width, want_height) = match width >= height {
        true => (narrow(edge), u16::MAX),
        false => (u16::MAX, narrow(edge)),
    };
    let (width, height) = decoder
        .scale(want_width, want_height)
        .map_err(|_| EvidenceError::Undecodable)?;
    let pixels = decoder.decode().map_err(|_| EvidenceError::Undecodable)?;
    let (width, height) = (u32::from(width), u32::from(height));
    Ok(match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        PixelFormat::L16 | PixelFormat::CMYK32 => None,
    })
}

fn decode_whole(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, EvidenceError> {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_ALLOC);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.decode().map_err(|_| EvidenceError::Undecodable)
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

fn shrink(picture: DynamicImage, edge: u32) -> DynamicImage {
    let (width, height) = fit(picture.width(), picture.height(), edge);
    if (width, height) == (picture.width(), picture.height()) {
        return picture;
    }
    picture.thumbnail_exact(width, height)
}

fn encode(mut picture: DynamicImage, orientation: Option<u8>) -> Result<Vec<u8>, EvidenceError> {
    if let Some(turn) = orientation.and_then(Orientation::from_exif) {
        picture.apply_orientation(turn);
    }
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, QUALITY)
        .encode_image(&picture.to_rgb8())
        .map_err(|_| EvidenceError::Undecodable)?;
    Ok(out)
}

fn narrow(side: u32) -> u16 {
    u16::try_from(side).unwrap_or(u16::MAX)
}

fn widen(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "thumbnail_tests.rs"]
mod tests;
