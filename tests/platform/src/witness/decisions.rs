//! What people on the platform do with evidence, written into the log because no phone can sign it: decisions about flags, so that
//! none is set aside unseen, and copies handed out.

use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::wire::log::leaf::{DecisionLeaf, Leaf};
use fushan_grid_core::wire::manifest::{Named256, canonical};
#[cfg(feature = "c2pa")]
use fushan_grid_core::wire::{
    log::leaf::CustodyLeaf,
    manifest::{Derived, Event, EventKind},
};

use crate::Platform;
use crate::store::{self, StoreError, Stored};

/// Longest id of a flag or a person in the log.
const ID_CHARS: usize = 200;

/// Closes an open flag; tells whether there was one. The leaf is written in the same transaction.
pub(crate) fn decide(platform: &Platform, entry: Named256, code: &str, decision: &str, by: &StaffId) -> Stored<bool> {
    let now = platform.now();
    let by = canonical::plain(&by.0, ID_CHARS);
    store::write(&*platform.store, |tx| {
        if !tx.close_flag(entry, code, decision, &by, now)? {
            return Ok(false);
        }
        let leaf = Leaf::Decision(DecisionLeaf {
            v: Leaf::VERSION,
            at: now.to_string(),
            entry,
            code: canonical::plain(code, ID_CHARS),
            decision: decision.to_owned(),
            by: by.clone(),
        });
        tx.append_to_log(&[leaf.text().map_err(|_| StoreError::Shape)?])?;
        Ok(true)
    })
}

/// Writes down that a copy of a photo was made and handed out.
#[cfg(feature = "c2pa")]
pub(crate) fn note_copy(platform: &Platform, copy: &Derived, by: &StaffId, reason: &str) -> Stored<()> {
    let now = platform.now();
    let by = canonical::plain(&by.0, ID_CHARS);
    let told = |event| {
        Leaf::Custody(CustodyLeaf {
            v: Leaf::VERSION,
            event: Event {
                event,
                media: copy.of,
                at: now.to_string(),
                by: Some(by.clone()),
                reason: Some(reason.to_owned()),
                derived: Some(copy.clone()),
            },
        })
    };
    let leaves: Vec<String> = [EventKind::Derived, EventKind::Exported]
        .map(told)
        .iter()
        .map(|leaf| leaf.text().map_err(|_| StoreError::Shape))
        .collect::<Result<_, _>>()?;
    store::write(&*platform.store, |tx| {
        tx.append_to_log(&leaves)?;
        Ok(())
    })
}
