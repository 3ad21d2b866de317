//! Decisions of dispatch, what waits for a person, rosters, and proposed lines of the responsibility list.

use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::OpenTask;
use serde::{Deserialize, Serialize};

use super::value::Value;
use super::{Page, Row, Stored, Tx};
use crate::values;

/// A decision, with what it was decided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DispatchRow {
    /// Incident.
    pub record: RecordId,
    /// When.
    pub at: UtcMillis,
    /// `handler`, `person`, `forced`, or `human:` and why.
    pub outcome: String,
    /// Rule, or empty.
    pub rule: String,
    /// Version of the rule set.
    pub rule_set: String,
    /// Level of circulation.
    pub level: u8,
    /// Organisation, or empty.
    pub main: String,
    /// Person, or empty.
    pub person: String,
    /// Confidence in percent.
    pub confidence: u8,
    /// Why, in Chinese.
    pub zh: String,
    /// Why, in English.
    pub en: String,
    /// Who decided: `SYSTEM` or a pseudonymous id.
    pub decided_by: String,
    /// Alternatives and the rest, as JSON.
    pub doc: String,
}

/// An incident that a person decides on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitRow {
    /// It.
    pub record: RecordId,
    /// Level whose dispatcher decides.
    pub level: u8,
    /// Why.
    pub why: String,
    /// Since when.
    pub since: UtcMillis,
    /// Until when.
    pub due_at: Option<UtcMillis>,
}

/// A shift, a call duty or a leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Who.
    pub staff: StaffId,
    /// For which organisation.
    pub org: String,
    /// `duty`, `call` or `leave`.
    pub kind: String,
    /// From when.
    pub begins: UtcMillis,
    /// Until when.
    pub ends: UtcMillis,
    /// Grids they work in; empty means all.
    #[serde(default)]
    pub grids: Vec<GridCode>,
    /// Categories they know best, by their start.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Who takes over what they leave unsigned, or empty.
    #[serde(default)]
    pub deputy: String,
}

const SHIFT: &str = "staff, org, kind, begins, ends, grids, skills, deputy";

fn shift(row: &Row) -> Stored<Shift> {
    Ok(Shift {
        staff: StaffId(row.text(0)?.to_owned()),
        org: row.text(1)?.to_owned(),
        kind: row.text(2)?.to_owned(),
        begins: UtcMillis(row.int(3)?),
        ends: UtcMillis(row.int(4)?),
        grids: serde_json::from_str(row.text(5)?)?,
        skills: serde_json::from_str(row.text(6)?)?,
        deputy: row.text(7)?.to_owned(),
    })
}

fn small(row: &Row, column: usize) -> Stored<u8> {
    Ok(u8::try_from(row.int(column)?).unwrap_or(0))
}

impl Tx<'_> {
    /// Writes a decision after those before it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_dispatch(&mut self, row: &DispatchRow) -> Stored<()> {
        self.later(
            "INSERT INTO dispatch (record, n, at, outcome, rule, rule_set, level, main, person, confidence, zh, en, decided_by, doc)
             SELECT ?1, COALESCE(MAX(n), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
             FROM dispatch WHERE record = ?1",
            values![
                row.record.bytes(),
                row.at.0,
                &row.outcome,
                &row.rule,
                &row.rule_set,
                i64::from(row.level),
                &row.main,
                &row.person,
                i64::from(row.confidence),
                &row.zh,
                &row.en,
                &row.decided_by,
                &row.doc
            ],
        )
    }

    /// Decisions on an incident, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dispatches(&mut self, record: RecordId) -> Stored<Vec<DispatchRow>> {
        let rows = self.query(
            "SELECT at, outcome, rule, rule_set, level, main, person, confidence, zh, en, decided_by, doc FROM dispatch
             WHERE record = ? ORDER BY n",
            values![record.bytes()],
        )?;
        let text = |row: &Row, column| row.text(column).map(str::to_owned);
        rows.iter()
            .map(|row| {
                Ok(DispatchRow {
                    record,
                    at: UtcMillis(row.int(0)?),
                    outcome: text(row, 1)?,
                    rule: text(row, 2)?,
                    rule_set: text(row, 3)?,
                    level: small(row, 4)?,
                    main: text(row, 5)?,
                    person: text(row, 6)?,
                    confidence: small(row, 7)?,
                    zh: text(row, 8)?,
                    en: text(row, 9)?,
                    decided_by: text(row, 10)?,
                    doc: text(row, 11)?,
                })
            })
            .collect()
    }

    /// Decisions by outcome, rule and organisation, the most frequent first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dispatch_table(&mut self) -> Stored<Vec<(String, String, u64)>> {
        let rows = self.query(
            "SELECT outcome, main, CAST(COUNT(*) AS BIGINT) AS many FROM dispatch GROUP BY outcome, main ORDER BY many DESC, main",
            Vec::new(),
        )?;
        rows.iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.count(2)?)))
            .collect()
    }

    /// Puts an incident where a person decides.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_wait(
        &mut self,
        record: RecordId,
        level: u8,
        why: &str,
        since: UtcMillis,
        due: Option<UtcMillis>,
    ) -> Stored<()> {
        self.later(
            "INSERT INTO dispatch_wait (record, level, why, since, due_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (record) DO UPDATE SET level = ?2, why = ?3",
            values![record.bytes(), i64::from(level), why, since.0, due.map(|at| at.0)],
        )
    }

    /// Takes an incident out of the queue.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_wait(&mut self, record: RecordId) -> Stored<()> {
        self.later("DELETE FROM dispatch_wait WHERE record = ?", values![record.bytes()])
    }

    /// Whether an incident waits for a person.
    ///
    /// # Errors
    /// Those of the database.
    pub fn waits(&mut self, record: RecordId) -> Stored<bool> {
        let row = self.first("SELECT 1 FROM dispatch_wait WHERE record = ?", values![record.bytes()])?;
        Ok(row.is_some())
    }

    /// A page of the queue of a level, or of all with level 0, what is due first before the rest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn waiting(&mut self, level: u8, page: &Page) -> Stored<Vec<WaitRow>> {
        let rows = self.query(
            "SELECT w.record, w.level, w.why, w.since, w.due_at FROM dispatch_wait w JOIN incident i ON i.record = w.record
             WHERE (?1 = 0 OR w.level = ?1) AND i.state = 'ACCEPTED' AND (COALESCE(w.due_at, w.since), w.record) > (?2, ?3)
             ORDER BY COALESCE(w.due_at, w.since), w.record LIMIT ?4",
            vec![i64::from(level).into(), page.at(), page.record(), page.limit.into()],
        )?;
        rows.iter()
            .map(|row| {
                Ok(WaitRow {
                    record: RecordId::from_slice(row.bytes(0)?)?,
                    level: small(row, 1)?,
                    why: row.text(2)?.to_owned(),
                    since: UtcMillis(row.int(3)?),
                    due_at: if row.is_null(4)? {
                        None
                    } else {
                        Some(UtcMillis(row.int(4)?))
                    },
                })
            })
            .collect()
    }

    /// Proposes a line of the responsibility list.
    ///
    /// # Errors
    /// Those of the database.
    pub fn propose_rule(&mut self, record: RecordId, rule: &str, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO rule_proposal (record, at, rule) VALUES (?1, ?2, ?3) ON CONFLICT (record) DO UPDATE SET at = ?2, rule = ?3",
            values![record.bytes(), at.0, rule],
        )
    }

    /// Proposed lines, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn rule_proposals(&mut self) -> Stored<Vec<String>> {
        let rows = self.query(
            "SELECT rule FROM rule_proposal ORDER BY at, record LIMIT 500",
            Vec::new(),
        )?;
        rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
    }

    /// Writes a shift; one of the same person, organisation, kind and beginning is replaced.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_shift(&mut self, shift: &Shift) -> Stored<()> {
        self.later(
            "INSERT INTO duty (staff, org, kind, begins, ends, grids, skills, deputy) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (staff, org, kind, begins) DO UPDATE SET ends = ?5, grids = ?6, skills = ?7, deputy = ?8",
            values![
                &shift.staff.0,
                &shift.org,
                &shift.kind,
                shift.begins.0,
                shift.ends.0,
                serde_json::to_string(&shift.grids)?,
                serde_json::to_string(&shift.skills)?,
                &shift.deputy
            ],
        )
    }

    /// Shifts, call duties and leaves of an organisation at a moment.
    ///
    /// # Errors
    /// Those of the database.
    pub fn duties(&mut self, org: &str, now: UtcMillis) -> Stored<Vec<Shift>> {
        let sql = format!("SELECT {SHIFT} FROM duty WHERE org = ? AND ends > ? AND begins <= ? ORDER BY staff, kind");
        self.query(sql, values![org, now.0, now.0])?.iter().map(shift).collect()
    }

    /// Who takes over from a person at a moment.
    ///
    /// # Errors
    /// Those of the database.
    pub fn deputy(&mut self, staff: &str, now: UtcMillis) -> Stored<Option<StaffId>> {
        let row = self.first(
            "SELECT deputy FROM duty WHERE staff = ? AND ends > ? AND begins <= ? AND deputy <> '' ORDER BY begins DESC LIMIT 1",
            values![staff, now.0, now.0],
        )?;
        row.map(|row| Ok(StaffId(row.text(0)?.to_owned()))).transpose()
    }

    /// What people have open, by person.
    ///
    /// # Errors
    /// Those of the database.
    pub fn open_tasks(&mut self, staff: &[StaffId], now: UtcMillis) -> Stored<Vec<(StaffId, OpenTask)>> {
        if staff.is_empty() {
            return Ok(Vec::new());
        }
        let places = vec!["?"; staff.len()].join(", ");
        let sql = format!(
            "SELECT person, urgency, due_at FROM incident
             WHERE person IN ({places}) AND state IN ('DISPATCHED', 'DISPOSING', 'SUSPENDED')"
        );
        let rows = self.query(sql, staff.iter().map(|id| Value::from(&id.0)).collect())?;
        rows.iter()
            .map(|row| {
                let task = OpenTask {
                    urgency: row.text(1)?.to_owned(),
                    overdue: !row.is_null(2)? && row.int(2)? < now.0,
                };
                Ok((StaffId(row.text(0)?.to_owned()), task))
            })
            .collect()
    }
}
