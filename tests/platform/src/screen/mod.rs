//! The one screen of the district's hall: what happens today, what is overdue, where it crowds. It only looks, and it tells
//! nothing about a person: no title, no description, no name.

mod collect;

pub(crate) use collect::{map, now};

/// The page.
pub(crate) const PAGE: &str = include_str!("screen.html");
/// Its look.
pub(crate) const STYLE: &str = include_str!("screen.css");
/// Its script.
pub(crate) const SCRIPT: &str = include_str!("screen.js");

#[cfg(test)]
mod poll_tests;
#[cfg(test)]
pub(crate) mod tests;
