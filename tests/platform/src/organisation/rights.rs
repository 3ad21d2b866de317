//! What posts and trainings allow at the moment of an act. Somebody without posts is bound by their roles alone.

use chrono::NaiveDate;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::org::{Posting, RoleBook};
use fushan_grid_core::model::record::Record;
use fushan_grid_core::rules::organisation::{Act, Barred, Training, may_act};
use serde_json::Value;

use crate::store::{Stored, Tx};

/// Steps that tell what was seen, or go on with what was told: they are taken from anybody who was sent there, because nobody's
/// field work is ever lost. Every other step settles something and asks for the training.
const TELLING: [&str; 5] = [
    "T01_SAVE_DRAFT",
    "T02_SUBMIT",
    "T05_WITHDRAW",
    "T11_RESUBMIT",
    "T19_PROGRESS",
];

/// What an operation of somebody comes to by their trainings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing is missing.
    Fit,
    /// Taken, and told: role and course.
    Marked(String, String),
    /// Not taken, by this course; it stays with the worker, who sends it again with the training renewed.
    Refused(String),
}

/// Posts and trainings of one person.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    staff: StaffId,
    posts: Vec<Posting>,
    training: Vec<Training>,
}

impl Rights {
    /// Those of a person; none for somebody who has no post.
    pub(crate) fn of(tx: &mut Tx<'_>, staff: &StaffId) -> Stored<Option<Self>> {
        let posts = tx.posts(Some(&staff.0), None)?;
        if posts.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            staff: staff.clone(),
            posts: posts.into_iter().map(|row| row.post).collect(),
            training: tx.trainings(Some(&staff.0))?,
        }))
    }

    /// Whether they may act in a role on a day.
    pub(crate) fn may(&self, role: &str, act: Act<'_>, day: NaiveDate, book: &RoleBook) -> Result<(), Barred> {
        may_act(&self.staff, role, act, day, (&self.posts, &self.training), book)
    }

    /// What an operation from a phone comes to, on the day on which it was done. Which roles they have, the workflow asks.
    pub(crate) fn judge(&self, op: &Operation, current: Option<&Record>, day: NaiveDate, book: &RoleBook) -> Seen {
        let category = current
            .and_then(|record| record.body.get("category"))
            .and_then(Value::as_str);
        let lacking = |role: &str, step: &str| {
            let act = Act {
                step,
                category: category.unwrap_or_default(),
            };
            match self.may(role, act, day, book) {
                Err(Barred::Untrained { role, course }) => Some((role, course)),
                _ => None,
            }
        };
        match &op.action {
            Action::Transition { event, role, .. } => match lacking(role, event) {
                None => Seen::Fit,
                Some((role, course)) if TELLING.contains(&event.as_str()) => Seen::Marked(role, course),
                Some((_, course)) => Seen::Refused(course),
            },
            _ => self.edits(day, lacking),
        }
    }

    /// An edit is nobody's step: one role without a gap is enough.
    fn edits(&self, day: NaiveDate, lacking: impl Fn(&str, &str) -> Option<(String, String)>) -> Seen {
        let held = self.posts.iter().filter(|post| post.is_in_force(day));
        let mut gaps = Vec::new();
        for post in held {
            match lacking(&post.role, "") {
                None => return Seen::Fit,
                Some(gap) => gaps.push(gap),
            }
        }
        gaps.into_iter()
            .next()
            .map_or(Seen::Fit, |(role, course)| Seen::Marked(role, course))
    }
}
