//! Reports of the same thing: same category, near, and not long ago.

use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;

/// Farthest that two reports of one thing lie apart, in metres (domain dictionary 4.4, T12).
pub const MAX_DISTANCE_M: f64 = 50.0;
/// Longest time between two reports of one thing: 72 hours.
pub const MAX_AGE_MS: i64 = 72 * 3_600_000;

/// A report as the search for duplicates sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The incident.
    pub id: RecordId,
    /// Its category.
    pub category: String,
    /// Where.
    pub point: Point,
    /// When it was reported, by the platform's time.
    pub reported: UtcMillis,
    /// Whether it can still take another one in: open, and not itself merged into one.
    pub open: bool,
}

/// Incidents that a report may be merged into, the nearest first. A suggestion: the desk decides.
#[must_use]
pub fn duplicates<'a>(report: &Candidate, known: impl IntoIterator<Item = &'a Candidate>) -> Vec<(RecordId, f64)> {
    let mut found: Vec<(RecordId, f64)> = known
        .into_iter()
        .filter(|other| other.open && other.id != report.id && other.category == report.category)
        .filter(|other| report.reported.since(other.reported).abs() <= MAX_AGE_MS)
        .map(|other| (other.id, report.point.distance_m(&other.point)))
        .filter(|(_, distance)| *distance <= MAX_DISTANCE_M)
        .collect();
    found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    found
}
