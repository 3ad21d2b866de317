//! The answer of a phone, which may have waited for signal: an item of the list `answers`, and the one thing that a phone writes here.

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::Answer;
use serde_json::Value;

use super::document::{Document, Said};
use crate::store::{Stored, Tx};

/// What a mobilisation is after an answer, or the rule that forbids it. Whether somebody else is called now the next tick finds.
pub(crate) fn pushed(
    tx: &mut Tx<'_>,
    held: Option<&Versioned>,
    op: &Operation,
    staff: &StaffId,
    now: UtcMillis,
) -> Stored<Result<Versioned, &'static str>> {
    let Some(held) = held else {
        return Ok(Err("unknown_entity"));
    };
    let item = match &op.action {
        Action::Append { list, item } if list == "answers" && op.group.is_none() => item,
        _ => return Ok(Err("permission")),
    };
    let mut item = item.clone();
    if let Value::Object(item) = &mut item {
        // every item of a list has an id of its own; the call is known by its person
        item.remove("id");
    }
    let Ok(said) = serde_json::from_value::<Said>(item) else {
        return Ok(Err("validation"));
    };
    let mut document = Document::of(&held.record)?;
    let called = match document.answer(staff, &said, now) {
        Ok(called) => called,
        Err(fault) => return Ok(Err(fault.code)),
    };
    let Some(called) = called else {
        return Ok(Ok(held.clone()));
    };
    let Some(grid) = held.record.grid.clone() else {
        return Ok(Err("unknown_entity"));
    };
    tx.note_answer(held.record.id, staff, called, said.answer == Answer::Arrived, now)?;
    tx.wake_mobilisation(held.record.id, Some(now))?;
    document.onto(Some(held), &grid, &held.record.state).map(Ok)
}
