//! One look at one incident.

use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::deadline::{CalendarError, Timer};
use fushan_grid_core::rules::dispatch::{Rung, RungKind, ladder};
use serde_json::{Value, json};

use super::calendar::running;
use super::rungs;
use super::system::overdue;
use super::tick::Ticked;
use crate::books::Books;
use crate::desk::{self, Act};
use crate::dispatching::{Committed, accept, commit, eligible};
use crate::intake::{said_before, suggest};
use crate::judge::Judge;
use crate::mobilise::for_critical;
use crate::store::{RungRow, Stored, Tx};

/// Days after which an incident that nobody evaluated is evaluated by default, which never counts as satisfied (4.4, T30).
const DEFAULT_EVALUATION_MS: i64 = 7 * 86_400_000;
/// When to look again at what the calendar does not reach.
pub(super) const TOMORROW_MS: i64 = 86_400_000;
/// The soonest second look.
const SOON_MS: i64 = 60_000;

/// When the timers look again, and the deadline that runs.
struct Next {
    wake: Option<UtcMillis>,
    due: Option<UtcMillis>,
}

/// Looks at an incident and does what is due. A change wakes it again, so that the next look sees what the change began.
pub(super) fn look(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    record: &Record,
    now: UtcMillis,
    ticked: &mut Ticked,
) -> Stored<()> {
    ticked.looked += 1;
    ticked.mobilisations += usize::from(for_critical(tx, judge, books, record, now)?);
    let before = record.rev;
    let forbidden = act(tx, judge, books, record, now, ticked)?;
    if tx.record(record.id)?.is_none_or(|after| after.record.rev != before) {
        return Ok(());
    }
    let tomorrow = forbidden.map(|code| {
        tracing::warn!(record = %record.id, code, "a step of the timers is forbidden");
        ticked.forbidden += 1;
        now.plus(TOMORROW_MS)
    });
    let next = match climb(tx, judge, books, record, now, ticked)? {
        Ok(Next { wake, due }) => Next {
            // a rung may come before tomorrow; the forbidden step does not
            wake: match (tomorrow, wake) {
                (Some(tomorrow), Some(wake)) if wake <= now => Some(tomorrow),
                (Some(tomorrow), None) => Some(tomorrow),
                (_, wake) => wake,
            },
            due,
        },
        Err(_) => {
            ticked.without_calendar += 1;
            Next {
                wake: Some(now.plus(TOMORROW_MS)),
                due: None,
            }
        }
    };
    if tx.record(record.id)?.is_some_and(|after| after.record.rev == before) {
        // what could not be done now is not tried again within the same tick
        let wake = next.wake.map(|at| at.max(now.plus(SOON_MS)));
        tx.set_wake(record.id, wake, next.due)?;
    }
    Ok(())
}

/// What a state asks of the platform itself. The code of the rule that forbade a step which was due.
fn act(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    record: &Record,
    now: UtcMillis,
    ticked: &mut Ticked,
) -> Stored<Option<String>> {
    let taken = match record.state.as_str() {
        "REPORTED" => {
            ticked.hints += suggest(tx, record, reported(record).unwrap_or(now))?.len();
            if !eligible(tx, books, record)? {
                return Ok(None);
            }
            (accept(tx, judge, books, record, now)?, &mut ticked.accepted)
        }
        "ACCEPTED" if !tx.waits(record.id)? => {
            dispatch(tx, judge, books, record, now, ticked)?;
            return Ok(None);
        }
        "SUSPENDED" if until(record).is_some_and(|until| until <= now) => {
            let resumed = desk::take(tx, judge, Act::by_system(record.id, "T23_RESUME"), now)?;
            (resumed, &mut ticked.resumed)
        }
        "CLOSED" if closed(record).is_some_and(|at| at.plus(DEFAULT_EVALUATION_MS) <= now) => {
            let evaluated = match said_before(tx, judge, record.id, now)? {
                Some(said) => said,
                None => desk::take(tx, judge, silent(record), now)?,
            };
            (evaluated, &mut ticked.evaluated)
        }
        _ => match overdue(books, record, now) {
            Ok(Some(due)) if due.until < now => {
                let counted = match due.event {
                    "T09_REJECT" => &mut ticked.rejected,
                    _ => &mut ticked.extensions_refused,
                };
                (desk::take(tx, judge, due.act(record), now)?, counted)
            }
            // a calendar that does not reach so far is told by the limit that runs
            _ => return Ok(None),
        },
    };
    let (taken, counted) = taken;
    *counted += usize::from(taken.is_ok());
    Ok(taken.err())
}

fn dispatch(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    record: &Record,
    now: UtcMillis,
    ticked: &mut Ticked,
) -> Stored<()> {
    match commit(tx, judge, books, record, now)? {
        Committed::Dispatched { .. } => ticked.dispatched += 1,
        Committed::Waiting { .. } => ticked.waiting += 1,
        Committed::Refused(code) => {
            ticked.waiting += 1;
            tracing::warn!(code, "a dispatch was not taken, a person decides");
        }
    }
    Ok(())
}

/// The evaluation of what nobody evaluated.
fn silent(record: &Record) -> Act {
    let mut act = Act::by_system(record.id, "T30_EVALUATE");
    act.args = json!({"satisfaction": 0}).as_object().cloned().unwrap_or_default();
    act
}

/// Takes the rungs that are due and finds the next one.
fn climb(
    tx: &mut Tx<'_>,
    judge: &Judge,
    books: &Books,
    record: &Record,
    now: UtcMillis,
    ticked: &mut Ticked,
) -> Stored<Result<Next, CalendarError>> {
    match record.state.as_str() {
        "SUSPENDED" => {
            return Ok(Ok(Next {
                wake: until(record),
                due: None,
            }));
        }
        "CLOSED" => {
            return Ok(Ok(Next {
                wake: closed(record).map(|at| at.plus(DEFAULT_EVALUATION_MS)),
                due: None,
            }));
        }
        _ => {}
    }
    // the moment after the last at which a person may still decide
    let decides = match overdue(books, record, now) {
        Ok(due) => due.map(|due| due.until.plus(1)),
        Err(error) => return Ok(Err(error)),
    };
    let Some(timer) = running(books, record) else {
        return Ok(Ok(Next {
            wake: decides,
            due: None,
        }));
    };
    let rungs = match ladder(&timer.clock, now, &books.calendar) {
        Ok(rungs) => rungs,
        Err(error) => return Ok(Err(error)),
    };
    let due = rungs
        .iter()
        .find(|rung| rung.kind == RungKind::Overdue)
        .map(|rung| rung.at);
    let rung = take_due(tx, judge, record, &timer, &rungs, now, ticked)?;
    let wake = [rung, decides].into_iter().flatten().min();
    Ok(Ok(Next { wake, due }))
}

/// Takes every rung up to now that was not taken; gives the moment of the next.
#[allow(clippy::too_many_arguments)]
fn take_due(
    tx: &mut Tx<'_>,
    judge: &Judge,
    record: &Record,
    timer: &Timer,
    rungs: &[Rung],
    now: UtcMillis,
    ticked: &mut Ticked,
) -> Stored<Option<UtcMillis>> {
    let began = timer.clock.started;
    let stage = code(&json!(timer.stage));
    let taken = tx.rungs(record.id, &stage, began)?;
    for rung in rungs.iter().filter(|rung| rungs::applies(timer.stage, rung.kind)) {
        let kind = code(&json!(rung.kind));
        if taken.contains(&kind) {
            continue;
        }
        if rung.at > now {
            return Ok(Some(rung.at));
        }
        let done = rungs::take(tx, judge, record, timer.stage, rung.kind, now)?;
        let row = RungRow {
            record: record.id,
            stage: stage.clone(),
            began,
            at: rung.at,
            taken_at: now,
            done,
            kind,
        };
        tx.put_rung(&row)?;
        *ticked.rungs.entry(row.kind).or_default() += 1;
    }
    Ok(None)
}

fn code(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn lines(record: &Record) -> &[Value] {
    record
        .body
        .get("history")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn at(line: &Value) -> Option<UtcMillis> {
    line.get("at").and_then(Value::as_i64).map(UtcMillis)
}

fn reported(record: &Record) -> Option<UtcMillis> {
    lines(record)
        .iter()
        .find(|line| line.get("to").is_some_and(|to| to != "DRAFT"))
        .and_then(at)
}

fn closed(record: &Record) -> Option<UtcMillis> {
    lines(record)
        .iter()
        .rfind(|line| line.get("to").is_some_and(|to| to == "CLOSED"))
        .and_then(at)
}

/// Until when it is suspended, as the step said.
fn until(record: &Record) -> Option<UtcMillis> {
    let line = lines(record)
        .iter()
        .rfind(|line| line.get("to").is_some_and(|to| to == "SUSPENDED"))?;
    line.get("args")?.get("until").and_then(Value::as_i64).map(UtcMillis)
}
