//! The timeout ladder: what happens while a limit runs out (domain dictionary 6.4).

use serde::Serialize;

use crate::model::time::UtcMillis;
use crate::rules::deadline::{Calendar, CalendarError, Clock};

/// One rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// When.
    pub at: UtcMillis,
    /// What.
    pub kind: RungKind,
}

/// What happens on a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RungKind {
    /// Half of the limit is gone: the handler is reminded.
    Remind,
    /// Four fifths are gone: the handler is urged (T33).
    Urge,
    /// The card before the deadline (T32 yellow).
    Yellow,
    /// The limit is gone: flagged, and the level above is told.
    Overdue,
    /// A fifth more is gone: ordinary supervision (T32).
    Supervise,
    /// The card after the deadline (T32 red).
    Red,
    /// Two working days after the red card: listed in the weekly report; what nobody signed for goes to the deputy.
    List,
}

/// The rungs of a running limit in the order of time. Shares count as time of work for limits in working units.
///
/// # Errors
/// A calendar that does not reach so far.
pub fn ladder(clock: &Clock, now: UtcMillis, calendar: &Calendar) -> Result<Vec<Rung>, CalendarError> {
    let standing = clock.standing(now, calendar)?;
    let (start, end) = (clock.started, standing.deadline);
    let works = clock.limit.unit.counts_work();
    let length = if works {
        calendar.work_between(start, end)?
    } else {
        end.since(start)
    };
    let share = |percent: i64| {
        let part = length / 100 * percent + length % 100 * percent / 100;
        if works {
            calendar.after_work(start, part)
        } else {
            Ok(start.plus(part))
        }
    };
    let mut rungs = vec![
        Rung {
            at: share(50)?,
            kind: RungKind::Remind,
        },
        Rung {
            at: share(80)?,
            kind: RungKind::Urge,
        },
        Rung {
            at: end,
            kind: RungKind::Overdue,
        },
        Rung {
            at: share(120)?.max(end),
            kind: RungKind::Supervise,
        },
        Rung {
            at: standing.red_at,
            kind: RungKind::Red,
        },
        Rung {
            at: calendar.work_day_end(standing.red_at, 2)?,
            kind: RungKind::List,
        },
    ];
    rungs.extend(standing.yellow_at.map(|at| Rung {
        at,
        kind: RungKind::Yellow,
    }));
    rungs.sort_by_key(|rung| (rung.at, rung.kind));
    Ok(rungs)
}
