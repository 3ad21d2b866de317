//! What the hall's screen counts: incidents by state, level and grid, what is overdue, and the last steps. No column read here
//! holds anything about a person.

use std::collections::BTreeMap;

use fushan_grid_core::model::time::UtcMillis;

use super::incidents::{COLUMNS, IncidentRow, over, row_of};
use super::{Stored, Tx};
use crate::values;

/// Incidents of one state and level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCount {
    /// State.
    pub state: String,
    /// Level of circulation; 0 before it was accepted.
    pub level: u8,
    /// Reported since the day began.
    pub today: u64,
    /// All of them.
    pub all: u64,
    /// Past the deadline that runs.
    pub overdue: u64,
}

/// Open incidents of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridCount {
    /// Grid.
    pub grid: String,
    /// Open.
    pub open: u64,
    /// Of these, overdue.
    pub overdue: u64,
}

/// What of the incidents is counted.
#[derive(Clone, Copy)]
enum Which {
    All,
    Today,
    Overdue,
}
use Which::{All, Overdue, Today};

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTaken {
    /// When.
    pub at: UtcMillis,
    /// The operation as it is kept.
    pub doc: String,
    /// Case number.
    pub case_no: String,
    /// Grid.
    pub grid: String,
    /// Category.
    pub category: String,
}

/// States in which nothing is open on the screen: those that are over, and what is still on a phone. The index `incident_open` names
/// the same.
fn closed() -> String {
    format!("'DRAFT', {}", over())
}

impl Tx<'_> {
    /// Incidents by state and level.
    ///
    /// # Errors
    /// Those of the database.
    pub fn state_counts(&mut self, midnight: UtcMillis, now: UtcMillis) -> Stored<Vec<StateCount>> {
        let mut counts: BTreeMap<(String, u8), StateCount> = BTreeMap::new();
        // two are grouped by an expression, so that a database takes the index of the moments and not that of the states
        for (which, state, sql, since) in [
            (All, "state", "state <> 'DRAFT'".to_owned(), None),
            (
                Today,
                "state || ''",
                "reported_at >= ? AND state <> 'DRAFT'".to_owned(),
                Some(midnight),
            ),
            (
                Overdue,
                "state || ''",
                format!("due_at < ? AND state NOT IN ({})", closed()),
                Some(now),
            ),
        ] {
            let sql = format!(
                "SELECT {state}, level, CAST(COUNT(*) AS BIGINT) FROM incident WHERE {sql} GROUP BY {state}, level"
            );
            for row in self.query(sql, since.iter().map(|at| at.0.into()).collect())? {
                let (state, level) = (row.text(0)?.to_owned(), u8::try_from(row.int(1)?).unwrap_or(0));
                let count = counts.entry((state.clone(), level)).or_insert(StateCount {
                    state,
                    level,
                    today: 0,
                    all: 0,
                    overdue: 0,
                });
                match which {
                    All => count.all = row.count(2)?,
                    Today => count.today = row.count(2)?,
                    Overdue => count.overdue = row.count(2)?,
                }
            }
        }
        Ok(counts.into_values().collect())
    }

    /// Open incidents by grid.
    ///
    /// # Errors
    /// Those of the database.
    pub fn grid_counts(&mut self, now: UtcMillis) -> Stored<Vec<GridCount>> {
        let rows = self.query(
            format!(
                "SELECT grid, CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN due_at < ? THEN 1 ELSE 0 END) AS BIGINT)
                 FROM incident WHERE state NOT IN ({}) GROUP BY grid ORDER BY grid",
                closed()
            ),
            values![now.0],
        )?;
        rows.iter()
            .map(|row| {
                Ok(GridCount {
                    grid: row.text(0)?.to_owned(),
                    open: row.count(1)?,
                    overdue: row.count(2)?,
                })
            })
            .collect()
    }

    /// The incidents that are overdue longest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn most_overdue(&mut self, now: UtcMillis, limit: u32) -> Stored<Vec<IncidentRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM incident WHERE due_at < ? AND state NOT IN ({}) ORDER BY due_at, record LIMIT ?",
            closed()
        );
        self.query(sql, values![now.0, limit])?.iter().map(row_of).collect()
    }

    /// The last steps of incidents, the latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_steps(&mut self, limit: u32) -> Stored<Vec<StepTaken>> {
        let rows = self.query(
            // a cross join is read from its left: from the last operation backwards, until there are enough
            "SELECT h.at, h.doc, i.case_no, i.grid, i.category FROM history h CROSS JOIN incident i WHERE i.record = h.record
             ORDER BY h.at DESC, h.rev DESC, h.op DESC LIMIT ?",
            values![limit],
        )?;
        rows.iter()
            .map(|row| {
                Ok(StepTaken {
                    at: UtcMillis(row.int(0)?),
                    doc: row.text(1)?.to_owned(),
                    case_no: row.text(2)?.to_owned(),
                    grid: row.text(3)?.to_owned(),
                    category: row.text(4)?.to_owned(),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use fushan_grid_core::model::time::UtcMillis;

    use super::super::{SqliteStore, read};
    use super::closed;

    #[test]
    fn a_poll_of_the_screen_reads_no_table_of_incidents() {
        let tables = include_str!("sql/cheap_polls.sql");
        assert!(
            tables.contains(&format!("WHERE state NOT IN ({});", closed())),
            "index and query differ"
        );
        let store = SqliteStore::open(None).unwrap();
        let polls = [
            "SELECT state, level, COUNT(*) FROM incident WHERE state <> 'DRAFT' GROUP BY state, level".to_owned(),
            "SELECT state || '', level, COUNT(*) FROM incident WHERE reported_at >= 1 AND state <> 'DRAFT' GROUP BY state || '', level".to_owned(),
            format!("SELECT state || '', level, COUNT(*) FROM incident WHERE due_at < 1 AND state NOT IN ({}) GROUP BY state || '', level", closed()),
            format!("SELECT grid, COUNT(*), SUM(CASE WHEN due_at < 1 THEN 1 ELSE 0 END) FROM incident WHERE state NOT IN ({}) GROUP BY grid", closed()),
            format!("SELECT record, due_at FROM incident WHERE due_at < 1 AND state NOT IN ({}) ORDER BY due_at, record LIMIT 14", closed()),
        ];
        for poll in polls {
            let plan: Vec<String> = read(&store, |tx| {
                let rows = tx.query(format!("EXPLAIN QUERY PLAN {poll}"), Vec::new())?;
                rows.iter().map(|row| row.text(3).map(str::to_owned)).collect()
            })
            .unwrap();
            assert!(
                plan.iter().any(|line| line.contains("COVERING INDEX")),
                "{poll}: {plan:?}"
            );
        }
        read(&store, |tx| tx.state_counts(UtcMillis(0), UtcMillis(1))).unwrap();
    }
}
