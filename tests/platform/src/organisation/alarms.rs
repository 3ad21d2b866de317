//! Alarms of today: grids without leader or worker, teams that are too small, people in post without the training.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::org::{Posting, RoleBook};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::organisation::{self, Alarm, Training};
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

/// The alarms of areas of today.
pub(crate) fn of_areas(tx: &mut Tx<'_>, books: &Books, book: &RoleBook, now: UtcMillis) -> Stored<Vec<Alarm>> {
    let (posts, teams) = (in_post(tx, books)?, tx.teams()?);
    Ok(organisation::alarms(
        &books.nodes(),
        &posts,
        &teams,
        book,
        china_day(now),
    ))
}

/// The alarms of today.
pub(crate) fn alarms(tx: &mut Tx<'_>, books: &Books, book: &RoleBook, now: UtcMillis) -> Stored<Alarms> {
    let day = china_day(now);
    let mut people: BTreeMap<StaffId, (Vec<Posting>, Vec<Training>)> = BTreeMap::new();
    for row in tx.posts(None, None)? {
        people.entry(row.post.staff.clone()).or_default().0.push(row.post);
    }
    for training in tx.trainings(None)? {
        people.entry(training.staff.clone()).or_default().1.push(training);
    }
    let lacking = people.iter().flat_map(|(staff, (posts, training))| {
        let lacks = able(staff, posts, training, book, day).lacks;
        lacks.into_iter().map(|(role, course)| (staff.clone(), role, course))
    });
    Ok(Alarms {
        day,
        untrained: lacking.collect(),
        alarms: of_areas(tx, books, book, now)?,
    })
}
