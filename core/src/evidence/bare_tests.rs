use exif::{Tag, Value};

use super::super::camera;
use super::super::error::EvidenceError;
use super::super::testing::{ascii, field, jpeg, picture, rationals, with_exif};
use super::without_metadata;

fn located() -> Vec<u8> {
    let position = rationals(&[(37, 1), (29, 1), (53, 1)]);
    let fields = [
        field(Tag::Orientation, Value::Short(vec![6])),
        field(Tag::Make, ascii("Secret Maker")),
        field(Tag::GPSLatitudeRef, ascii("N")),
        field(Tag::GPSLatitude, position.clone()),
        field(Tag::GPSLongitudeRef, ascii("E")),
        field(Tag::GPSLongitude, position),
    ];
    with_exif(&jpeg(&picture(320, 240)), &fields)
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    image::load_from_memory(bytes).unwrap().to_rgb8().into_raw()
}

#[test]
fn place_and_maker_leave_and_picture_and_orientation_stay() {
    let mut given = located();
    assert!(camera::read(&given).position.is_some());
    // a comment, XMP, and a second picture behind the end, as phones append one
    let comment = [&[0xFF, 0xFE, 0, 16], b"Secret Comment".as_slice()].concat();
    let xmp = [&[0xFF, 0xE1, 0, 12], b"http://ns.".as_slice()].concat();
    given.splice(2..2, [comment, xmp].concat());
    given.extend(located());
    let bare = without_metadata(&given).unwrap();
    let told = camera::read(&bare);
    assert_eq!(
        (told.orientation, told.position, told.maker_note),
        (Some(6), None, false)
    );
    for secret in [b"Secret".as_slice(), b"http://ns.".as_slice()] {
        assert!(!bare.windows(secret.len()).any(|w| w == secret));
    }
    assert_eq!(pixels(&bare), pixels(&given));
    assert_eq!(without_metadata(&bare).unwrap(), bare);
}

#[test]
fn cut_anywhere_it_is_an_error_or_whole_and_never_a_panic() {
    let given = located();
    for end in 0..given.len() {
        match without_metadata(&given[..end]) {
            Err(EvidenceError::Truncated | EvidenceError::NotAnImage) => {}
            other => panic!("{end}: {:?}", other.map(|b| b.len())),
        }
    }
    without_metadata(&given).unwrap();
    assert_eq!(without_metadata(b"GIF89a"), Err(EvidenceError::NotAnImage));
}
