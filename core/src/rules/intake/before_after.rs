//! The pair of a `before` and an `after` photo: not the same picture, and taken at the same place.

use super::{Facts, absent, told};
use crate::rules::likeness::SAME_PICTURE;
use crate::wire::manifest::{Check, Verdict, decimal};

/// Distance between the two that flags, metres.
const APART_M: f64 = 30.0;

/// How the photo before compares with this one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Before {
    /// Differing bits of the 256-bit hashes, when both were decoded.
    pub bits: Option<u32>,
    /// Distance between the fixes in metres, when both have one.
    pub metres: Option<f64>,
}

pub(super) fn checks(facts: &Facts<'_>) -> Vec<Check> {
    let Some(before) = facts.before else {
        return vec![
            absent("pair_differs", "no_photo_before"),
            absent("pair_place", "no_photo_before"),
        ];
    };
    vec![differs(before), place(before)]
}

fn differs(before: Before) -> Check {
    let Some(bits) = before.bits else {
        return absent("pair_differs", "not_decoded");
    };
    let verdict = if bits <= SAME_PICTURE {
        Verdict::Flag
    } else {
        Verdict::Ok
    };
    told("pair_differs", bits, verdict, "after_is_before")
}

fn place(before: Before) -> Check {
    let Some(metres) = before.metres else {
        return absent("pair_place", "no_fix");
    };
    let verdict = if metres > APART_M { Verdict::Flag } else { Verdict::Ok };
    told(
        "pair_place",
        decimal(metres, 1).unwrap_or_default(),
        verdict,
        "after_is_elsewhere",
    )
}
