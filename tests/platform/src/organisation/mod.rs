//! The organisation on the platform: posts with their days and what follows from them, trainings that gate permissions, hand-over of
//! all open work, alarms, and what the operating company sees. The rules are the engine's (`rules::organisation`).
//!
//! Somebody who has a post is where their posts say, from day to day; somebody who has none is where an operator put them by hand
//! (`POST /admin/v1/staff`). The first post takes over what was put by hand, so that nothing is lost on the way.

mod alarms;
mod company;
mod hand_over;
mod posts;
mod rights;
mod standing;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use alarms::{alarms, in_post, of_areas};
pub(crate) use company::{performance, staffing};
pub(crate) use hand_over::{HandOver, hand_over};
pub(crate) use posts::{Giving, end, give, note_team, note_training, turn_of_day};
pub(crate) use rights::{Rights, Seen};
pub(crate) use standing::Able;

use fushan_grid_core::model::fault::{Coded, Fault};

/// The rule of an error of the engine, as a reply carries it.
pub(crate) fn rule(error: &impl Coded) -> Fault {
    error.fault()
}
