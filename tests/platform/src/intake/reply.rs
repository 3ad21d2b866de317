//! The reply to the citizen: whether they were reached, whether they say it is solved, and how satisfied they are, apart.

use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desk::{self, Act};
use crate::judge::Judge;
use crate::store::{Stored, Tx};

/// Longest note of a call.
const NOTE_CHARS: usize = 500;

/// What a caller learned.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    pub(crate) channel: String,
    pub(crate) order_no: String,
    /// Who called.
    pub(crate) staff: StaffId,
    /// Whether the citizen was reached.
    pub(crate) contacted: bool,
    /// Whether they say it is solved; absent when they did not say.
    #[serde(default)]
    pub(crate) solved: Option<bool>,
    /// From 5, very satisfied, to 1; absent when they did not say.
    #[serde(default)]
    pub(crate) satisfaction: Option<u8>,
    #[serde(default)]
    pub(crate) note: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Replied {
    /// Noted; the incident is not closed, or was evaluated before.
    Noted,
    /// Noted, and the incident is evaluated.
    Evaluated,
    /// Noted; a rule forbade the evaluation, by its code. The timers take it from what was noted.
    Forbidden(String),
    /// Nobody waits for a reply to this order.
    NotOwed,
    /// The note is longer than notes are.
    NoteTooLong,
    /// Somebody who was not reached has said nothing; or a satisfaction that is none.
    Contradiction,
}

/// Notes what a caller learned. On a closed incident it is the evaluation (T30) as well, when the citizen was reached.
pub(crate) fn tell(tx: &mut Tx<'_>, judge: &Judge, told: &Told, now: UtcMillis) -> Stored<Replied> {
    let said = told.solved.is_some() || told.satisfaction.is_some();
    if (!told.contacted && said) || told.satisfaction.is_some_and(|level| !(1..=5).contains(&level)) {
        return Ok(Replied::Contradiction);
    }
    if told.note.chars().count() > NOTE_CHARS {
        return Ok(Replied::NoteTooLong);
    }
    let Some(record) = tx.note_reply(told.channel.as_str(), &told.order_no, told, now)? else {
        return Ok(Replied::NotOwed);
    };
    let state = tx.record(record)?.map(|versioned| versioned.record.state);
    if !told.contacted || state.as_deref() != Some("CLOSED") {
        return Ok(Replied::Noted);
    }
    let said = Said {
        order_no: &told.order_no,
        staff: &told.staff,
        solved: told.solved,
        satisfaction: told.satisfaction,
    };
    let act = said.evaluation(record);
    Ok(match desk::take(tx, judge, act, now)? {
        Ok(_) => Replied::Evaluated,
        Err(code) => Replied::Forbidden(code),
    })
}

/// Evaluates by what a citizen said before, if one said anything: the answer of the first who was reached and had one. When nobody
/// asks again, it is the evaluation, because a silence would be told in its place. A caller who may not evaluate has still heard it:
/// then it counts as the citizen's own word.
pub(crate) fn said_before(
    tx: &mut Tx<'_>,
    judge: &Judge,
    record: RecordId,
    now: UtcMillis,
) -> Stored<Option<Result<Record, String>>> {
    let rows = tx.replies(record)?;
    let heard = rows
        .iter()
        .find(|row| row.contacted == Some(true) && (row.satisfaction.is_some() || row.solved.is_some()));
    let Some(row) = heard else { return Ok(None) };
    let said = Said {
        order_no: &row.order_no,
        staff: &row.by_staff,
        solved: row.solved,
        satisfaction: row.satisfaction,
    };
    let taken = desk::take(tx, judge, said.evaluation(record), now)?;
    if taken.is_ok() {
        return Ok(Some(taken));
    }
    let mut own = said.evaluation(record);
    own.role = "CITIZEN".to_owned();
    own.staff = StaffId(format!("channel:{}", row.channel));
    own.args.insert("heard_by".to_owned(), json!(row.by_staff));
    desk::take(tx, judge, own, now).map(Some)
}

/// An answer of a citizen who was reached.
struct Said<'a> {
    order_no: &'a str,
    staff: &'a StaffId,
    solved: Option<bool>,
    satisfaction: Option<u8>,
}

impl Said<'_> {
    fn evaluation(&self, record: RecordId) -> Act {
        let args = json!({
            "contacted": true, "solved": self.solved, "satisfaction": self.satisfaction.unwrap_or(0), "order_no": self.order_no
        });
        let mut args = args.as_object().cloned().unwrap_or_default();
        args.retain(|_, value: &mut Value| !value.is_null());
        Act {
            args,
            ..Act::of(record, "T30_EVALUATE", "VISITOR", self.staff.clone())
        }
    }
}
