//! Draws place, time and case over the foot of a copy. For people; what counts stands in the manifest.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};

/// How the stamp is recorded; another form gets another number.
pub(super) const STAMP: &str = "stamp:1";

/// ASCII, common marks, and the 3,755 characters of GB 2312's first level; see `core/assets/README.md`.
const FONT: &[u8] = include_bytes!("../../assets/stamp.otf");
/// Most lines and characters of a line.
const LINES: usize = 4;
const CHARS: usize = 60;
/// Stands for a character the font does not have.
const UNKNOWN: char = '□';

/// Draws lines of text, white on a darkened band at the foot. What does not fit the width is cut at its end.
pub(super) fn draw(picture: &mut RgbImage, lines: &[String]) {
    let Ok(font) = FontRef::try_from_slice(FONT) else {
        return;
    };
    let (width, height) = picture.dimensions();
    let size = (width.max(height) / 44).max(10);
    let line_height = size + size / 3;
    let lines: Vec<&String> = lines.iter().take(LINES).collect();
    let rows = u32::try_from(lines.len()).unwrap_or(0);
    let band = line_height.saturating_mul(rows) + size / 2;
    let top = height.saturating_sub(band);
    darken(picture, top);
    for (row, line) in (0..).zip(lines) {
        write_line(picture, &font, line, (size, top + size / 4 + row * line_height));
    }
}

fn darken(picture: &mut RgbImage, top: u32) {
    for (_, y, pixel) in picture.enumerate_pixels_mut() {
        if y >= top {
            pixel.0 = pixel.0.map(|part| part / 3);
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)] // sizes of pictures
fn write_line(picture: &mut RgbImage, font: &FontRef<'_>, line: &str, (size, top): (u32, u32)) {
    let scaled = font.as_scaled(PxScale::from(size as f32));
    let mut at = size as f32 / 2.0;
    let baseline = top as f32 + scaled.ascent() * 0.9;
    for letter in line.chars().filter(|c| !c.is_control()).take(CHARS) {
        let known = font.glyph_id(letter).0 != 0;
        let id = font.glyph_id(if known { letter } else { UNKNOWN });
        let glyph = id.with_scale_and_position(scaled.scale(), point(at, baseline));
        at += scaled.h_advance(id);
        if at > picture.width() as f32 {
            return;
        }
        let Some(outline) = font.outline_glyph(glyph) else {
            continue;
        };
        let bounds = outline.px_bounds();
        outline.draw(|dx, dy, cover| {
            let (x, y) = (bounds.min.x + dx as f32, bounds.min.y + dy as f32);
            if x < 0.0 || y < 0.0 {
                return;
            }
            if let Some(pixel) = picture.get_pixel_mut_checked(x as u32, y as u32) {
                blend(pixel, cover);
            }
        });
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to a byte before
fn blend(pixel: &mut Rgb<u8>, cover: f32) {
    let cover = cover.clamp(0.0, 1.0);
    pixel.0 = pixel.0.map(|under| {
        let under = f32::from(under);
        (under + (255.0 - under) * cover).round() as u8
    });
}
