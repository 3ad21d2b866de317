//! The intake checks: what can be said about a photo the moment it is taken in.
//!
//! Each check gives `{id, score, verdict, rule, reason}`; all of them go into the signed manifest. None blocks: a flag asks
//! the worker for a reason or a retake and goes to the supervisor. A check whose input is not there says `absent`, so that
//! silence is never taken for `ok`. The thresholds belong to the rule version; another threshold is another version.

mod before_after;
mod burst;
mod looks;
mod picture;
mod place;
mod time;

pub use before_after::Before;
pub use burst::Recent;
pub use looks::{Looks, look};
pub use picture::Reuse;
pub use time::Clocks;

use crate::model::geo::Point;
use crate::wire::manifest::{Check, Fix, Source, Verdict};

/// Version of all rules here.
pub const RULE: &str = "1";

/// What the checks look at. What is not known is absent.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Width and height by the header, before orientation.
    pub size: Option<(u32, u32)>,
    /// What was measured on the pixels; absent when the picture cannot be decoded here.
    pub looks: Option<&'a Looks>,
    /// How the photo came.
    pub source: Source,
    /// Whether a photo from the gallery is allowed for this item.
    pub gallery_allowed: bool,
    /// What is known already and looks alike.
    pub reuse: Reuse,
    /// The clocks at capture.
    pub clocks: Clocks<'a>,
    /// When it was taken by the camera's own note, as EXIF tells it.
    pub exif_taken_at: Option<&'a str>,
    /// Where it was taken by the camera's own note.
    pub exif_position: Option<Point>,
    /// Whether the camera left its maker's note.
    pub maker_note: bool,
    /// The position fix at capture.
    pub fix: Option<&'a Fix>,
    /// Whether the fix, widened by twice its accuracy, touches the subject's grid.
    pub in_grid: Option<bool>,
    /// Where the subject is.
    pub subject: Option<Point>,
    /// The photo that an `after` photo answers.
    pub before: Option<Before>,
    /// Earlier captures of this phone, the latest first.
    pub recent: &'a [Recent<'a>],
    /// The subject.
    pub case: &'a str,
}

/// Runs all checks, always in the same order.
#[must_use]
pub fn check(facts: &Facts<'_>) -> Vec<Check> {
    let mut checks = picture::checks(facts);
    checks.extend(time::checks(facts));
    checks.extend(place::checks(facts));
    checks.extend(before_after::checks(facts));
    checks.extend(burst::checks(facts));
    checks
}

/// The worst verdict among checks.
#[must_use]
pub fn worst(checks: &[Check]) -> Verdict {
    let told = checks.iter().map(|c| c.verdict).filter(|v| *v != Verdict::Absent);
    told.max().unwrap_or(Verdict::Absent)
}

fn told(id: &str, score: impl ToString, verdict: Verdict, reason: &str) -> Check {
    Check {
        id: id.to_owned(),
        score: score.to_string(),
        verdict,
        rule: RULE.to_owned(),
        reason: if verdict == Verdict::Ok {
            String::new()
        } else {
            reason.to_owned()
        },
    }
}

fn absent(id: &str, reason: &str) -> Check {
    told(id, "", Verdict::Absent, reason)
}

/// `flag` beyond one bound, `warn` beyond a nearer one.
fn beyond(value: i64, warn: i64, flag: i64) -> Verdict {
    match value {
        v if v > flag => Verdict::Flag,
        v if v > warn => Verdict::Warn,
        _ => Verdict::Ok,
    }
}

/// Hundredths as a text with two decimals.
fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

#[cfg(test)]
mod tests;
