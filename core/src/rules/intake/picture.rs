//! Checks of the picture itself: size, light, sharpness, origin, reuse, re-photographing.

use super::{Facts, Looks, absent, hundredths, told};
use crate::rules::likeness::SAME_PICTURE;
use crate::wire::manifest::{Check, Source, Verdict};

/// Least pixels of the longer and the shorter side.
const LEAST: (u32, u32) = (1_280, 960);
/// Mean luma of a covered lens and of a washed-out picture, in hundredths.
const DARK: u64 = 1_600;
const BRIGHT: u64 = 24_000;
/// Standard deviation of a picture that shows nothing, in hundredths.
const FLAT: u64 = 800;
/// Variance of the Laplacian below which nothing is sharp, in hundredths.
const BLURRED: u64 = 6_000;
/// Repetition of fine detail that a photographed screen shows, in thousandths.
const PATTERNED: u32 = 500;

/// What is known already and looks alike, on this phone or, on the platform, in the district.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reuse {
    /// Earlier captures of the same bytes for the same subject.
    pub exact_here: u32,
    /// Earlier captures of the same bytes for other subjects.
    pub exact_elsewhere: u32,
    /// Differing bits of the nearest other picture, when it counts as the same.
    pub nearest: Option<u32>,
    /// Other pictures that are similar by crops and mirror images.
    pub similar: u32,
    /// Pictures that were compared.
    pub compared: u32,
}

pub(super) fn checks(facts: &Facts<'_>) -> Vec<Check> {
    vec![
        decodes(facts),
        size(facts),
        facts.looks.map_or_else(|| absent("exposure", "not_decoded"), exposure),
        facts.looks.map_or_else(|| absent("blur", "not_decoded"), blur),
        source(facts),
        exact_reuse(&facts.reuse),
        near_reuse(facts),
        similar(facts),
        rephotograph(facts),
    ]
}

fn decodes(facts: &Facts<'_>) -> Check {
    match facts.looks {
        Some(_) => told("decodes", "1", Verdict::Ok, ""),
        None => told("decodes", "0", Verdict::Warn, "not_decoded"),
    }
}

fn size(facts: &Facts<'_>) -> Check {
    let Some((width, height)) = facts.size else {
        return absent("size", "size_unknown");
    };
    let small = width.max(height) < LEAST.0 || width.min(height) < LEAST.1;
    let verdict = if small { Verdict::Flag } else { Verdict::Ok };
    told("size", format!("{width}x{height}"), verdict, "too_small")
}

fn exposure(looks: &Looks) -> Check {
    let (verdict, reason) = match looks {
        l if l.deviation < FLAT && l.mean < BRIGHT => (Verdict::Flag, "covered_or_flat"),
        l if l.mean < DARK => (Verdict::Flag, "too_dark"),
        l if l.mean > BRIGHT => (Verdict::Flag, "too_bright"),
        _ => (Verdict::Ok, ""),
    };
    let score = format!("{}/{}", hundredths(looks.mean), hundredths(looks.deviation));
    told("exposure", score, verdict, reason)
}

fn blur(looks: &Looks) -> Check {
    let verdict = if looks.sharpness < BLURRED {
        Verdict::Flag
    } else {
        Verdict::Ok
    };
    told("blur", hundredths(looks.sharpness), verdict, "blurred")
}

fn source(facts: &Facts<'_>) -> Check {
    let (score, allowed) = match facts.source {
        Source::AppCamera => ("app-camera", true),
        Source::Gallery => ("gallery", facts.gallery_allowed),
        Source::Import => ("import", facts.gallery_allowed),
    };
    let verdict = if allowed { Verdict::Ok } else { Verdict::Flag };
    told("source", score, verdict, "not_from_camera")
}

fn exact_reuse(reuse: &Reuse) -> Check {
    let (verdict, reason) = match (reuse.exact_elsewhere, reuse.exact_here) {
        (0, 0) => (Verdict::Ok, ""),
        (0, _) => (Verdict::Warn, "same_photo_same_case"),
        _ => (Verdict::Flag, "same_photo_other_case"),
    };
    told("reuse_exact", reuse.exact_elsewhere + reuse.exact_here, verdict, reason)
}

fn near_reuse(facts: &Facts<'_>) -> Check {
    if facts.looks.is_none() {
        return absent("reuse_near", "not_decoded");
    }
    match facts.reuse.nearest {
        Some(bits) if bits <= SAME_PICTURE => told("reuse_near", bits, Verdict::Flag, "same_picture"),
        _ => told("reuse_near", "", Verdict::Ok, ""),
    }
}

fn similar(facts: &Facts<'_>) -> Check {
    if facts.looks.is_none() {
        return absent("reuse_similar", "not_decoded");
    }
    let verdict = if facts.reuse.similar > 0 {
        Verdict::Warn
    } else {
        Verdict::Ok
    };
    let score = format!("{}/{}", facts.reuse.similar, facts.reuse.compared);
    told("reuse_similar", score, verdict, "similar_pictures")
}

/// Advisory only, never a flag: tiles repeat like screens do, and some cameras leave no note.
fn rephotograph(facts: &Facts<'_>) -> Check {
    let Some(looks) = facts.looks else {
        return absent("rephotograph", "not_decoded");
    };
    let patterned = looks.pattern >= PATTERNED;
    let verdict = if patterned { Verdict::Warn } else { Verdict::Ok };
    let note = if facts.maker_note { "note" } else { "no-note" };
    told(
        "rephotograph",
        format!("{}/{note}", looks.pattern),
        verdict,
        "pattern_of_a_screen",
    )
}
