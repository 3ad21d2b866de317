//! Why a deadline cannot be told.

use super::calendar::CalendarError;
use super::limit::LimitError;
use super::timers::UnknownUrgency;
use crate::model::fault::{Coded, Fault};

/// Why a deadline cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineError {
    /// The calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The limit.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The urgency.
    #[error(transparent)]
    Urgency(#[from] UnknownUrgency),
}

impl Coded for DeadlineError {
    fn fault(&self) -> Fault {
        match self {
            Self::Calendar(error) => error.fault(),
            Self::Limit(error) => error.fault(),
            Self::Urgency(error) => error.fault(),
        }
    }
}
