//! Reads a record's history: what guards count and whom they compare.

use serde_json::Value;

use crate::model::record::{Body, Record};
use crate::model::time::UtcMillis;

/// The number of a transition: 17 for `T17_SIGN`; 0 for what is none.
pub(super) fn number(event: &str) -> u32 {
    let digits = event.strip_prefix('T').and_then(|rest| rest.split('_').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// One line.
#[derive(Clone, Copy)]
pub(super) struct Line<'a>(&'a Value);

impl<'a> Line<'a> {
    pub(super) fn number(self) -> u32 {
        number(self.text("event"))
    }

    pub(super) fn text(self, name: &str) -> &'a str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn actor(self) -> &'a str {
        self.text("actor")
    }

    pub(super) fn at(self) -> UtcMillis {
        UtcMillis(self.0.get("at").and_then(Value::as_i64).unwrap_or(0))
    }

    pub(super) fn level(self) -> u64 {
        self.0.get("level").and_then(Value::as_u64).unwrap_or(1)
    }

    pub(super) fn arg(self, name: &str) -> Option<&'a Value> {
        self.0.get("args")?.get(name)
    }

    pub(super) fn arg_text(self, name: &str) -> &'a str {
        self.arg(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn args(self) -> Option<&'a Body> {
        self.0.get("args").and_then(Value::as_object)
    }
}

/// A history, or a part of it.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a>(&'a [Value]);

impl<'a> Lines<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        let history = record.body.get("history").and_then(Value::as_array);
        Self(history.map_or(&[], Vec::as_slice))
    }

    pub(super) fn iter(self) -> impl DoubleEndedIterator<Item = Line<'a>> {
        self.0.iter().map(Line)
    }

    pub(super) fn last(self) -> Option<Line<'a>> {
        self.0.last().map(Line)
    }

    /// The last line of one of these transitions.
    pub(super) fn last_of(self, numbers: &[u32]) -> Option<Line<'a>> {
        self.iter().rev().find(|line| numbers.contains(&line.number()))
    }

    pub(super) fn count(self, of: u32) -> usize {
        self.iter().filter(|line| line.number() == of).count()
    }

    /// What came after the last line of one of these transitions; all when there is none.
    pub(super) fn since(self, numbers: &[u32]) -> Self {
        let at = self.0.iter().rposition(|line| numbers.contains(&Line(line).number()));
        Self(at.and_then(|at| self.0.get(at + 1..)).unwrap_or(self.0))
    }

    /// The present round: since the case was last taken up again (T31).
    pub(super) fn round(self) -> Self {
        self.since(&[31])
    }

    /// Whether somebody has taken one of these steps.
    pub(super) fn took(self, staff: &str, numbers: &[u32]) -> bool {
        self.iter()
            .any(|line| line.actor() == staff && numbers.contains(&line.number()))
    }
}
