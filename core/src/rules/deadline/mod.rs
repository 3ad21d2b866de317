//! Deadlines: how long a step may take on the working calendar, what pauses and extensions do to it, and when a yellow or
//! red card is due (domain dictionary 4.7).
//!
//! Device clocks decide nothing here: the moments that come in are the platform's.

mod calendar;
mod clock;
mod error;
mod limit;
mod timers;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod timers_tests;

pub use calendar::{Calendar, CalendarError};
pub use clock::{Card, Clock, Pause, Standing, Verdict};
pub use error::DeadlineError;
pub use limit::{Limit, LimitError, Unit};
pub use timers::{HotlineLimits, LimitBook, Moment, Stage, Timer, UnknownUrgency, UrgencyLimits, first_urgency};
