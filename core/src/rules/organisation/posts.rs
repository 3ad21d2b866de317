//! Posts with their days: which contradict themselves, which roles they give.

use std::collections::BTreeSet;

use crate::model::area::AreaLevel;
use crate::model::fault::{Coded, Fault};
use crate::model::ids::StaffId;
use crate::model::org::{Posting, RoleBook, Slot};
use chrono::NaiveDate;

use super::training::{Training, untrained};

/// The operating company's role.
const OPERATOR: &str = "OPERATOR_HR";
/// Roles that see figures and logs, and no resident.
const FIGURES_ONLY: [&str; 2] = [OPERATOR, "AUDITOR"];
/// Roles that are nobody's post.
const NOBODY: [&str; 2] = ["SYSTEM", "CITIZEN"];

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
    /// Somebody who fills in for whoever has no such post then, or for themselves, or without an end.
    #[error("nobody to fill in for as {0}")]
    NobodyToActFor(String),
    /// A post of a grid's own people above the community.
    #[error("{0} is a post of a grid or a community")]
    Area(String),
    /// Whoever sees figures for the operating company holds no post that sees residents at the same time (R15).
    #[error("{0} and the company's personnel are different people")]
    Apart(String),
}

impl Coded for PostError {
    fn fault(&self) -> Fault {
        match self {
            Self::UnknownRole(role) => Fault::of("post_role_unknown").with("role", role),
            Self::EndsFirst(role) => Fault::of("post_ends_first").with("role", role),
            Self::Twice(role) => Fault::of("post_twice").with("role", role),
            Self::Area(role) => Fault::of("post_area_too_wide").with("role", role),
            Self::Apart(role) => Fault::of("post_operator_apart").with("role", role),
            Self::NobodyToActFor(role) => Fault::of("post_acting_for_nobody").with("role", role),
        }
    }
}

/// Checks posts before they are taken: known roles, days in order, none twice at once; who fills in does so until a day, for
/// somebody who has the post on one of those days.
///
/// # Errors
/// [`PostError`] with the first that breaks a rule.
pub fn check_posts(posts: &[Posting], book: &RoleBook) -> Result<(), PostError> {
    for (index, post) in posts.iter().enumerate() {
        let known = book.roles.iter().any(|role| role.code == post.role);
        if !known || NOBODY.contains(&post.role.as_str()) {
            return Err(PostError::UnknownRole(post.role.clone()));
        }
        let of_grid = matches!(book.slot(&post.role), Some(Slot::Leader | Slot::Staff | Slot::X));
        if of_grid && post.area.level() < AreaLevel::Community {
            return Err(PostError::Area(post.role.clone()));
        }
        if post.until.is_some_and(|until| until < post.from) {
            return Err(PostError::EndsFirst(post.role.clone()));
        }
        let same = |other: &&Posting| other.role == post.role && other.area == post.area;
        let at_once = |other: &Posting| {
            post.until.is_none_or(|until| other.from <= until) && other.until.is_none_or(|until| post.from <= until)
        };
        let own = |other: &&Posting| other.staff == post.staff;
        if posts.iter().skip(index + 1).filter(same).filter(own).any(at_once) {
            return Err(PostError::Twice(post.role.clone()));
        }
        let sees = |other: &&Posting| !FIGURES_ONLY.contains(&other.role.as_str());
        if post.role == OPERATOR && posts.iter().filter(own).filter(sees).any(at_once) {
            return Err(PostError::Apart(post.role.clone()));
        }
        if let Some(whose) = &post.acting_for {
            let theirs = posts.iter().filter(same).filter(|other| other.staff == *whose);
            if *whose == post.staff || post.until.is_none() || !theirs.into_iter().any(at_once) {
                return Err(PostError::NobodyToActFor(post.role.clone()));
            }
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
    let trained = |role: &str| untrained(staff, role, day, training, book).is_none();
    let held = posts
        .iter()
        .filter(|post| post.staff == *staff && post.is_in_force(day));
    held.filter(|post| trained(&post.role))
        .map(|post| post.role.clone())
        .collect()
}
