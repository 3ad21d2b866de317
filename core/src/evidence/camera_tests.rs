use super::*;
use crate::evidence::testing::{Seeded, ascii, field, jpeg, picture, png, rationals, with_app1, with_exif};
use exif::Field;

fn summary(fields: &[Field]) -> ExifSummary {
    read(&with_exif(&jpeg(&picture(16, 16)), fields))
}

fn position_fields(latitude: &[(u32, u32)], longitude: &[(u32, u32)]) -> Vec<Field> {
    vec![
        field(Tag::GPSLatitude, rationals(latitude)),
        field(Tag::GPSLatitudeRef, ascii("N")),
        field(Tag::GPSLongitude, rationals(longitude)),
        field(Tag::GPSLongitudeRef, ascii("E")),
    ]
}

const LATITUDE: [(u32, u32); 3] = [(37, 1), (29, 1), (539_232, 10_000)];
const LONGITUDE: [(u32, u32); 3] = [(121, 1), (16, 1), (17_220, 10_00)];

#[test]
fn orientation_time_and_position_are_read() {
    let mut fields = position_fields(&LATITUDE, &LONGITUDE);
    fields.push(field(Tag::Orientation, Value::Short(vec![6])));
    fields.push(field(Tag::DateTimeOriginal, ascii("2026:09:01 08:42:00")));
    fields.push(field(Tag::OffsetTimeOriginal, ascii("+08:00")));
    let told = summary(&fields);
    assert_eq!(told.orientation, Some(6));
    assert_eq!(told.taken_at.as_deref(), Some("2026-09-01T08:42:00+08:00"));
    let expected = Point {
        lon_e7: 1_212_714_500,
        lat_e7: 374_983_120,
    };
    assert_eq!(told.position, Some(expected));
}

#[test]
fn south_and_west_are_negative_and_no_letter_means_no_position() {
    let mut fields = position_fields(&LATITUDE, &LONGITUDE);
    fields[1] = field(Tag::GPSLatitudeRef, ascii("S"));
    fields[3] = field(Tag::GPSLongitudeRef, ascii("W"));
    let point = summary(&fields).position.unwrap();
    assert!(point.lat_e7 < 0 && point.lon_e7 < 0);
    fields.remove(1);
    assert_eq!(summary(&fields).position, None);
}

#[test]
fn a_position_that_is_no_position_counts_as_absent() {
    for (latitude, longitude) in [
        ([(37, 0), (29, 1), (0, 1)], LONGITUDE),
        ([(37, 1), (29, 0), (0, 1)], LONGITUDE),
        ([(37, 1), (29, 1), (0, 0)], LONGITUDE),
        ([(0, 1), (0, 1), (0, 1)], [(0, 1), (0, 1), (0, 1)]),
        ([(91, 1), (0, 1), (0, 1)], LONGITUDE),
        ([(u32::MAX, 1), (u32::MAX, 1), (0, 1)], LONGITUDE),
    ] {
        assert_eq!(summary(&position_fields(&latitude, &longitude)).position, None);
    }
    assert_eq!(summary(&position_fields(&LATITUDE[..2], &LONGITUDE)).position, None);
}

#[test]
fn texts_that_are_not_what_they_should_be_count_as_absent() {
    for bad in [
        "",
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2026:13:01 08:42:00",
        "yesterday\u{202e}",
        "2026-09-01",
    ] {
        assert_eq!(
            summary(&[field(Tag::DateTimeOriginal, ascii(bad))]).taken_at,
            None,
            "{bad}"
        );
    }
    let at = field(Tag::DateTimeOriginal, ascii("2026:09:01 08:42:00"));
    for bad in ["+25:99", "<b>", "+8"] {
        let told = summary(&[at.clone(), field(Tag::OffsetTimeOriginal, ascii(bad))]);
        assert_eq!(told.taken_at.as_deref(), Some("2026-09-01T08:42:00"), "{bad}");
    }
    for bad in [0, 9, 65_535] {
        assert_eq!(
            summary(&[field(Tag::Orientation, Value::Short(vec![bad]))]).orientation,
            None
        );
    }
}

#[test]
fn a_picture_without_exif_tells_nothing() {
    assert_eq!(read(&jpeg(&picture(16, 16))), ExifSummary::default());
    assert_eq!(read(&png(&picture(16, 16))), ExifSummary::default());
    assert_eq!(read(b""), ExifSummary::default());
}

#[test]
fn hostile_blocks_are_read_without_a_fault() {
    let picture = jpeg(&picture(16, 16));
    // an IFD that points to itself, and a count of 2^32 - 1 behind an offset outside the block
    let loops = b"MM\0\x2a\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08";
    let count = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xF0\0\0\0\0";
    for block in [loops.as_slice(), count] {
        assert_eq!(read(&with_app1(&picture, block)).orientation, None);
    }
    let random = Seeded::new(20);
    let mut fields = position_fields(&LATITUDE, &LONGITUDE);
    fields.push(field(Tag::DateTimeOriginal, ascii("2026:09:01 08:42:00")));
    let good = with_exif(&picture, &fields);
    for _ in 0..3_000 {
        let mut hurt = good.clone();
        for _ in 0..3 {
            let at = random.below(300);
            hurt[at] = random.below(256) as u8;
        }
        assert!(read(&hurt).orientation.is_none_or(|o| (1..=8).contains(&o)));
    }
}
