use super::*;
use crate::evidence::decode::decode;
use crate::evidence::testing::{field, jpeg, picture, with_exif};
use exif::{Tag, Value};
use image::Rgb;

fn decoded(bytes: &[u8], edge: u32) -> Decoded {
    decode(&|| Ok(Box::new(bytes)), edge).unwrap()
}

fn shown(made: &Made) -> RgbImage {
    let shown = image::load_from_memory(&made.jpeg).unwrap().to_rgb8();
    assert_eq!(shown.dimensions(), (made.width, made.height));
    shown
}

#[test]
fn an_upload_copy_has_its_size_and_says_how_it_was_made() {
    let source = decoded(&jpeg(&picture(4_000, 3_000)), UPLOAD);
    let plain = upload_copy(&source, &[]).unwrap();
    assert_eq!(
        (plain.width, plain.height, plain.op.as_str()),
        (1_600, 1_200, "resize:1600;jpeg:80")
    );
    let stamped = upload_copy(&source, &["2026-08-01 10:22:03".into()]).unwrap();
    assert_eq!(stamped.op, "resize:1600;jpeg:80;stamp:1");
    assert!(!stamped.jpeg.windows(4).any(|w| w == b"Exif"));
}

/// White pixels in the lower fifth of a grey picture with this stamp.
fn ink(lines: &[&str]) -> usize {
    let grey = RgbImage::from_pixel(1_200, 900, Rgb([90; 3]));
    let lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
    let made = shown(&upload_copy(&decoded(&jpeg(&grey), UPLOAD), &lines).unwrap());
    let foot = made.enumerate_pixels().filter(|(_, y, _)| *y > 720);
    foot.filter(|(_, _, p)| p.0.iter().all(|part| *part > 180)).count()
}

#[test]
fn a_stamp_shows_chinese_text_and_every_line_adds_to_it() {
    assert_eq!(ink(&[]), 0);
    let one = ink(&["福山区清洋街道"]);
    assert!(one > 500, "{one}");
    assert!(ink(&["福山区清洋街道", "2026-08-01 10:22"]) > one + 300);
    // another character of the same line must give another picture: the font has more than boxes
    assert_ne!(ink(&["福"]), ink(&["山"]));
}

#[test]
fn hostile_text_in_a_stamp_draws_something_and_harms_nothing() {
    for line in ["\u{202e}\u{0}\n\t", "𠮷🀄️👷", &"长".repeat(10_000), "", "%s<script>\\"] {
        ink(&[line, line, line, line, line, line]);
    }
    let speck = decoded(&jpeg(&picture(3, 2)), UPLOAD);
    upload_copy(&speck, &["太小的照片".into()]).unwrap();
}

#[test]
fn a_redaction_blackens_the_area_and_nothing_far_from_it() {
    let grey = RgbImage::from_pixel(800, 600, Rgb([150; 3]));
    let source = decoded(&jpeg(&grey), REDACTED);
    let area = Area {
        x: 100,
        y: 200,
        w: 50,
        h: 40,
    };
    let made = redacted(&source, &[area]).unwrap();
    assert_eq!(made.op, "resize:4096;redact:1;jpeg:90");
    let picture = shown(&made);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let inside = (100..150).contains(&x) && (200..240).contains(&y);
        let near = (88..162).contains(&x) && (188..252).contains(&y);
        let dark = pixel.0.iter().all(|p| *p < 60);
        assert!(!inside || dark, "{x} {y} {pixel:?}");
        assert!(near || !dark, "{x} {y} {pixel:?}");
    }
}

/// Areas are given on the upright picture, also when the camera was held on its side.
#[test]
fn a_redaction_of_a_turned_and_reduced_picture_covers_the_same_place() {
    let mut landscape = RgbImage::from_pixel(6_000, 4_000, Rgb([150; 3]));
    // a white face; upright (turned by orientation 6) it is at x = 4000 - 1000 - 400, y = 2000
    for y in 1_000..1_400 {
        for x in 2_000..2_300 {
            landscape.put_pixel(x, y, Rgb([255; 3]));
        }
    }
    let bytes = with_exif(&jpeg(&landscape), &[field(Tag::Orientation, Value::Short(vec![6]))]);
    let source = decoded(&bytes, REDACTED);
    let face = Area {
        x: 2_600,
        y: 2_000,
        w: 400,
        h: 300,
    };
    let picture = shown(&redacted(&source, &[face]).unwrap());
    assert!(picture.pixels().all(|p| p.0[0] < 200), "the face is still visible");
}

#[test]
fn an_area_that_is_not_inside_is_refused_and_nothing_is_made() {
    let source = decoded(&jpeg(&picture(800, 600)), REDACTED);
    let area = |x, y, w, h| Area { x, y, w, h };
    for bad in [
        area(790, 0, 11, 5),
        area(0, 600, 1, 1),
        area(0, 0, 0, 5),
        area(u32::MAX, 1, 2, 2),
    ] {
        assert_eq!(
            redacted(&source, &[area(0, 0, 5, 5), bad]),
            Err(EvidenceError::AreaOutside)
        );
    }
    assert_eq!(redacted(&source, &[]), Err(EvidenceError::AreaOutside));
}
