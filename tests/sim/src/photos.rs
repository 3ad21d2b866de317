//! Small real JPEG files, each with bytes of its own; some are longer than one chunk of an upload.

use std::io::Cursor;
use std::sync::OnceLock;

static PICTURE: OnceLock<Vec<u8>> = OnceLock::new();

fn picture() -> &'static [u8] {
    PICTURE.get_or_init(|| {
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::from_fn(24, 24, |x, y| image::Rgb([(x * 9) as u8, (y * 7) as u8, (x * y) as u8]))
            .write_to(&mut bytes, image::ImageFormat::Jpeg)
            .expect("a picture");
        bytes.into_inner()
    })
}

/// A photo with a number of its own, padded by comments to at least `padding` bytes.
pub fn jpeg(number: u64, padding: usize) -> Vec<u8> {
    let picture = picture();
    let mut bytes = picture[..2].to_vec();
    let mut comment = |content: &[u8]| {
        let length = u16::try_from(content.len() + 2).expect("a comment's length");
        bytes.extend([0xFF, 0xFE]);
        bytes.extend(length.to_be_bytes());
        bytes.extend(content);
    };
    comment(format!("photo {number}").as_bytes());
    for part in 0..padding.div_ceil(60_000) {
        let fill: Vec<u8> = (0..60_000_u64)
            .map(|i| (i * 31 + number * 7 + part as u64) as u8 & 0x7F)
            .collect();
        comment(&fill);
    }
    bytes.extend(&picture[2..]);
    bytes
}
