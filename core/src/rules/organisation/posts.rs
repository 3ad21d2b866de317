//! Posts with their days, and the training without which a post gives no permission.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::fault::{Coded, Fault};
use crate::model::ids::StaffId;
use crate::model::org::{Posting, RoleBook};

/// A course that somebody has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Why posts are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// A role that the book does not have.
    #[error("unknown role {0}")]
    UnknownRole(String),
    /// A post that ends before it begins.
    #[error("a post of {0} ends before it begins")]
    EndsFirst(String),
    /// The same post of the same person twice at once.
    #[error("a post of {0} is there twice on one day")]
    Twice(String),
}

impl Coded for PostError {
    fn fault(&self) -> Fault {
        match self {
            Self::UnknownRole(role) => Fault::of("post_role_unknown").with("role", role),
            Self::EndsFirst(role) => Fault::of("post_ends_first").with("role", role),
            Self::Twice(role) => Fault::of("post_twice").with("role", role),
        }
    }
}

/// Checks posts before they are taken: known roles, days in order, none twice at once.
///
/// # Errors
/// [`PostError`] with the first that breaks a rule.
pub fn check_posts(posts: &[Posting], book: &RoleBook) -> Result<(), PostError> {
    for (index, post) in posts.iter().enumerate() {
        if !book.roles.iter().any(|role| role.code == post.role) {
            return Err(PostError::UnknownRole(post.role.clone()));
        }
        if post.until.is_some_and(|until| until < post.from) {
            return Err(PostError::EndsFirst(post.role.clone()));
        }
        let same = |other: &&Posting| other.staff == post.staff && other.role == post.role && other.area == post.area;
        let at_once = |other: &Posting| {
            post.until.is_none_or(|until| other.from <= until) && other.until.is_none_or(|until| post.from <= until)
        };
        if posts.iter().skip(index + 1).filter(same).any(at_once) {
            return Err(PostError::Twice(post.role.clone()));
        }
    }
    Ok(())
}

/// Roles that a person may act in on a day: those of posts in force whose courses were passed and still count.
#[must_use]
pub fn roles_on(
    staff: &StaffId,
    day: NaiveDate,
    posts: &[Posting],
    training: &[Training],
    book: &RoleBook,
) -> BTreeSet<String> {
    let passed = |course: &String| {
        let own = training.iter().filter(|t| t.staff == *staff && t.course == *course);
        own.into_iter().any(|t| t.counts_on(day))
    };
    let trained = |role: &str| book.courses.get(role).is_none_or(|courses| courses.iter().all(passed));
    let held = posts
        .iter()
        .filter(|post| post.staff == *staff && post.is_in_force(day));
    held.filter(|post| trained(&post.role))
        .map(|post| post.role.clone())
        .collect()
}
