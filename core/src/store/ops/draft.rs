//! Drafts: operations that typing changes in place and that nobody sends.

use super::super::conn::{Reader, Writer};
use super::super::error::StoreError;
use super::super::records;
use super::{document, rewrite, set_state};
use crate::model::ids::RecordId;
use crate::model::op::Operation;

/// The draft that makes a record, when it was never submitted.
///
/// # Errors
/// Those of the store.
pub fn draft_of(r: &Reader<'_>, record: RecordId) -> Result<Option<Operation>, StoreError> {
    let mut statement =
        r.0.prepare_cached("SELECT doc FROM op WHERE record = ?1 AND state = 'draft' ORDER BY seq")?;
    let mut rows = statement.query([record.bytes()])?;
    rows.next()?.map(document).transpose()
}

/// Changes a draft in place.
///
/// # Errors
/// [`StoreError::WrongState`] when the operation is no draft (any more).
pub fn replace_draft(w: &Writer<'_>, op: &Operation) -> Result<(), StoreError> {
    if super::get(w, op.op)?.0 != "draft" {
        return Err(StoreError::WrongState);
    }
    rewrite(w, op)?;
    records::refresh(w, op.record)
}

/// Lets a record's drafts go to the platform.
///
/// # Errors
/// Those of the store.
pub fn release_draft(w: &Writer<'_>, record: RecordId) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE op SET state = 'queued' WHERE record = ?1 AND state = 'draft'")?
        .execute([record.bytes()])?;
    records::refresh(w, record)
}

/// Drops a draft because the worker said so.
///
/// # Errors
/// [`StoreError::NotFound`] when the record has no draft.
pub fn drop_draft(w: &Writer<'_>, record: RecordId) -> Result<(), StoreError> {
    let draft = draft_of(w, record)?.ok_or(StoreError::NotFound)?;
    set_state(w, draft.op, "dropped")?;
    records::refresh(w, record)
}

/// A draft of a record that the platform knows was submitted in another life of this database: it goes to the platform, which
/// answers from its receipts or refuses it, so that what was typed is shown either way.
///
/// # Errors
/// Those of the store.
pub fn let_go_of_drafts(w: &Writer<'_>, record: RecordId) -> Result<(), StoreError> {
    w.0.0
        .prepare_cached("UPDATE op SET state = 'queued' WHERE record = ?1 AND state = 'draft'")?
        .execute([record.bytes()])?;
    Ok(())
}
