use super::*;
use crate::evidence::testing::{Seeded, heic, jpeg, picture, png, with_app1};

fn walked(format: PictureFormat, bytes: &[u8], step: usize) -> Walk {
    let mut walk = Walk::new(format);
    bytes.chunks(step).for_each(|part| walk.push(part));
    walk
}

type Sample = (PictureFormat, Vec<u8>, Option<(u32, u32)>);

fn samples() -> [Sample; 3] {
    let picture = picture(40, 24);
    [
        (PictureFormat::Jpeg, jpeg(&picture), Some((40, 24))),
        (PictureFormat::Png, png(&picture), Some((40, 24))),
        (PictureFormat::Heic, heic(&[7; 300]), None),
    ]
}

#[test]
fn size_and_end_are_found_however_the_bytes_arrive() {
    for (format, bytes, size) in samples() {
        for step in [1, 2, 7, 64, bytes.len()] {
            let walk = walked(format, &bytes, step);
            assert_eq!(
                (walk.size(), walk.is_complete()),
                (size, true),
                "{format:?} in steps of {step}"
            );
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_not_whole() {
    for (format, bytes, _) in samples() {
        // a HEIC cut exactly between two boxes is a well-formed file
        let seam = |cut: usize| format == PictureFormat::Heic && matches!(cut, 0 | 24);
        for cut in (0..bytes.len()).filter(|cut| !seam(*cut)) {
            assert!(
                !walked(format, &bytes[..cut], 64).is_complete(),
                "{format:?} cut at {cut}"
            );
        }
    }
}

#[test]
fn what_follows_the_end_does_not_matter() {
    for (format, mut bytes, size) in samples().into_iter().take(2) {
        bytes.extend(jpeg(&picture(8, 8)));
        bytes.truncate(bytes.len() - 9);
        let walk = walked(format, &bytes, 50);
        assert_eq!((walk.size(), walk.is_complete()), (size, true));
    }
}

#[test]
fn a_picture_inside_the_exif_block_is_not_the_picture() {
    let inner = jpeg(&picture(8, 8));
    let whole = with_app1(&jpeg(&picture(40, 24)), &inner);
    assert_eq!(walked(PictureFormat::Jpeg, &whole, 13).size(), Some((40, 24)));
    let cut = &whole[..inner.len() + 30];
    assert!(!walked(PictureFormat::Jpeg, cut, 13).is_complete());
}

#[test]
fn a_jpeg_without_compressed_data_is_not_whole() {
    assert!(!walked(PictureFormat::Jpeg, b"\xFF\xD8\xFF\xD9", 4).is_complete());
}

#[test]
fn boxes_may_have_long_sizes_or_reach_to_the_end() {
    let mut long = heic(&[]);
    long.extend([0, 0, 0, 1]);
    long.extend(b"free");
    long.extend(20_u64.to_be_bytes());
    assert!(!walked(PictureFormat::Heic, &long, 5).is_complete());
    long.extend([0; 4]);
    assert!(walked(PictureFormat::Heic, &long, 5).is_complete());
    let mut open_end = heic(&[]);
    open_end.extend(b"\0\0\0\0mdat and so on");
    assert!(walked(PictureFormat::Heic, &open_end, 5).is_complete());
}

#[test]
fn any_bytes_are_walked_without_a_fault() {
    let random = Seeded::new(370_611);
    for (format, bytes, _) in samples() {
        for _ in 0..500 {
            let mut hurt = bytes.clone();
            for _ in 0..4 {
                let at = random.below(hurt.len());
                hurt[at] = random.below(256) as u8;
            }
            walked(format, &hurt, 1 + random.below(100));
            walked(format, &random.bytes(200), 9);
        }
    }
}
