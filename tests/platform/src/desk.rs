//! Desks, the system and citizens act on the platform itself, by the same rules as every phone.

use fushan_grid_core::merge::redirect_of;
use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::rules::workflow::Actor;
use fushan_grid_core::wire::push::OpStatus;

use crate::Platform;
use crate::around::Around;
use crate::judge::Moment;
use crate::operation::{conflict_id, scopes_of};
use crate::store::{self, Stored, Tx};

/// What came of it: status, the record afterwards, the rule or notice.
pub(crate) type Acted = (OpStatus, Option<Record>, Option<String>);

/// Acts on a record in a transaction of its own.
pub(crate) fn act(platform: &Platform, op: &Operation, staff: &StaffId, role: &str) -> Stored<Acted> {
    store::write(&*platform.store, |tx| act_in(platform, tx, op, staff, role))
}

/// Acts on a record within a transaction. Somebody whom the platform knows acts in a role that they hold; a timer, a channel or a
/// citizen is known by the door they came through.
pub(crate) fn act_in(
    platform: &Platform,
    tx: &mut Tx<'_>,
    op: &Operation,
    staff: &StaffId,
    role: &str,
) -> Stored<Acted> {
    let Some(current) = tx.record(op.record)? else {
        return Ok((OpStatus::Rejected, None, Some("not_found".into())));
    };
    let known = tx.staff(staff)?.map(|(known, _)| known);
    if known
        .as_ref()
        .is_some_and(|known| !known.roles.iter().any(|held| held == role))
    {
        return Ok((OpStatus::Rejected, None, Some("role".into())));
    }
    let actor = Actor {
        staff: staff.clone(),
        roles: vec![role.to_owned()],
        grids: current.record.grid.iter().cloned().collect(),
        orgs: known.map(|known| known.orgs).unwrap_or_default(),
    };
    let around = Around::of(tx, op, Some(&current.record))?;
    let moment = Moment {
        actor: &actor,
        now: platform.now(),
        conflict_id: conflict_id(op),
        around: &around,
    };
    let lives_on = match redirect_of(&current.record) {
        Some(id) => tx.record(id)?,
        None => None,
    };
    let base = Some(current.record.rev);
    let outcome = platform
        .judge
        .decide(Some(&current), lives_on.as_ref(), op, base, &moment);
    let Some(after) = &outcome.after else {
        return Ok((outcome.status, None, outcome.code));
    };
    tx.put(after, &scopes_of(&after.record))?;
    if let Some(master) = around.takes_in(op, &outcome) {
        tx.put(&master, &scopes_of(&master.record))?;
    }
    tx.history(op, after.record.rev, staff, None, moment.now)?;
    Ok((outcome.status, Some(after.record.clone()), outcome.code))
}
