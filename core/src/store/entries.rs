//! The phone's evidence chain: entries as they were signed, and how far the platform has them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::conn::{Reader, Writer};
use super::error::StoreError;
use super::identity;
use crate::wire::log::Seen;
use crate::wire::manifest::{Named256, SignedEntry};

/// An entry to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Digest of the text.
    pub digest: Named256,
    /// The chain.
    pub chain: String,
    /// Place in it.
    pub seq: u64,
    /// `typ` of the entry.
    pub typ: &'static str,
    /// Canonical text.
    pub text: String,
    /// SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
    /// Signature, DER; absent when the key store did not sign.
    pub signature: Option<Vec<u8>>,
}

/// An entry that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its row: the order of all entries of this phone.
    pub row: i64,
    /// Digest of the text.
    pub digest: Named256,
    /// The entry as it travels.
    pub signed: SignedEntry,
    /// `due`, `kept` by the platform, or `refused` by it.
    pub state: String,
    /// What the platform found amiss, by code.
    pub findings: Vec<String>,
    /// The platform's receipt.
    pub receipt: Option<Value>,
}

const COLUMNS: &str = "row, digest, text, public_key, signature, state, findings, receipt";

fn kept(row: &Row<'_>) -> Result<Kept, StoreError> {
    let public_key: Vec<u8> = row.get(3)?;
    let signature: Option<Vec<u8>> = row.get(4)?;
    let findings: String = row.get(6)?;
    let receipt: Option<String> = row.get(7)?;
    Ok(Kept {
        row: row.get(0)?,
        digest: Named256(row.get(1)?),
        signed: SignedEntry {
            manifest: row.get(2)?,
            signature: signature.map(|s| BASE64.encode(s)).unwrap_or_default(),
            public_key: BASE64.encode(public_key),
        },
        state: row.get(5)?,
        findings: serde_json::from_str(&findings)?,
        receipt: receipt.map(|text| serde_json::from_str(&text)).transpose()?,
    })
}

fn many(r: &Reader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Kept>, StoreError> {
    let mut statement = r.0.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(kept(row)?);
    }
    Ok(found)
}

/// Keeps an entry; gives its row.
///
/// # Errors
/// Those of the store; a place of the chain that is taken is one of them.
pub fn insert(w: &Writer<'_>, new: &NewEntry) -> Result<i64, StoreError> {
    w.0.0
        .prepare_cached(
            "INSERT INTO entry (digest, chain, seq, typ, text, public_key, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            new.digest.0,
            new.chain,
            new.seq,
            new.typ,
            new.text,
            new.public_key,
            new.signature
        ])?;
    Ok(w.0.0.last_insert_rowid())
}

/// The last entry: the end of the chain in use.
///
/// # Errors
/// Those of the store.
pub fn last(r: &Reader<'_>) -> Result<Option<Kept>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM entry ORDER BY row DESC LIMIT 1");
    Ok(many(r, &sql, [])?.pop())
}

/// Entries behind a row, in their order.
///
/// # Errors
/// Those of the store.
pub fn page(r: &Reader<'_>, after: i64, limit: u32) -> Result<Vec<Kept>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM entry WHERE row > ?1 ORDER BY row LIMIT ?2");
    many(r, &sql, params![after, limit])
}

/// One entry by its digest.
///
/// # Errors
/// Those of the store.
pub fn get(r: &Reader<'_>, digest: Named256) -> Result<Option<Kept>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM entry WHERE digest = ?1");
    Ok(many(r, &sql, [digest.0])?.pop())
}

/// Entries that the platform has not kept yet, in their order.
///
/// # Errors
/// Those of the store.
pub fn due(r: &Reader<'_>, limit: u32) -> Result<Vec<Kept>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM entry WHERE state = 'due' ORDER BY row LIMIT ?1");
    many(r, &sql, [limit])
}

/// Digests of the latest entries whose receipt is not whole yet: the time-stamp is still to come, or, of a capture, the
/// platform's word on the bytes.
///
/// # Errors
/// Those of the store.
pub fn unwhole(r: &Reader<'_>, limit: u32) -> Result<Vec<Named256>, StoreError> {
    let sql = "SELECT digest FROM entry WHERE receipt IS NOT NULL
               AND (json_extract(receipt, '$.stamp.state') IN ('pending', 'failed')
                    OR typ = 'grid.capture' AND json_extract(receipt, '$.stored') IS NULL)
               ORDER BY row DESC LIMIT ?1";
    let mut statement = r.0.prepare_cached(sql)?;
    let rows = statement.query_map([limit], |row| row.get(0).map(Named256))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts a newer receipt of the same entry in the place of the one that is there.
///
/// # Errors
/// Those of the store.
pub fn renew(w: &Writer<'_>, digest: Named256, receipt: &Value) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE entry SET receipt = ?2 WHERE digest = ?1 AND receipt IS NOT NULL")?
        .execute(params![digest.0, receipt.to_string()])?;
    Ok(())
}

/// Entries that wait for the platform, and those it refused.
///
/// # Errors
/// Those of the store.
pub fn counts(r: &Reader<'_>) -> Result<(u64, u64), StoreError> {
    let sql = "SELECT count(*) FILTER (WHERE state = 'due'), count(*) FILTER (WHERE state = 'refused') FROM entry
               WHERE state <> 'kept'";
    Ok(r.0
        .prepare_cached(sql)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Notes the platform's answer to an entry.
///
/// # Errors
/// Those of the store.
pub fn settle(
    w: &Writer<'_>,
    digest: Named256,
    state: &str,
    findings: &[String],
    receipt: Option<&Value>,
) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached(
            "UPDATE entry SET state = ?2, findings = ?3, receipt = coalesce(?4, receipt) WHERE digest = ?1",
        )?
        .execute(params![
            digest.0,
            state,
            serde_json::to_string(findings)?,
            receipt.map(Value::to_string)
        ])?;
    Ok(())
}

/// Entries that the key store has not signed, as rows with digest and public key.
///
/// # Errors
/// Those of the store.
pub fn unsigned(r: &Reader<'_>) -> Result<Vec<(i64, Named256, Vec<u8>)>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT row, digest, public_key FROM entry WHERE signature IS NULL ORDER BY row")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, Named256(row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds the signature that an entry lacked; one that is there stays.
///
/// # Errors
/// Those of the store.
pub fn sign(w: &Writer<'_>, row: i64, signature: &[u8]) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE entry SET signature = ?2 WHERE row = ?1 AND signature IS NULL")?
        .execute(params![row, signature])?;
    Ok(())
}

/// Public key of the last entry, DER.
///
/// # Errors
/// Those of the store.
pub fn last_key(r: &Reader<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT public_key FROM entry ORDER BY row DESC LIMIT 1";
    Ok(r.0.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?)
}

/// What was seen of the platform's log.
///
/// # Errors
/// Those of the store.
pub fn seen(r: &Reader<'_>) -> Result<Option<Seen>, StoreError> {
    identity::value(r, "log_seen")
}

/// Keeps what was seen of the platform's log.
///
/// # Errors
/// Those of the store.
pub fn put_seen(w: &Writer<'_>, seen: &Seen) -> Result<(), StoreError> {
    identity::set_value(w, "log_seen", seen)
}

/// What the platform's log was caught at: a code, and the checkpoint it had signed then.
///
/// # Errors
/// Those of the store.
pub fn alarm(r: &Reader<'_>) -> Result<Option<(String, String)>, StoreError> {
    identity::value(r, "log_alarm")
}

/// Keeps what the platform's log was caught at; the first alarm stays.
///
/// # Errors
/// Those of the store.
pub fn put_alarm(w: &Writer<'_>, code: &str, checkpoint: &str) -> Result<(), StoreError> {
    match alarm(w)? {
        Some(_) => Ok(()),
        None => identity::set_value(w, "log_alarm", &(code, checkpoint)),
    }
}

/// Why the next entry must begin a chain, when something has broken the old one.
///
/// # Errors
/// Those of the store.
pub fn broken(r: &Reader<'_>) -> Result<Option<String>, StoreError> {
    Ok(identity::value::<Option<String>>(r, "chain_broken")?.flatten())
}

/// Notes that the next entry must begin a chain, or that one has begun.
///
/// # Errors
/// Those of the store.
pub fn set_broken(w: &Writer<'_>, why: Option<&str>) -> Result<(), StoreError> {
    identity::set_value(w, "chain_broken", &why)
}
