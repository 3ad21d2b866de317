//! What an incident names must be there.

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Kind, Record};
use fushan_grid_core::wire::push::NumberedOp;
use serde_json::Value;

use crate::store::{StoreError, Tx};

/// Whether an incident is reported out of an inspection that is neither here nor made in the same group.
pub(crate) fn unknown_inspection(
    tx: &mut Tx<'_>,
    op: &Operation,
    current: Option<&Record>,
    unit: &[NumberedOp],
) -> Result<bool, StoreError> {
    let Action::Transition { event, set, .. } = &op.action else {
        return Ok(false);
    };
    let field = |name: &str| {
        set.get(name)
            .or_else(|| current?.body.get(name))
            .and_then(Value::as_str)
    };
    if event != "T02_SUBMIT" || field("channel") != Some("INSPECTION") {
        return Ok(false);
    }
    let Some(named) = field("inspection_ref").filter(|named| !named.is_empty()) else {
        return Ok(false);
    };
    let Ok(id) = named.parse::<RecordId>() else {
        return Ok(true);
    };
    let made = |other: &NumberedOp| {
        let op = &other.op;
        op.record == id && op.kind.is(Kind::INSPECTION) && matches!(op.action, Action::Create { .. })
    };
    if unit.iter().any(made) {
        return Ok(false);
    }
    let found = tx.record(id)?.map(|found| found.record);
    Ok(!found.is_some_and(|record| record.kind.is(Kind::INSPECTION) && !record.deleted))
}
