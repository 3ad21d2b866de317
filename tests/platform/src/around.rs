//! What a step of an incident concerns besides its own record: the incident it is merged into, a second person, photos on their way.

use std::collections::BTreeMap;

use fushan_grid_core::merge::{Outcome, Versioned};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Body, Record};
use fushan_grid_core::model::step::set_fields;
use fushan_grid_core::rules::workflow::absorb;
use serde_json::Value;

use crate::store::{Stored, Tx};

/// What surrounds a step; nothing for any other operation.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// The incident that a merge names.
    pub(crate) master: Option<Versioned>,
    /// Whether bytes of a photo have not arrived.
    pub(crate) evidence_pending: bool,
    /// Whether callers have reached every citizen who is owed a reply.
    pub(crate) replied: bool,
    /// Roles of the second person of a forced closing; none for somebody unknown.
    pub(crate) second: Option<Vec<String>>,
}

impl Around {
    /// Reads what an operation needs.
    pub(crate) fn of(tx: &mut Tx<'_>, op: &Operation, current: Option<&Record>) -> Stored<Self> {
        let (Action::Transition { event, args, .. }, Some(current)) = (&op.action, current) else {
            return Ok(Self::default());
        };
        let mut around = Self::default();
        match event.as_str() {
            "T12_MERGE" => {
                let master = text(args, "merged_into").parse::<RecordId>().ok();
                around.master = match master {
                    Some(id) => tx.record(id)?,
                    None => None,
                };
            }
            "T28_CLOSE" => {
                around.evidence_pending = pending(tx, &current.body)?;
                let owed = tx.replies(current.id)?;
                around.replied = !owed.is_empty() && owed.iter().all(|reply| reply.contacted == Some(true));
            }
            "T29_FORCE_CLOSE" => {
                let second = StaffId(text(args, "second").to_owned());
                around.second = Some(tx.staff(&second)?.map(|(staff, _)| staff.roles).unwrap_or_default());
            }
            _ => {}
        }
        Ok(around)
    }

    /// The master with what it takes over, when the step merged the record into it.
    pub(crate) fn takes_in(&self, op: &Operation, outcome: &Outcome) -> Option<Versioned> {
        let Action::Transition { event, .. } = &op.action else {
            return None;
        };
        let merged = &outcome.after.as_ref().filter(|_| event == "T12_MERGE")?.record;
        let master = self.master.as_ref().filter(|_| merged.state == "MERGED")?;
        let set = absorb(&master.record, merged);
        let mut after = master.clone();
        after.record.rev += 1;
        let rev = after.record.rev;
        after
            .field_rev
            .extend(set.keys().map(|name| (name.clone(), rev)).collect::<BTreeMap<_, _>>());
        set_fields(&mut after.record.body, &set);
        (!set.is_empty()).then_some(after)
    }
}

fn text<'a>(body: &'a Body, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether bytes of one of a record's photos have not arrived.
fn pending(tx: &mut Tx<'_>, body: &Body) -> Stored<bool> {
    let photos = body.get("attachments").and_then(Value::as_array);
    for photo in photos.into_iter().flatten() {
        let hash = photo
            .get("sha256")
            .and_then(|hash| serde_json::from_value::<BlobHash>(hash.clone()).ok());
        if let Some(hash) = hash
            && !tx.is_stored(hash)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
