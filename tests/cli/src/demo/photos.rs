//! Photographs for the demo: taken from a folder, or made here with EXIF position and time.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::time::UtcMillis;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, Rgb, RgbImage};

/// Hands out photos, from the folder as long as it has some, then made ones.
pub struct Camera {
    files: Vec<PathBuf>,
    shot: u32,
    size: (u32, u32),
}

impl Camera {
    /// A camera without film, or one that hands out the JPEG files of a folder in order of their names.
    pub fn new(folder: Option<&Path>) -> std::io::Result<Self> {
        let mut files = Vec::new();
        if let Some(folder) = folder {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
                if matches!(extension.as_deref(), Some("jpg" | "jpeg")) {
                    files.push(path);
                }
            }
            files.sort();
            files.reverse();
        }
        Ok(Self {
            files,
            shot: 0,
            size: (1600, 1200),
        })
    }

    /// The same camera with twelve megapixels.
    pub fn large(self) -> Self {
        Self {
            size: (4000, 3000),
            ..self
        }
    }

    /// Whether the given folder has files left.
    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The bytes of the next photo, taken at `place` and `at`.
    pub fn shoot(&mut self, place: Point, at: UtcMillis) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        if let Some(path) = self.files.pop() {
            return Ok(std::fs::read(path)?);
        }
        self.shot += 1;
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 85);
        encoder.set_exif_metadata(exif_of(place, at)?)?;
        let picture = scene(self.shot, self.size);
        encoder.write_image(
            &picture,
            picture.width(),
            picture.height(),
            image::ExtendedColorType::Rgb8,
        )?;
        Ok(bytes)
    }
}

/// A street scene of sorts, another one for each shot: sky, walls with windows, and the grain of a real sensor.
fn scene(shot: u32, (width, height): (u32, u32)) -> RgbImage {
    let mut grain = shot.wrapping_mul(2_654_435_761) | 1;
    RgbImage::from_fn(width, height, |x, y| {
        grain ^= grain << 13;
        grain ^= grain >> 17;
        grain ^= grain << 5;
        let noise = (grain % 24) as u8;
        let house = (x / 200 + shot) % 5;
        let roof = 300 + house * 90;
        if y < roof {
            return Rgb([140 + noise, 170 + noise, 210 + noise]);
        }
        let window = (x % 100) > 30 && (x % 100) < 70 && (y % 120) > 40 && (y % 120) < 90;
        let wall = 70 + (house * 25) as u8;
        if window {
            Rgb([40 + noise, 50 + noise, 60 + noise])
        } else {
            Rgb([wall + noise, wall + noise / 2, 60 + noise])
        }
    })
}

fn exif_of(place: Point, at: UtcMillis) -> Result<Vec<u8>, exif::Error> {
    let (lon, lat) = place.degrees(Crs::Wgs84);
    // cameras write local time; the district's offset is eight hours
    let local = at.plus(8 * 3_600_000).to_string().replace('-', ":").replace('T', " ");
    let taken = local.get(..19).unwrap_or_default().as_bytes().to_vec();
    let field = |tag, value| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    };
    let fields = [
        field(Tag::Orientation, Value::Short(vec![1])),
        field(Tag::DateTimeOriginal, Value::Ascii(vec![taken])),
        field(Tag::GPSLatitudeRef, Value::Ascii(vec![b"N".to_vec()])),
        field(Tag::GPSLatitude, Value::Rational(degrees(lat))),
        field(Tag::GPSLongitudeRef, Value::Ascii(vec![b"E".to_vec()])),
        field(Tag::GPSLongitude, Value::Rational(degrees(lon))),
    ];
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut out = Cursor::new(Vec::new());
    writer.write(&mut out, false)?;
    Ok(out.into_inner())
}

/// Degrees, minutes and ten-thousandths of a second, as EXIF wants them.
fn degrees(value: f64) -> Vec<Rational> {
    let minutes = value.fract() * 60.0;
    let seconds = minutes.fract() * 60.0;
    let whole = |v: f64, denom: u32| Rational {
        num: (v * f64::from(denom)) as u32,
        denom,
    };
    vec![
        whole(value.trunc(), 1),
        whole(minutes.trunc(), 1),
        whole(seconds, 10_000),
    ]
}
