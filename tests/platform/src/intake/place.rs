//! An incident whose place told no grid waits at the desk; a person gives it one, and from then on its phones have it.

use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::{RecordId, StaffId};

use crate::books::Books;
use crate::operation::scopes_of;
use crate::store::{Stored, Tx};

/// Gives an incident its grid. The code of the rule when it cannot be.
pub(crate) fn set_grid(
    tx: &mut Tx<'_>,
    books: &Books,
    id: RecordId,
    grid: &GridCode,
    staff: &StaffId,
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
    versioned.record.grid = Some(grid.clone());
    versioned
        .record
        .body
        .insert("placed_by".to_owned(), staff.0.clone().into());
    versioned.record.rev += 1;
    let scopes = scopes_of(&versioned.record);
    tx.put(&versioned, &scopes)?;
    Ok(Ok(()))
}
