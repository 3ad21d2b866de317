//! Warnings about operations that are still here: made when a pull brings their record, shown until the platform has answered.

use rusqlite::params;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::{ops, records};
use crate::merge::Warning;
use crate::model::ids::{OpId, RecordId};
use crate::model::op::Operation;
use crate::model::record::Record;

/// A record whose unanswered operations have not been judged against its latest revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Unjudged {
    /// The platform's last word.
    pub mirror: Record,
    /// The operations, in their order.
    pub pending: Vec<Operation>,
}

/// Records to judge, at most so many.
///
/// # Errors
/// Those of the store.
pub fn unjudged(r: &Reader<'_>, limit: u32) -> Result<Vec<Unjudged>, StoreError> {
    let sql = "SELECT r.id FROM base b JOIN record r ON r.row = b.row WHERE b.forecast = 0 AND b.rev > 0 LIMIT ?1";
    let mut statement = r.0.prepare_cached(sql)?;
    let ids: Vec<[u8; 16]> = statement
        .query_map([limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for id in ids {
        let id = RecordId::from_slice(&id)?;
        if let Some(mirror) = records::mirror(r, id)? {
            let pending = ops::pending_of(r, id)?;
            found.push(Unjudged { mirror, pending });
        }
    }
    Ok(found)
}

/// Keeps what was found about a record's operations in the place of what was known.
///
/// # Errors
/// Those of the store.
pub fn replace(w: &Writer<'_>, record: RecordId, warnings: &[Warning]) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM warning WHERE record = ?1")?
        .execute([record.bytes()])?;
    for warning in warnings {
        w.0.0
            .prepare_cached("INSERT OR REPLACE INTO warning (op, record, doc) VALUES (?1, ?2, ?3)")?
            .execute(params![
                warning.op.bytes(),
                record.bytes(),
                serde_json::to_string(warning)?
            ])?;
    }
    w.0.0
        .prepare_cached("UPDATE base SET forecast = 1 WHERE row = (SELECT row FROM record WHERE id = ?1)")?
        .execute([record.bytes()])?;
    Ok(())
}

/// Warnings with their records, at most 200; of one record when asked.
///
/// # Errors
/// Those of the store.
pub fn list(r: &Reader<'_>, record: Option<RecordId>) -> Result<Vec<(RecordId, Warning)>, StoreError> {
    let sql = "SELECT record, doc FROM warning WHERE ?1 IS NULL OR record = ?1 ORDER BY op LIMIT 200";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([record.as_ref().map(|id| id.bytes())])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, doc): ([u8; 16], String) = (row.get(0)?, row.get(1)?);
        found.push((RecordId::from_slice(&id)?, serde_json::from_str(&doc)?));
    }
    Ok(found)
}

/// The operation has its answer: the warning has done its work.
pub(super) fn forget(w: &Writer<'_>, op: OpId) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("DELETE FROM warning WHERE op = ?1")?
        .execute([op.bytes()])?;
    Ok(())
}
