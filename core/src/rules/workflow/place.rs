//! Placing an incident whose report told no grid. It is no step of the automaton and leaves the state, but the history says it: who
//! gets to see an incident depends on where it lies.

use serde_json::json;

use super::fields::{text, whole};
use super::levels::owner_at;
use crate::model::area::GridCode;
use crate::model::ids::StaffId;
use crate::model::record::{Body, Record};
use crate::model::step::{self, Taken};
use crate::model::time::UtcMillis;

/// What the line of history is called.
pub const PLACED: &str = "PLACED";

/// Gives an incident its grid, with a line of history. A case that no handler has goes to the desk of its level there.
pub fn place(record: &mut Record, grid: &GridCode, actor: &StaffId, at: UtcMillis) {
    record.grid = Some(grid.clone());
    let state = record.state.clone();
    let args = json!({"grid": grid}).as_object().cloned().unwrap_or_default();
    let line = Taken {
        event: PLACED,
        to: &state,
        role: "",
        actor,
        args: &args,
        at,
    };
    step::take(record, &line, None, &owner);
}

fn owner(record: &Record, _: &Taken<'_>) -> Body {
    let mut set = Body::new();
    let level = whole(&record.body, "level").filter(|_| text(&record.body, "handler_org").is_empty());
    if let Some(owner) = level.and_then(|level| owner_at(record, level)) {
        set.insert("owner_org".to_owned(), json!(owner));
    }
    set
}
