//! An incident whose place told no grid waits at the desk; a person gives it one, and from then on its phones have it.

use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::{OpId, RecordId, StaffId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Body, Record};
use fushan_grid_core::model::time::{Hlc, UtcMillis};
use fushan_grid_core::rules::workflow::{PLACED, place};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::books::Books;
use crate::operation::scopes_of;
use crate::store::{Stored, Tx};

/// Gives an incident its grid, with a line in its history and one in the platform's. The code of the rule when it cannot be.
pub(crate) fn set_grid(
    tx: &mut Tx<'_>,
    books: &Books,
    id: RecordId,
    grid: &GridCode,
    staff: &StaffId,
    now: UtcMillis,
) -> Stored<Result<(), &'static str>> {
    if books.area(grid.as_str()).is_none() {
        return Ok(Err("order_grid_unknown"));
    }
    let Some(mut versioned) = tx.record(id)? else {
        return Ok(Err("not_found"));
    };
    if versioned.record.grid.is_some() {
        return Ok(Err("has_a_grid"));
    }
    let op = operation(&versioned.record, grid, now);
    place(&mut versioned.record, grid, staff, now);
    versioned.record.rev += 1;
    let rev = versioned.record.rev;
    for field in ["history", "owner_org"] {
        versioned.field_rev.insert(field.to_owned(), rev);
    }
    let scopes = scopes_of(&versioned.record);
    tx.put(&versioned, &scopes)?;
    tx.history(&op, rev, staff, None, now)?;
    Ok(Ok(()))
}

/// The placing as an operation, for the history that audits read.
fn operation(record: &Record, grid: &GridCode, now: UtcMillis) -> Operation {
    let set = json!({"grid": grid, "history": PLACED});
    Operation {
        op: OpId::of_digest(now, &Sha256::digest(format!("{}/{}/{PLACED}", record.id, record.rev))),
        kind: record.kind.clone(),
        record: record.id,
        action: Action::Patch {
            base: Body::new(),
            set: set.as_object().cloned().unwrap_or_default(),
        },
        base_rev: Some(record.rev),
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc::default().tick(now),
        at: now,
        schema: 1,
    }
}
