//! Reads the platform's tables beside the platform: the only place of the run that knows them.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::{OpId, RecordId};
use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::wire::push::OpResult;
use rusqlite::{Connection, OpenFlags, Row};

use crate::world::World;

/// The platform's tables at one moment.
pub struct Oracle(Connection);

/// One accepted operation.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// Revision of its record afterwards.
    pub rev: i64,
    /// The operation as it was sent.
    pub op: Operation,
    /// Whether a phone sent it; otherwise a desk.
    pub by_phone: bool,
}

impl World {
    /// Opens the platform's tables for reading.
    pub fn oracle(&self) -> Oracle {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let connection = Connection::open_with_flags(self.server.database(), flags).expect("the platform's file");
        Oracle(connection)
    }
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<Record> {
    let id: [u8; 16] = row.get("id")?;
    let (kind, grid, body): (String, String, String) = (row.get("kind")?, row.get("grid")?, row.get("body")?);
    Ok(Record {
        id: RecordId::from_slice(&id).expect("an id"),
        kind: fushan_grid_core::model::record::Kind(kind),
        grid: grid.parse().ok(),
        rev: row.get("rev")?,
        state: row.get("state")?,
        deleted: row.get("deleted")?,
        body: serde_json::from_str(&body).expect("a body"),
    })
}

impl Oracle {
    /// Every record but the data packs, which are large and the same for all.
    pub fn records(&self) -> BTreeMap<RecordId, Record> {
        let sql = "SELECT * FROM record WHERE kind <> 'pack'";
        let mut statement = self.0.prepare(sql).expect("records");
        let rows = statement.query_map([], record_of).expect("records");
        rows.map(|r| r.expect("a record")).map(|r| (r.id, r)).collect()
    }

    /// Ids and revisions of the records that are in a scope.
    pub fn scope(&self, scope: &str) -> BTreeMap<RecordId, i64> {
        let sql = "SELECT m.record, r.rev FROM scope_member m JOIN record r ON r.id = m.record
                   WHERE m.scope = ?1 AND m.present = 1 AND r.kind <> 'pack'";
        let mut statement = self.0.prepare(sql).expect("a scope");
        let rows = statement.query_map([scope], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get(1)?)));
        let rows = rows.expect("a scope").map(|r| r.expect("a member"));
        rows.map(|(id, rev)| (RecordId::from_slice(&id).expect("an id"), rev))
            .collect()
    }

    /// Accepted operations of a record in the order they took effect.
    pub fn history(&self, record: RecordId) -> Vec<HistoryLine> {
        self.lines(
            "SELECT rev, doc, device IS NOT NULL FROM history WHERE record = ?1 ORDER BY rev, rowid",
            [record.bytes()],
        )
    }

    /// Accepted operations of all records.
    pub fn all_history(&self) -> Vec<HistoryLine> {
        self.lines("SELECT rev, doc, device IS NOT NULL FROM history ORDER BY rowid", [])
    }

    fn lines(&self, sql: &str, params: impl rusqlite::Params) -> Vec<HistoryLine> {
        let mut statement = self.0.prepare(sql).expect("history");
        let rows = statement.query_map(params, |row| {
            let doc: String = row.get(1)?;
            Ok(HistoryLine {
                rev: row.get(0)?,
                op: serde_json::from_str(&doc).expect("an operation"),
                by_phone: row.get(2)?,
            })
        });
        rows.expect("history").map(|r| r.expect("a line")).collect()
    }

    /// Every answer that was given.
    pub fn receipts(&self) -> BTreeMap<OpId, OpResult> {
        let mut statement = self.0.prepare("SELECT result FROM receipt").expect("receipts");
        let rows = statement
            .query_map([], |row| row.get::<_, String>(0))
            .expect("receipts");
        rows.map(|text| serde_json::from_str::<OpResult>(&text.expect("a receipt")).expect("a result"))
            .map(|result| (result.op, result))
            .collect()
    }

    /// Everything of the platform that a repeat must not change, as one text.
    pub fn everything(&self) -> String {
        let mut all = String::new();
        for sql in [
            "SELECT hex(id) || rev || state || deleted || body || field_rev FROM record WHERE kind <> 'pack' ORDER BY id",
            "SELECT hex(op) || rev FROM history ORDER BY op",
            "SELECT scope || hex(record) || seq || rev || present FROM scope_member ORDER BY scope, seq",
            "SELECT scope || epoch || ':' || seq FROM scope_head ORDER BY scope",
            "SELECT hex(hash) || bytes FROM blob ORDER BY hash",
        ] {
            let mut statement = self.0.prepare(sql).expect("a table of the platform");
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
            for row in rows {
                all.push_str(&row.expect("a row"));
                all.push('\n');
            }
        }
        all
    }

    /// All text the platform holds: records, history, and what phones handed over.
    pub fn text(&self) -> String {
        let mut all = String::new();
        for sql in [
            "SELECT body FROM record WHERE kind <> 'pack'",
            "SELECT doc FROM history",
            "SELECT doc FROM handed_over",
        ] {
            let mut statement = self.0.prepare(sql).expect("a table of the platform");
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
            rows.for_each(|row| all.push_str(&row.expect("a row")));
        }
        all
    }
}
