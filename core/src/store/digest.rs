//! The digest of a scope as this phone holds it, and its repair.

use rusqlite::{OptionalExtension, Row, params};

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::pull::{self, Head};
use super::records::{self, Word};
use crate::model::ids::RecordId;
use crate::model::record::{Record, Scope};
use crate::model::time::UtcMillis;
use crate::wire::digest::{BUCKETS, Hashed, Sum, bucket_of};

/// A scope of up to so many records is summed at every pull that reaches its head.
const SMALL: i64 = 5_000;
/// A larger one at every so many.
const PULLS: i64 = 20;

/// A scope whose records did not come to the platform's digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// The scope.
    pub scope: Scope,
    /// Epoch of its cursor.
    pub epoch: i64,
    /// Its cursor.
    pub seq: i64,
}

/// Compares the scope with what the platform told at its head. Without a digest only the number of records is compared.
pub(super) fn check(w: &Writer<'_>, scope_id: i64) -> Result<(), StoreError> {
    let sql = "SELECT digest, count, unchecked_pulls, checked FROM scope WHERE id = ?1";
    let (told, count, waited, sound): (String, i64, i64, bool) = w.0.0.query_row(sql, [scope_id], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let held: i64 = w.0.0.query_row(
        "SELECT count(*) FROM scope_member WHERE scope = ?1",
        [scope_id],
        |row| row.get(0),
    )?;
    let due = held != count || count <= SMALL || waited + 1 >= PULLS || !sound;
    if !due {
        w.0.0.execute(
            "UPDATE scope SET unchecked_pulls = unchecked_pulls + 1 WHERE id = ?1",
            [scope_id],
        )?;
        return Ok(());
    }
    let fits = held == count && (told.is_empty() || sum(w, scope_id)?.to_string() == told);
    w.0.0.execute(
        "UPDATE scope SET checked = ?2, unchecked_pulls = 0 WHERE id = ?1",
        params![scope_id, fits],
    )?;
    Ok(())
}

/// Scopes at their heads that differ from the platform's digest.
///
/// # Errors
/// Those of the store.
pub fn damaged(r: &Reader<'_>) -> Result<Vec<Damaged>, StoreError> {
    let sql =
        "SELECT name, epoch, seq FROM scope WHERE checked = 0 AND completed_at > 0 AND digest <> '' AND resyncing = 0
               ORDER BY name";
    let mut statement = r.0.prepare_cached(sql)?;
    let found = statement.query_map([], |row| {
        Ok(Damaged {
            scope: Scope(row.get(0)?),
            epoch: row.get(1)?,
            seq: row.get(2)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Sums of the scope's buckets as held here.
///
/// # Errors
/// Those of the store.
pub fn buckets(r: &Reader<'_>, scope: &Scope) -> Result<Vec<Sum>, StoreError> {
    let mut sums = vec![Sum::default(); BUCKETS];
    let Some(scope_id) = id_of(r, scope)? else {
        return Ok(sums);
    };
    each(r, scope_id, |id, hash| {
        if let Some(sum) = sums.get_mut(usize::from(bucket_of(id))) {
            sum.add(hash);
        }
    })?;
    Ok(sums)
}

/// Takes everything the platform holds in some buckets of a scope, whatever is known here; what it does not list there leaves
/// the scope. Own operations stay. Tells how many records were listed.
///
/// # Errors
/// Those of the store.
pub fn repair(
    w: &Writer<'_>,
    scope: &Scope,
    buckets: &[u8],
    listed: &[Record],
    head: Head,
    now: UtcMillis,
) -> Result<u64, StoreError> {
    let (scope_id, _) = pull::scope_row(w, scope)?;
    let mut here = Vec::new();
    each(w, scope_id, |id, _| {
        if buckets.contains(&bucket_of(id)) {
            here.push(*id);
        }
    })?;
    for id in &here {
        records::make_readable(w, RecordId::from_slice(id)?)?;
    }
    for record in listed {
        pull::put(w, scope_id, record, Word::Final)?;
        here.retain(|id| id != record.id.bytes());
    }
    for id in here {
        pull::leave(w, scope_id, RecordId::from_slice(&id)?)?;
    }
    pull::settle(w, scope_id, head, now)?;
    check(w, scope_id)?;
    Ok(listed.len() as u64)
}

fn id_of(r: &Reader<'_>, scope: &Scope) -> Result<Option<i64>, StoreError> {
    let mut statement = r.0.prepare_cached("SELECT id FROM scope WHERE name = ?1")?;
    Ok(statement.query_row([&scope.0], |row| row.get(0)).optional()?)
}

fn sum(r: &Reader<'_>, scope_id: i64) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    each(r, scope_id, |_, hash| sum.add(hash))?;
    Ok(sum)
}

/// Hashes the platform's last word on each record of a scope.
fn each(r: &Reader<'_>, scope_id: i64, mut take: impl FnMut(&[u8; 16], u128)) -> Result<(), StoreError> {
    let sql = "SELECT r.id, coalesce(b.rev, r.rev), r.kind, coalesce(b.grid, r.grid), coalesce(b.state, r.state),
                      coalesce(b.body, r.body)
               FROM scope_member m JOIN record r ON r.row = m.row LEFT JOIN base b ON b.row = m.row WHERE m.scope = ?1";
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query([scope_id])?;
    while let Some(row) = rows.next()? {
        let (id, hash) = hash_of_row(row)?;
        take(&id, hash);
    }
    Ok(())
}

fn hash_of_row(row: &Row<'_>) -> Result<([u8; 16], u128), StoreError> {
    let id: [u8; 16] = row.get(0)?;
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let hash = Hashed {
        id: &id,
        rev: row.get(1)?,
        kind: text(2)?,
        grid: text(3)?,
        state: text(4)?,
        body: text(5)?,
    }
    .hash();
    Ok((id, hash))
}
