use super::*;
use crate::evidence::derive;
use crate::evidence::testing::{Seeded, claiming, field, heic, jpeg, picture, png, with_exif};
use exif::{Tag, Value};
use image::Rgb;
use image::codecs::jpeg::JpegEncoder;

const EDGE: u32 = derive::THUMBNAIL;

fn opened(bytes: &[u8], edge: u32) -> Result<Decoded, EvidenceError> {
    decode(&|| Ok(Box::new(bytes)), edge)
}

fn thumbnail(bytes: &[u8], edge: u32) -> Result<Vec<u8>, EvidenceError> {
    Ok(derive::thumbnail(&opened(bytes, edge)?, edge)?.jpeg)
}

const CORNERS: [[u8; 3]; 4] = [[220, 30, 30], [30, 220, 30], [30, 30, 220], [220, 220, 30]];

/// Four coloured quarters, 400 x 240: top left, top right, bottom left, bottom right.
fn upright(x: u32, y: u32) -> Rgb<u8> {
    Rgb(CORNERS[usize::from(x >= 200) + 2 * usize::from(y >= 120)])
}

/// Where a stored pixel belongs in the upright picture, by the definition of the EXIF orientation values.
fn belongs(orientation: u16, x: u32, y: u32, width: u32, height: u32) -> (u32, u32) {
    let (right, low) = (width - 1 - x, height - 1 - y);
    match orientation {
        1 => (x, y),
        2 => (right, y),
        3 => (right, low),
        4 => (x, low),
        5 => (y, x),
        6 => (low, x),
        7 => (low, right),
        _ => (y, right),
    }
}

fn stored(orientation: u16) -> Vec<u8> {
    let (width, height) = if orientation > 4 { (240, 400) } else { (400, 240) };
    let turned = RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = belongs(orientation, x, y, width, height);
        upright(x, y)
    });
    with_exif(
        &jpeg(&turned),
        &[field(Tag::Orientation, Value::Short(vec![orientation]))],
    )
}

fn near(a: Rgb<u8>, b: [u8; 3]) -> bool {
    a.0.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 40)
}

#[test]
fn a_thumbnail_is_upright_for_all_eight_orientations() {
    for orientation in 1..=8 {
        let made = thumbnail(&stored(orientation)[..], 100).unwrap();
        let shown = image::load_from_memory(&made).unwrap().to_rgb8();
        assert_eq!(shown.dimensions(), (100, 60), "orientation {orientation}");
        for (at, colour) in [(25, 15), (75, 15), (25, 45), (75, 45)].into_iter().zip(CORNERS) {
            assert!(
                near(*shown.get_pixel(at.0, at.1), colour),
                "orientation {orientation} at {at:?}"
            );
        }
    }
}

#[test]
fn a_thumbnail_fits_its_edge_and_carries_no_exif() {
    for (width, height, expected) in [
        (4000, 3000, (320, 240)),
        (30, 900, (11, 320)),
        (900, 1, (320, 1)),
        (321, 320, (320, 319)),
    ] {
        let source = with_exif(
            &jpeg(&picture(width, height)),
            &[field(Tag::Orientation, Value::Short(vec![1]))],
        );
        let made = thumbnail(&source[..], EDGE).unwrap();
        let shown = image::load_from_memory(&made).unwrap();
        assert_eq!((shown.width(), shown.height()), expected);
        assert!(!made.windows(4).any(|w| w == b"Exif"));
    }
}

#[test]
fn a_small_picture_is_not_enlarged() {
    for bytes in [jpeg(&picture(40, 24)), png(&picture(40, 24))] {
        let shown = image::load_from_memory(&thumbnail(&bytes[..], EDGE).unwrap()).unwrap();
        assert_eq!((shown.width(), shown.height()), (40, 24));
    }
}

#[test]
fn grey_and_transparent_pictures_get_thumbnails() {
    let mut grey = Vec::new();
    let picture = DynamicImage::ImageRgb8(picture(500, 400));
    JpegEncoder::new_with_quality(&mut grey, 80)
        .encode_image(&picture.to_luma8())
        .unwrap();
    let mut clear = Cursor::new(Vec::new());
    picture.to_rgba16().write_to(&mut clear, ImageFormat::Png).unwrap();
    for bytes in [grey, clear.into_inner()] {
        let shown = image::load_from_memory(&thumbnail(&bytes[..], EDGE).unwrap()).unwrap();
        assert_eq!((shown.width(), shown.height()), (320, 256));
    }
}

#[test]
fn a_header_that_claims_too_many_pixels_is_refused_before_decoding() {
    let whole = jpeg(&picture(64, 48));
    for (width, height) in [(60_000, 60_000), (16_001, 10), (10, 16_001), (8_000, 6_251)] {
        let refused = EvidenceError::ImageTooLarge {
            width: width.into(),
            height: height.into(),
        };
        assert_eq!(thumbnail(&claiming(&whole, width, height)[..], EDGE), Err(refused));
    }
    let mut png = png(&picture(64, 48));
    png[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let refused = EvidenceError::ImageTooLarge {
        width: 60_000,
        height: 60_000,
    };
    assert_eq!(thumbnail(&png[..], EDGE), Err(refused));
}

#[test]
fn what_cannot_be_decoded_has_a_name() {
    assert_eq!(thumbnail(&b"text"[..], EDGE), Err(EvidenceError::NotAnImage));
    assert_eq!(thumbnail(&heic(&[0; 50])[..], EDGE), Err(EvidenceError::Undecodable));
    assert_eq!(
        thumbnail(&b"\xFF\xD8\xFF\xD9"[..], EDGE),
        Err(EvidenceError::Undecodable)
    );
}

#[test]
fn damaged_pictures_end_in_a_result_and_never_in_a_panic() {
    let random = Seeded::new(21);
    let picture = picture(120, 90);
    for whole in [jpeg(&picture), png(&picture)] {
        for _ in 0..300 {
            let mut hurt = whole.clone();
            for _ in 0..=random.below(6) {
                let at = random.below(hurt.len());
                hurt[at] = random.below(256) as u8;
            }
            hurt.truncate(1 + random.below(hurt.len()) * 4 / 3);
            if let Ok(made) = thumbnail(&hurt[..], EDGE) {
                assert!(image::load_from_memory(&made).is_ok());
            }
        }
    }
}

/// A progressive JPEG whose scans each take a few bytes and a whole pass over the picture.
fn many_scans(scans: usize) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    bytes.extend([1; 64]);
    // 4,000 x 4,000, one component
    bytes.extend([0xFF, 0xC2, 0, 11, 8, 0x0F, 0xA0, 0x0F, 0xA0, 1, 1, 0x11, 0]);
    for class in [0, 0x10] {
        bytes.extend([0xFF, 0xC4, 0, 20, class, 1]);
        bytes.extend([0; 16]);
    }
    for _ in 0..scans {
        bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0]);
    }
    bytes.extend([0xFF, 0xD9]);
    bytes
}

#[test]
fn a_picture_of_endless_scans_is_given_up_within_seconds() {
    let begun = std::time::Instant::now();
    assert_eq!(
        opened(&many_scans(100_000), EDGE).unwrap_err(),
        EvidenceError::Undecodable
    );
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn a_large_picture_is_decoded_at_a_reduced_scale() {
    let decoded = opened(&jpeg(&picture(4_000, 3_000)), 480).unwrap();
    assert_eq!(decoded.size(), (500, 375));
    assert_eq!(decoded.original, (4_000, 3_000));
    assert!(decoded.luma().is_some());
}
