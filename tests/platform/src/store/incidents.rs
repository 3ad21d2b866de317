//! The index of incidents: one row each, written with its record, by which queues, timers and the hall find them.

use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::geo::Point;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::incident::OVER;
use fushan_grid_core::model::record::{Kind, Record};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::{Candidate, MAX_AGE_MS};
use serde_json::Value as Json;

use super::records::record_of;
use super::{Page, Row, Stored, Tx};
use crate::values;

/// States in which an incident can still take another one in (domain dictionary 4.4, T12).
const OPEN: [&str; 8] = [
    "REPORTED",
    "VERIFYING",
    "RETURNED",
    "ACCEPTED",
    "DISPATCHED",
    "DISPOSING",
    "SUSPENDED",
    "FEEDBACK",
];
/// States that no timer looks at.
const ASLEEP: [&str; 5] = ["DRAFT", "EVALUATED", "REJECTED", "MERGED", "VOIDED"];
/// The states in which an incident is over, as a list in SQL.
pub(super) fn over() -> String {
    OVER.map(|state| format!("'{state}'")).join(", ")
}

/// Half a side of the square that is searched, in ten-millionths of a degree: 50 m and more up to 60 degrees north.
const AROUND_E7: i64 = 9_100;
/// Records filled in one statement at the first start.
const PAGE: u32 = 500;

/// An incident as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentRow {
    /// Record.
    pub record: RecordId,
    /// Case number; empty before the platform gave one.
    pub case_no: String,
    /// Grid, or empty.
    pub grid: String,
    /// State.
    pub state: String,
    /// Level of circulation; 0 before it was accepted.
    pub level: u8,
    /// Category.
    pub category: String,
    /// Where it came from.
    pub channel: String,
    /// Urgency.
    pub urgency: String,
    /// Organisation that handles it, or empty.
    pub main: String,
    /// Person who handles it, or empty.
    pub person: String,
    /// When it was reported, by the platform's time.
    pub reported_at: UtcMillis,
    /// Deadline of the limit that runs, as the timers last computed it.
    pub due_at: Option<UtcMillis>,
    /// When its last step was taken.
    pub changed_at: UtcMillis,
}

pub(super) const COLUMNS: &str =
    "record, case_no, grid, state, level, category, channel, urgency, main, person, reported_at, due_at, changed_at";

pub(super) fn row_of(row: &Row) -> Stored<IncidentRow> {
    Ok(IncidentRow {
        record: RecordId::from_slice(row.bytes(0)?)?,
        case_no: row.text(1)?.to_owned(),
        grid: row.text(2)?.to_owned(),
        state: row.text(3)?.to_owned(),
        level: u8::try_from(row.int(4)?).unwrap_or(0),
        category: row.text(5)?.to_owned(),
        channel: row.text(6)?.to_owned(),
        urgency: row.text(7)?.to_owned(),
        main: row.text(8)?.to_owned(),
        person: row.text(9)?.to_owned(),
        reported_at: UtcMillis(row.int(10)?),
        due_at: if row.is_null(11)? {
            None
        } else {
            Some(UtcMillis(row.int(11)?))
        },
        changed_at: UtcMillis(row.int(12)?),
    })
}

fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.body.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn moment(line: &Json) -> i64 {
    line.get("at").and_then(Json::as_i64).unwrap_or(0)
}

/// When it was reported, and when its last step was taken.
fn moments(record: &Record) -> (i64, i64) {
    let history = record.body.get("history").and_then(Json::as_array);
    let lines = history.map_or(&[][..], Vec::as_slice);
    let reported = lines.iter().find(|line| line.get("to").is_some_and(|to| to != "DRAFT"));
    (reported.map_or(0, moment), lines.last().map_or(0, moment))
}

impl Tx<'_> {
    /// Writes the row of an incident; other kinds have none.
    pub(super) fn index_incident(&mut self, record: &Record) -> Stored<()> {
        if !record.kind.is(Kind::INCIDENT) {
            return Ok(());
        }
        let point: Option<Point> = record
            .body
            .get("point")
            .and_then(|point| serde_json::from_value(point.clone()).ok());
        let (reported, changed) = moments(record);
        let level = record.body.get("level").and_then(Json::as_i64).unwrap_or(0);
        if record.state != "ACCEPTED" {
            // whoever took it on did so past the queue; should it come back, the rules decide anew
            self.drop_wait(record.id)?;
        }
        let wake = (!ASLEEP.contains(&record.state.as_str())).then_some(0_i64);
        self.later(
            "INSERT INTO incident (record, case_no, grid, state, level, category, channel, urgency, main, person, lon, lat,
                 reported_at, changed_at, wake_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (record) DO UPDATE SET case_no = ?2, grid = ?3, state = ?4, level = ?5, category = ?6, channel = ?7,
                 urgency = ?8, main = ?9, person = ?10, lon = ?11, lat = ?12, reported_at = ?13, changed_at = ?14,
                 wake_at = ?15, due_at = NULL",
            values![
                record.id.bytes(),
                text(record, "case_no"),
                record.grid.as_ref().map_or("", GridCode::as_str),
                &record.state,
                level,
                text(record, "category"),
                text(record, "channel"),
                text(record, "urgency"),
                text(record, "handler_org"),
                text(record, "handler_user"),
                point.map(|p| i64::from(p.lon_e7)),
                point.map(|p| i64::from(p.lat_e7)),
                reported,
                changed,
                wake
            ],
        )
    }

    /// Gives rows to incidents that were written before there were any.
    ///
    /// # Errors
    /// Those of the database.
    pub fn fill_incidents(&mut self) -> Stored<()> {
        loop {
            let rows = self.query(
                "SELECT id, kind, grid, rev, state, deleted, body FROM record
                 WHERE kind = 'incident' AND id NOT IN (SELECT record FROM incident) LIMIT ?",
                values![PAGE],
            )?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                self.index_incident(&record_of(row, 0)?)?;
            }
        }
    }

    /// The row of an incident.
    ///
    /// # Errors
    /// Those of the database.
    pub fn incident(&mut self, id: RecordId) -> Stored<Option<IncidentRow>> {
        let sql = format!("SELECT {COLUMNS} FROM incident WHERE record = ?");
        self.first(sql, values![id.bytes()])?.as_ref().map(row_of).transpose()
    }

    /// A page of the incidents in a state, those that changed longest ago first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn incidents_in(&mut self, state: &str, page: &Page) -> Stored<Vec<IncidentRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM incident WHERE state = ? AND (changed_at, record) > (?, ?) ORDER BY changed_at, record LIMIT ?"
        );
        let asked = vec![state.into(), page.at(), page.record(), page.limit.into()];
        self.query(sql, asked)?.iter().map(row_of).collect()
    }

    /// Incidents that the timers have to look at.
    ///
    /// # Errors
    /// Those of the database.
    pub fn incidents_awake(&mut self, now: UtcMillis, limit: u32) -> Stored<Vec<RecordId>> {
        let rows = self.query(
            "SELECT record FROM incident WHERE wake_at <= ? ORDER BY wake_at, record LIMIT ?",
            values![now.0, limit],
        )?;
        rows.iter()
            .map(|row| Ok(RecordId::from_slice(row.bytes(0)?)?))
            .collect()
    }

    /// Notes when the timers look at an incident again, and the deadline they computed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_wake(&mut self, id: RecordId, wake: Option<UtcMillis>, due: Option<UtcMillis>) -> Stored<()> {
        self.later(
            "UPDATE incident SET wake_at = ?2, due_at = ?3 WHERE record = ?1",
            values![id.bytes(), wake.map(|at| at.0), due.map(|at| at.0)],
        )
    }

    /// Reports of a category from about the place and time of another one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn candidates(&mut self, category: &str, place: Point, about: UtcMillis) -> Stored<Vec<Candidate>> {
        let (lon, lat) = (i64::from(place.lon_e7), i64::from(place.lat_e7));
        let rows = self.query(
            "SELECT record, category, lon, lat, reported_at, state FROM incident
             WHERE category = ? AND lat BETWEEN ? AND ? AND lon BETWEEN ? AND ? AND reported_at BETWEEN ? AND ?",
            values![
                category,
                lat - AROUND_E7,
                lat + AROUND_E7,
                lon - AROUND_E7,
                lon + AROUND_E7,
                about.plus(-MAX_AGE_MS).0,
                about.plus(MAX_AGE_MS).0
            ],
        )?;
        let degree = |row: &Row, column| Ok::<i32, super::StoreError>(i32::try_from(row.int(column)?).unwrap_or(0));
        rows.iter()
            .map(|row| {
                Ok(Candidate {
                    id: RecordId::from_slice(row.bytes(0)?)?,
                    category: row.text(1)?.to_owned(),
                    point: Point {
                        lon_e7: degree(row, 2)?,
                        lat_e7: degree(row, 3)?,
                    },
                    reported: UtcMillis(row.int(4)?),
                    open: OPEN.contains(&row.text(5)?),
                })
            })
            .collect()
    }

    /// The next case number of a day: district, day, five digits (domain dictionary 4.3).
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_case_no(&mut self, district: &str, day: &str) -> Stored<String> {
        let row = self.first(
            "INSERT INTO case_serial (day, last) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET last = case_serial.last + 1
             RETURNING last",
            values![day],
        )?;
        let last = row.ok_or(super::StoreError::Shape)?.int(0)?;
        Ok(format!("{district}{day}{last:05}"))
    }

    /// Records of incidents in an area, a page after an id: what reports are computed from. Those that no grid holds yet count for
    /// the district.
    ///
    /// # Errors
    /// Those of the database.
    pub fn incident_records(&mut self, area: &str, after: Option<RecordId>, limit: u32) -> Stored<Vec<Record>> {
        let rows = self.query(
            "SELECT r.id, r.kind, r.grid, r.rev, r.state, r.deleted, r.body FROM incident i JOIN record r ON r.id = i.record
             WHERE i.record > ?1 AND (i.grid >= ?2 AND i.grid < ?3 OR i.grid = '' AND length(?2) <= 6) AND i.state <> 'DRAFT'
             ORDER BY i.record LIMIT ?4",
            values![
                after.as_ref().map_or(&[][..], |id| id.bytes().as_slice()),
                area,
                format!("{area}~"),
                limit
            ],
        )?;
        rows.iter().map(|row| record_of(row, 0)).collect()
    }
}
