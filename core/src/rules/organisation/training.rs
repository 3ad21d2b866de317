//! The training without which a post gives no permission, and the steps that ask for a course of their own (R28).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::fault::{Coded, Fault};
use crate::model::ids::StaffId;
use crate::model::org::{Posting, RoleBook};

/// A course that somebody has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Who.
    pub staff: StaffId,
    /// Code of the course, such as `GRID_BASIC`.
    pub course: String,
    /// Day on which it was passed.
    pub passed: NaiveDate,
    /// Last day on which it counts; none for a course that is taken once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

impl Training {
    fn counts_on(&self, day: NaiveDate) -> bool {
        self.passed <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// Why a training is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainingError {
    /// A course that the book does not have.
    #[error("unknown course {0}")]
    UnknownCourse(String),
    /// It stops counting before it was passed.
    #[error("{0} ends before it was passed")]
    EndsFirst(String),
}

impl Coded for TrainingError {
    fn fault(&self) -> Fault {
        match self {
            Self::UnknownCourse(course) => Fault::of("course_unknown").with("course", course),
            Self::EndsFirst(course) => Fault::of("training_ends_first").with("course", course),
        }
    }
}

/// Checks a training before it is taken.
///
/// # Errors
/// [`TrainingError`].
pub fn check_training(training: &Training, book: &RoleBook) -> Result<(), TrainingError> {
    if !book.knows_course(&training.course) {
        return Err(TrainingError::UnknownCourse(training.course.clone()));
    }
    match training.until {
        Some(until) if until < training.passed => Err(TrainingError::EndsFirst(training.course.clone())),
        _ => Ok(()),
    }
}

/// Why somebody may not act in a role on a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// No post of theirs gives the role that day.
    #[error("no post as {0}")]
    NoPost(String),
    /// A course was not passed, or counts no more.
    #[error("{role} without {course}")]
    Untrained {
        /// The role.
        role: String,
        /// The course.
        course: String,
    },
}

impl Coded for Barred {
    fn fault(&self) -> Fault {
        match self {
            Self::NoPost(role) => Fault::of("post_not_held").with("role", role),
            Self::Untrained { role, course } => Fault::of("training_missing").with("role", role).with("course", course),
        }
    }
}

/// What an act is about, for the gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Act<'a> {
    /// Id of the step; empty for an edit.
    pub step: &'a str,
    /// Category of the incident; empty for other records.
    pub category: &'a str,
}

/// Whether somebody may act in a role on a day: a post in force, its courses, and the course of a gate.
///
/// # Errors
/// [`Barred`] with the rule.
pub fn may_act(
    staff: &StaffId,
    role: &str,
    act: Act<'_>,
    day: NaiveDate,
    (posts, training): (&[Posting], &[Training]),
    book: &RoleBook,
) -> Result<(), Barred> {
    let mut own = posts.iter().filter(|post| post.staff == *staff && post.role == role);
    if !own.any(|post| post.is_in_force(day)) {
        return Err(Barred::NoPost(role.to_owned()));
    }
    let gated = || at_gate(staff, act, day, training, book);
    match untrained(staff, role, day, training, book).or_else(gated) {
        None => Ok(()),
        Some(course) => Err(Barred::Untrained {
            role: role.to_owned(),
            course: course.to_owned(),
        }),
    }
}

/// The first course of a role that somebody has not passed, or that counts no more.
#[must_use]
pub fn untrained<'b>(
    staff: &StaffId,
    role: &str,
    day: NaiveDate,
    training: &[Training],
    book: &'b RoleBook,
) -> Option<&'b str> {
    let courses = book.courses.get(role).into_iter().flatten();
    courses
        .map(String::as_str)
        .find(|course| !passed(staff, course, day, training))
}

fn at_gate<'b>(
    staff: &StaffId,
    act: Act<'_>,
    day: NaiveDate,
    training: &[Training],
    book: &'b RoleBook,
) -> Option<&'b str> {
    let gates = book.gates.iter().filter(|gate| {
        gate.steps.iter().any(|step| step == act.step)
            && gate
                .categories
                .iter()
                .any(|category| act.category.starts_with(category.as_str()))
    });
    gates
        .map(|gate| gate.course.as_str())
        .find(|course| !passed(staff, course, day, training))
}

fn passed(staff: &StaffId, course: &str, day: NaiveDate, training: &[Training]) -> bool {
    let mut own = training.iter().filter(|t| t.staff == *staff && t.course == course);
    own.any(|t| t.counts_on(day))
}
