//! Alarms of today: grids without leader or worker, teams that are too small, people in post without the training.

use chrono::NaiveDate;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::org::{Posting, RoleBook};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::organisation::{self, Alarm};
use fushan_grid_core::rules::validate::china_day;
use serde::Serialize;

use super::posts::by_hand;
use super::standing::able;
use crate::books::Books;
use crate::store::{Stored, Tx};

/// What has to be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Alarms {
    /// The day they are of.
    pub(crate) day: NaiveDate,
    /// Grids and teams.
    pub(crate) alarms: Vec<Alarm>,
    /// People in post whom a course is missing: person, role, course.
    pub(crate) untrained: Vec<(StaffId, String, String)>,
}

/// Everybody's posts: those that are kept, and what operators assigned by hand.
pub(crate) fn in_post(tx: &mut Tx<'_>, books: &Books) -> Stored<Vec<Posting>> {
    let assigned = tx.staff_without_posts()?;
    let assigned = assigned.iter().flat_map(|staff| by_hand(staff, books, NaiveDate::MIN));
    let rows: Vec<_> = tx.posts(None, None)?.into_iter().chain(assigned).collect();
    Ok(rows.into_iter().map(|row| row.post).collect())
}

/// The alarms of today.
pub(crate) fn alarms(tx: &mut Tx<'_>, books: &Books, book: &RoleBook, now: UtcMillis) -> Stored<Alarms> {
    let day = china_day(now);
    let kept: Vec<Posting> = tx.posts(None, None)?.into_iter().map(|row| row.post).collect();
    let (posts, training, teams) = (in_post(tx, books)?, tx.trainings(None)?, tx.teams()?);
    let people: std::collections::BTreeSet<&str> = kept.iter().map(|post| post.staff.0.as_str()).collect();
    let lacking = people.into_iter().flat_map(|staff| {
        let staff = StaffId(staff.to_owned());
        let lacks = able(&staff, &kept, &training, book, day).lacks;
        lacks.into_iter().map(move |(role, course)| (staff.clone(), role, course))
    });
    Ok(Alarms {
        day,
        untrained: lacking.collect(),
        alarms: organisation::alarms(&books.nodes(), &posts, &teams, book, day),
    })
}
