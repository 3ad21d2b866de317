//! What the guards need to know beyond record and actor.

use crate::model::incident::Category;
use crate::model::record::Record;
use crate::model::time::UtcMillis;
use crate::rules::deadline::{Calendar, Clock, Limit, LimitBook};

/// What the guards need to know beyond record and actor.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The category the incident was filed under, when the taxonomy knows it.
    pub category: Option<&'a Category>,
    /// The moment of the judgement.
    pub now: UtcMillis,
    /// Limits that do not come from a category.
    pub limits: &'a LimitBook,
    /// The working calendar.
    pub calendar: &'a Calendar,
    /// The incident that a merge (T12) names, when it is known.
    pub master: Option<&'a Record>,
    /// Whether bytes of an attachment have not arrived: nothing closes until they have (domain dictionary 4.6).
    pub evidence_pending: bool,
    /// Whether the citizen has been told already, by a caller of the platform.
    pub replied: bool,
    /// Roles of the second person of a forced closing (T29); `None` where staff is not known, as on a phone.
    pub second: Option<&'a [String]>,
}

impl<'a> Facts<'a> {
    /// Facts of a step that concerns no other record and no other person.
    #[must_use]
    pub fn new(category: Option<&'a Category>, now: UtcMillis, limits: &'a LimitBook, calendar: &'a Calendar) -> Self {
        Self {
            category,
            now,
            limits,
            calendar,
            master: None,
            evidence_pending: false,
            replied: false,
            second: None,
        }
    }

    /// Whether the moment is within a limit that started at another.
    pub(super) fn within(&self, start: UtcMillis, limit: Limit) -> Result<bool, &'static str> {
        let due = Clock::start(start, limit).deadline(self.now, self.calendar);
        due.map(|due| self.now <= due).map_err(|_| "calendar_too_short")
    }
}
