//! Who may be given a task now, with the load each carries.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::dispatch::{Handler, OpenTask, Roster};

use crate::store::{Stored, Tx};

/// The people of an organisation: those on duty, and only when there is none the one on call. A leave takes a person off both.
pub(crate) fn roster(tx: &mut Tx<'_>, org: &str, now: UtcMillis) -> Stored<Roster> {
    let shifts = tx.duties(org, now)?;
    let away = |staff: &StaffId| {
        shifts
            .iter()
            .any(|shift| shift.kind == "leave" && shift.staff == *staff)
    };
    let of_kind = |kind: &str| {
        shifts
            .iter()
            .filter(|s| s.kind == kind && !away(&s.staff))
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut able = of_kind("duty");
    if able.is_empty() {
        able = of_kind("call");
    }
    let staff: Vec<StaffId> = able.iter().map(|shift| shift.staff.clone()).collect();
    let mut open: BTreeMap<StaffId, Vec<OpenTask>> = BTreeMap::new();
    for (person, task) in tx.open_tasks(&staff, now)? {
        open.entry(person).or_default().push(task);
    }
    let handlers = able.into_iter().map(|shift| Handler {
        open: open.get(&shift.staff).cloned().unwrap_or_default(),
        org: org.to_owned(),
        on_duty: true,
        grids: shift.grids,
        skills: shift.skills,
        staff: shift.staff,
    });
    Ok(Roster {
        handlers: handlers.collect(),
    })
}
