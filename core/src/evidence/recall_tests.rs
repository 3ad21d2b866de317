//! How well altered copies of real photos are found, and how often different photos are taken for one. Over the corpus of
//! camera files when it is at hand (see `corpus_tests`); every third file, or all with `FUSHAN_ALL=1`.

use super::corpus_tests::{corpus, files};
use super::decode::decode;
use super::testing::Seeded;
use crate::rules::likeness::{Luma, Pictured, SAME_PICTURE, SIMILAR, picture};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage};

/// Longer side that a photo must have to count.
const LEAST: u32 = 480;

fn hashes(bytes: &[u8]) -> Option<Pictured> {
    let decoded = decode(&|| Ok(Box::new(bytes)), super::derive::MEASURED).ok()?;
    Some(picture(&decoded.luma()?))
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality)
        .encode_image(picture)
        .unwrap();
    out
}

fn resized(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    imageops::resize(picture, width.max(1), height.max(1), FilterType::Triangle)
}

fn cropped(picture: &RgbImage, left: u32, top: u32, right: u32, bottom: u32) -> RgbImage {
    let (w, h) = picture.dimensions();
    let part = |side: u32, hundredths: u32| side * hundredths / 100;
    let (x, y) = (part(w, left), part(h, top));
    imageops::crop_imm(picture, x, y, w - x - part(w, right), h - y - part(h, bottom)).to_image()
}

fn altered(picture: &RgbImage, random: &Seeded) -> Vec<(&'static str, RgbImage, u8)> {
    let (w, h) = picture.dimensions();
    let to_1080 = |side: u32| side * 1_080 / w.max(h);
    let mut barred = picture.clone();
    for (_, _, pixel) in barred
        .enumerate_pixels_mut()
        .filter(|(x, y, _)| *x < w * 55 / 100 && *y > h * 82 / 100)
    {
        *pixel = Rgb([240, 240, 240]);
    }
    let bright = imageops::brighten(picture, 64);
    let side = |random: &Seeded| u32::try_from(random.below(11)).unwrap();
    let [a, b, c, d] = [side(random), side(random), side(random), side(random)];
    vec![
        ("JPEG q40", picture.clone(), 40),
        ("resize 50 %", resized(picture, w / 2, h / 2), 85),
        ("1080 px q60", resized(picture, to_1080(w), to_1080(h)), 60),
        ("brightness +25 %", bright, 85),
        ("watermark bar", barred, 85),
        ("mirror", imageops::flip_horizontal(picture), 85),
        ("crop 5 % each side", cropped(picture, 5, 5, 5, 5), 85),
        ("crop 10 % each side", cropped(picture, 10, 10, 10, 10), 85),
        ("crop 0 to 10 % a side", cropped(picture, a, b, c, d), 85),
    ]
}

fn same(a: &Pictured, b: &Pictured) -> bool {
    a.whole.distance(&b.whole) <= SAME_PICTURE
}

/// As the index asks: the copy, straight and mirrored, against the original's five crops.
fn similar(original: &Pictured, copy: &Pictured) -> bool {
    let asked = [copy.crops[0], copy.mirrors[0]];
    original
        .crops
        .iter()
        .any(|crop| asked.iter().any(|hash| hash.distance(crop) <= SIMILAR))
}

#[test]
fn altered_copies_of_real_photos_are_found_and_different_photos_are_not() {
    let Some(folder) = corpus() else {
        return;
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    let step = if std::env::var_os("FUSHAN_ALL").is_some() { 1 } else { 3 };
    let random = Seeded::new(31);
    let mut known: Vec<Pictured> = Vec::new();
    let mut found: Vec<(&str, u32, u32)> = Vec::new();
    for path in paths.iter().step_by(step) {
        let bytes = std::fs::read(path).unwrap();
        let Ok(decoded) = decode(&|| Ok(Box::new(&bytes[..])), 1_200) else {
            continue;
        };
        let photo = decoded.pixels;
        if photo.width().max(photo.height()) < LEAST {
            continue;
        }
        // not through a file: the original's hashes come from its own decoding, as at intake
        let Some(original) = hashes(&bytes) else { continue };
        for (at, (name, copy, quality)) in altered(&photo, &random).into_iter().enumerate() {
            let copy = hashes(&jpeg(&copy, quality)).unwrap();
            if found.len() <= at {
                found.push((name, 0, 0));
            }
            found[at].1 += u32::from(same(&original, &copy));
            found[at].2 += u32::from(similar(&original, &copy));
        }
        known.push(original);
    }
    let photos = u32::try_from(known.len()).unwrap();
    let (mut pairs, mut false_same, mut false_similar) = (0_u32, 0_u32, 0_u32);
    for (n, a) in known.iter().enumerate() {
        for b in &known[n + 1..] {
            pairs += 1;
            false_same += u32::from(same(a, b));
            false_similar += u32::from(similar(a, b));
        }
    }
    eprintln!("{photos} photos, {pairs} pairs");
    for (name, same, similar) in &found {
        let share = |n: &u32| f64::from(*n) * 100.0 / f64::from(photos);
        eprintln!(
            "{name:24} same {:5.1} %   similar {:5.1} %",
            share(same),
            share(similar)
        );
    }
    eprintln!("different photos hit: same {false_same}, similar {false_similar}");
    assert!(photos > 10, "{photos}");
    let at_least = |name: &str, same: u32, similar: u32| {
        let (_, s, m) = found.iter().find(|(n, ..)| *n == name).unwrap();
        assert!(s * 100 >= same * photos, "{name}: same {s} of {photos}");
        assert!(m * 100 >= similar * photos, "{name}: similar {m} of {photos}");
    };
    at_least("JPEG q40", 97, 97);
    at_least("resize 50 %", 97, 97);
    at_least("1080 px q60", 97, 97);
    at_least("brightness +25 %", 85, 90);
    at_least("watermark bar", 90, 90);
    at_least("mirror", 0, 97);
    at_least("crop 5 % each side", 0, 90);
    assert!(false_same * 100 <= pairs, "{false_same} of {pairs} pairs");
}

/// The same picture decoded from PNG and hashed twice is one hash: nothing in it depends on the moment.
#[test]
fn hashing_is_repeatable() {
    let made = super::testing::picture(700, 500);
    let mut png = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(made.clone())
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let straight = picture(&Luma::from_rgb(700, 500, made.as_raw()).unwrap());
    assert_eq!(hashes(&png.into_inner()).unwrap(), straight);
}
