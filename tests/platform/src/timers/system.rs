//! What the system itself decides because a limit has passed (domain dictionary 4.4): a report that was not completed is refused
//! (T09), a request for an extension that nobody decided counts as refused (T21). Nothing else is decided for anybody.

use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::deadline::{CalendarError, Clock};
use fushan_grid_core::rules::workflow::{extension_asked, returned};
use serde_json::{Value, json};

use crate::books::Books;
use crate::desk::Act;

/// A decision that the system takes when a limit has passed.
pub(super) struct Overdue {
    pub(super) event: &'static str,
    /// The last moment at which a person may still decide.
    pub(super) until: UtcMillis,
    args: Value,
}

impl Overdue {
    /// The step.
    pub(super) fn act(&self, record: &Record) -> Act {
        let mut act = Act::by_system(record.id, self.event);
        act.args = self.args.as_object().cloned().unwrap_or_default();
        act
    }
}

/// What the system will decide on an incident as it stands, unless somebody does before.
pub(super) fn overdue(books: &Books, record: &Record, now: UtcMillis) -> Result<Option<Overdue>, CalendarError> {
    let (event, began, limit, args) = match record.state.as_str() {
        "RETURNED" => (
            "T09_REJECT",
            returned(record),
            books.limits.resubmit,
            json!({"reason_code": "no_content", "reply": "补充期限内未重报，不予受理。 Not completed in time."}),
        ),
        "DISPOSING" => (
            "T21_DECIDE_EXTENSION",
            extension_asked(record),
            books.limits.decide_extension,
            json!({"reason": "not_decided_in_time"}),
        ),
        _ => return Ok(None),
    };
    let Some(began) = began else { return Ok(None) };
    let until = Clock::start(began, limit).deadline(now, &books.calendar)?;
    Ok(Some(Overdue { event, until, args }))
}
