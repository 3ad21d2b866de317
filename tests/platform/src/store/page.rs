//! Pages of the lists that desks work through: after a row, so many. A row that goes meanwhile makes no other one be left out.

use std::fmt;
use std::str::FromStr;

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;

use super::value::Value;

/// Rows on a page unless another number is asked for.
pub const PAGE_ROWS: u32 = 100;
/// Most rows on a page.
pub const PAGE_MOST: u32 = 500;

/// Where a row stands in its list: moment, record, and the other record where a list has pairs. As text it is a cursor, which holds
/// nothing of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The list's moment of the row.
    pub at: UtcMillis,
    /// Its record.
    pub record: RecordId,
    /// The other of a pair; of no meaning in other lists.
    pub other: RecordId,
}

impl Cursor {
    /// The place of a row that is about one record.
    #[must_use]
    pub fn of(at: UtcMillis, record: RecordId) -> Self {
        Self {
            at,
            record,
            other: RecordId(Default::default()),
        }
    }

    /// Before every row.
    #[must_use]
    pub fn start() -> Self {
        Self::of(UtcMillis(i64::MIN), RecordId(Default::default()))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at.0, self.record, self.other)
    }
}

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(NoCursor);
        let (at, record, other) = (next()?, next()?, next()?);
        let cursor = Self {
            at: UtcMillis(at.parse().map_err(|_| NoCursor)?),
            record: record.parse().map_err(|_| NoCursor)?,
            other: other.parse().map_err(|_| NoCursor)?,
        };
        if cursor.to_string() == text {
            Ok(cursor)
        } else {
            Err(NoCursor)
        }
    }
}

/// A page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The last row of the page before.
    pub after: Cursor,
    /// Most rows.
    pub limit: u32,
}

impl Page {
    /// The first page, of the usual length.
    #[must_use]
    pub fn first() -> Self {
        Self {
            after: Cursor::start(),
            limit: PAGE_ROWS,
        }
    }

    /// The cursor of the next page: nothing when this one is not full.
    #[must_use]
    pub fn next<T>(&self, rows: &[T], cursor: impl Fn(&T) -> Cursor) -> Option<Cursor> {
        let full = rows.len() >= self.limit as usize;
        rows.last().filter(|_| full).map(cursor)
    }

    pub(super) fn at(&self) -> Value {
        self.after.at.0.into()
    }

    pub(super) fn record(&self) -> Value {
        self.after.record.bytes().into()
    }

    pub(super) fn other(&self) -> Value {
        self.after.other.bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is_one() {
        let cursor = Cursor {
            other: RecordId::v7(UtcMillis(9), [0xab; 10]),
            ..Cursor::of(UtcMillis(-5), RecordId::v7(UtcMillis(7), [1; 10]))
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        let longer = format!("{cursor}.1");
        for wrong in [
            "",
            "1",
            "1.2.3",
            "x",
            longer.as_str(),
            &cursor.to_string().to_uppercase(),
        ] {
            assert_eq!(wrong.parse::<Cursor>(), Err(NoCursor), "{wrong}");
        }
    }
}
