//! Parts the tests share: a folder that goes away, seeded randomness, pictures made on the spot.

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::io::Cursor;
use std::sync::Mutex;

use super::error::EvidenceError;
use super::folder::FolderMedia;
use crate::model::blob::BlobHash;
use crate::model::env::{Entropy, SecretKey};

pub(super) struct Seeded(Mutex<ChaCha8Rng>);

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        eprintln!("seed {seed}");
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))
    }

    pub(super) fn below(&self, end: usize) -> usize {
        (self.0.lock().unwrap().next_u64() % end as u64) as usize
    }

    pub(super) fn bytes(&self, count: usize) -> Vec<u8> {
        let mut out = vec![0; count];
        self.fill(&mut out);
        out
    }
}

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(out);
    }
}

pub(super) fn vault() -> (tempfile::TempDir, FolderMedia) {
    let folder = tempfile::tempdir().unwrap();
    let media = FolderMedia::open(folder.path()).unwrap();
    (folder, media)
}

pub(super) fn nothing_known(_: &BlobHash) -> Result<Option<SecretKey>, EvidenceError> {
    Ok(None)
}

/// A picture with a noisy ground, so that it does not compress to nothing.
pub(super) fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) as u8;
        Rgb([noise, noise.wrapping_add(x as u8), (y % 256) as u8])
    })
}

pub(super) fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 85)
        .encode_image(picture)
        .unwrap();
    out
}

pub(super) fn png(picture: &RgbImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

/// A file of ISO boxes with the brand that phones write; not decodable, and need not be.
pub(super) fn heic(body: &[u8]) -> Vec<u8> {
    let mut out = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1".to_vec();
    out.extend(u32::try_from(body.len() + 8).unwrap().to_be_bytes());
    out.extend(b"mdat");
    out.extend(body);
    out
}

pub(super) fn field(tag: Tag, value: Value) -> Field {
    Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    }
}

pub(super) fn ascii(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

pub(super) fn rationals(parts: &[(u32, u32)]) -> Value {
    let rational = |&(num, denom): &(u32, u32)| Rational { num, denom };
    Value::Rational(parts.iter().map(rational).collect())
}

/// Puts an EXIF block with these fields behind the start of a JPEG.
pub(super) fn with_exif(jpeg: &[u8], fields: &[Field]) -> Vec<u8> {
    let mut writer = Writer::new();
    for f in fields {
        writer.push_field(f);
    }
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).unwrap();
    with_app1(jpeg, &tiff.into_inner())
}

pub(super) fn with_app1(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    out.extend([0xFF, 0xE1]);
    out.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
    out.extend(b"Exif\0\0");
    out.extend(tiff);
    out.extend(&jpeg[2..]);
    out
}

/// Where the first frame header of a JPEG states its height; the width follows.
pub(super) fn height_offset(jpeg: &[u8]) -> usize {
    jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap() + 5
}

/// The same file, claiming another size.
pub(super) fn claiming(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut out = jpeg.to_vec();
    let at = height_offset(jpeg);
    out[at..at + 2].copy_from_slice(&height.to_be_bytes());
    out[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
    out
}
