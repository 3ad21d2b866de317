//! Decodes a picture upright, at a reduced scale where the format allows it, within limits of size, memory and time.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, RgbImage};
use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
use std::io::{BufReader, Cursor, Read};

use super::camera::{self, HEAD_BYTES};
use super::error::EvidenceError;
use super::format::PictureFormat;
use super::walk::Walk;
use crate::rules::likeness::Luma;
use crate::wire::limits::BLOB_BYTES;

/// Most pixels a side that is decoded.
const MOST_SIDE: u32 = 16_000;
/// Most pixels in all that are decoded.
const MOST_PIXELS: u64 = 50_000_000;
/// Most pixels of a progressive JPEG: all its coefficients are in memory at once.
const MOST_PROGRESSIVE: u64 = 25_000_000;
/// Most pixels of a PNG: it is decoded whole, with up to eight bytes a pixel.
const MOST_PNG: u64 = 25_000_000;
/// Most scans of a JPEG: each goes over the whole picture again, and takes only a few bytes of a file.
pub(super) const MOST_SCANS: u32 = 100;
/// Most bytes a decoder may allocate.
const MOST_ALLOC: u64 = 256 * 1024 * 1024;
/// Bytes read at once from the vault.
const READ: usize = 64 * 1024;

/// Opens a picture's bytes from the start, as often as asked.
pub type Opener<'a> = dyn Fn() -> Result<Box<dyn Read + 'a>, EvidenceError> + 'a;

/// A picture upright, with three bytes a pixel.
#[derive(Debug, Clone)]
pub struct Decoded {
    pub(super) pixels: RgbImage,
    /// Size of the original, upright.
    pub(super) original: (u32, u32),
    /// Decoded the same on every machine, so that hashes of it may be signed.
    pub(super) exact: bool,
}

impl Decoded {
    /// Width and height as decoded.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        self.pixels.dimensions()
    }

    /// The grey plane for measures and hashes; `None` when it could differ between machines.
    #[must_use]
    pub fn luma(&self) -> Option<Luma> {
        let (width, height) = self.pixels.dimensions();
        let plane = Luma::from_rgb(width, height, self.pixels.as_raw());
        plane.ok().filter(|_| self.exact)
    }
}

/// Decodes a picture so that its longer side has at least `edge` pixels, or all it has.
///
/// # Errors
/// [`EvidenceError::NotAnImage`], [`EvidenceError::ImageTooLarge`] from the header alone, or
/// [`EvidenceError::Undecodable`] (HEIC, too many scans, or damaged inside). The picture itself stays evidence.
pub fn decode(open: &Opener<'_>, edge: u32) -> Result<Decoded, EvidenceError> {
    let mut source = open()?;
    let mut head = Vec::new();
    source.by_ref().take(widen(HEAD_BYTES)).read_to_end(&mut head)?;
    let format = PictureFormat::sniff(&head).ok_or(EvidenceError::NotAnImage)?;
    let orientation = camera::read(&head).orientation;
    let (picture, original, exact) = match format {
        PictureFormat::Jpeg => decode_jpeg(open, head, source, edge)?,
        PictureFormat::Png => decode_png(head, source)?,
        PictureFormat::Heic => return Err(EvidenceError::Undecodable),
    };
    Ok(upright(picture, original, exact, orientation))
}

fn upright(mut picture: DynamicImage, original: (u32, u32), exact: bool, orientation: Option<u8>) -> Decoded {
    let mut original = original;
    if let Some(turn) = orientation.and_then(Orientation::from_exif) {
        picture.apply_orientation(turn);
        if orientation.is_some_and(|o| o >= 5) {
            original = (original.1, original.0);
        }
    }
    Decoded {
        pixels: picture.into_rgb8(),
        original,
        exact,
    }
}

type Raw = (DynamicImage, (u32, u32), bool);

/// Decodes at a reduced scale while the bytes stream by; what the scaling decoder cannot do goes through the general one.
fn decode_jpeg(open: &Opener<'_>, head: Vec<u8>, rest: Box<dyn Read + '_>, edge: u32) -> Result<Raw, EvidenceError> {
    let stream = Scans::new(Cursor::new(head).chain(rest.take(BLOB_BYTES)));
    let mut decoder = Decoder::new(BufReader::with_capacity(READ, stream));
    decoder.set_max_decoding_buffer_size(usize::try_from(MOST_ALLOC).unwrap_or(usize::MAX));
    decoder.read_info().map_err(|_| EvidenceError::Undecodable)?;
    let info = decoder.info().ok_or(EvidenceError::Undecodable)?;
    let original = (u32::from(info.width), u32::from(info.height));
    let most = match info.coding_process {
        CodingProcess::DctProgressive => MOST_PROGRESSIVE,
        _ => MOST_PIXELS,
    };
    check_size(original.0, original.1, most)?;
    if !matches!(info.pixel_format, PixelFormat::L8 | PixelFormat::RGB24) {
        let mut bytes = Vec::new();
        Scans::new(open()?.take(BLOB_BYTES)).read_to_end(&mut bytes)?;
        return Ok((decode_whole(&bytes, ImageFormat::Jpeg)?, original, false));
    }
    // the decoder stops at the first scale that satisfies either side: only the longer one may count
    let wanted = match original.0 >= original.1 {
        true => (narrow(edge), u16::MAX),
        false => (u16::MAX, narrow(edge)),
    };
    let scaled = decoder.scale(wanted.0, wanted.1);
    let (width, height) = scaled.map_err(|_| EvidenceError::Undecodable)?;
    let pixels = decoder.decode().map_err(|_| EvidenceError::Undecodable)?;
    let (width, height) = (u32::from(width), u32::from(height));
    let picture = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
    };
    Ok((picture.ok_or(EvidenceError::Undecodable)?, original, true))
}

fn decode_png(head: Vec<u8>, rest: Box<dyn Read + '_>) -> Result<Raw, EvidenceError> {
    let mut walk = Walk::new(PictureFormat::Png);
    walk.push(&head);
    let (width, height) = walk.size().ok_or(EvidenceError::Undecodable)?;
    check_size(width, height, MOST_PNG)?;
    let mut bytes = head;
    rest.take(BLOB_BYTES).read_to_end(&mut bytes)?;
    Ok((decode_whole(&bytes, ImageFormat::Png)?, (width, height), true))
}

fn check_size(width: u32, height: u32, most: u64) -> Result<(), EvidenceError> {
    if width.max(height) > MOST_SIDE || u64::from(width).saturating_mul(u64::from(height)) > most {
        Err(EvidenceError::ImageTooLarge { width, height })
    } else {
        Ok(())
    }
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

/// Passes a JPEG's bytes on, and stops at one scan too many.
struct Scans<R> {
    inner: R,
    walk: Walk,
}

impl<R: Read> Scans<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            walk: Walk::new(PictureFormat::Jpeg),
        }
    }
}

impl<R: Read> Read for Scans<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(out)?;
        self.walk.push(out.get(..count).unwrap_or(&[]));
        if self.walk.scans() > MOST_SCANS {
            return Err(EvidenceError::Undecodable.into());
        }
        Ok(count)
    }
}

fn narrow(side: u32) -> u16 {
    u16::try_from(side).unwrap_or(u16::MAX)
}

fn widen(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
