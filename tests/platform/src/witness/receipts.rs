//! Receipts: an entry's place in the log, under the log's head or under the time-stamped one of its day.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fushan_grid_core::wire::evidence::{CheckpointReply, Receipt, Stamp, StampState};
use fushan_grid_core::wire::log::leaf::Place;
use fushan_grid_core::wire::manifest::{Entry, Named256, canonical};

use crate::Platform;
use crate::store::{DayStamp, StoreError, Stored, Tx};

/// The log's head, and the proof that it continues the one at `from`. A phone that claims to have seen more than there is gets
/// the head without a proof, and will refuse it.
pub(crate) fn head(platform: &Platform, tx: &mut Tx<'_>, from: u64) -> Stored<CheckpointReply> {
    let size = tx.log_size()?;
    let consistency = tx.log_consistency(from, size)?;
    Ok(CheckpointReply {
        key: platform.witness.key(),
        checkpoint: signed_head(platform, tx, size)?,
        consistency,
    })
}

fn signed_head(platform: &Platform, tx: &mut Tx<'_>, size: u64) -> Stored<String> {
    let root = tx.log_root(size)?;
    Ok(platform.witness.sign(size, root))
}

/// A leaf's place under the present head; none behind the log's end. Decisions and the platform's own custody events are read so.
pub(crate) fn leaf_at(platform: &Platform, tx: &mut Tx<'_>, leaf: u64) -> Stored<Option<Place>> {
    let size = tx.log_size()?;
    if leaf >= size {
        return Ok(None);
    }
    let now = Under {
        checkpoint: signed_head(platform, tx, size)?,
        size,
        stamp: Stamp::default(),
    };
    place(tx, leaf, &now).map(Some)
}

/// Receipts for entries that are kept, in their order; one that is not kept is passed over.
pub(crate) fn receipts(platform: &Platform, tx: &mut Tx<'_>, entries: &[Named256]) -> Stored<Vec<Receipt>> {
    let size = tx.log_size()?;
    let now = Under {
        checkpoint: signed_head(platform, tx, size)?,
        size,
        stamp: unstamped(platform, tx)?,
    };
    let mut given = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some((received_at, leaf, signed, _)) = tx.kept_entry(*entry)? else {
            continue;
        };
        let under = match tx.stamp_over(leaf)? {
            Some(day) => Under::stamped(day),
            None => now.clone(),
        };
        let media = match canonical::read(&signed.manifest) {
            Ok(Entry::Capture(capture)) => tx.stored_media(capture.media.sha256)?,
            _ => None,
        };
        // bytes that came after the stamp stand under the present head
        let stored = match media {
            Some(media) if media.leaf < under.size => Some(place(tx, media.leaf, &under)?),
            Some(media) => Some(place(tx, media.leaf, &now)?),
            None => None,
        };
        given.push(Receipt {
            entry: *entry,
            received_at,
            place: place(tx, leaf, &under)?,
            stored,
            stamp: under.stamp,
        });
    }
    Ok(given)
}

/// The head that a place is given under.
#[derive(Clone)]
struct Under {
    checkpoint: String,
    size: u64,
    stamp: Stamp,
}

impl Under {
    fn stamped(day: DayStamp) -> Self {
        Self {
            checkpoint: day.checkpoint,
            size: day.size,
            stamp: Stamp {
                state: StampState::Stamped,
                code: String::new(),
                token: BASE64.encode(day.token.unwrap_or_default()),
            },
        }
    }
}

fn unstamped(platform: &Platform, tx: &mut Tx<'_>) -> Stored<Stamp> {
    let last = tx.last_stamp()?;
    let failed = last.filter(|day| day.state == "failed");
    let (state, code) = match (&platform.witness.authority, failed) {
        (None, _) => (StampState::None, String::new()),
        (Some(_), Some(day)) => (StampState::Failed, day.code),
        (Some(_), None) => (StampState::Pending, String::new()),
    };
    Ok(Stamp {
        state,
        code,
        token: String::new(),
    })
}

fn place(tx: &mut Tx<'_>, leaf: u64, under: &Under) -> Stored<Place> {
    let inclusion = tx.log_inclusions(&[leaf], under.size)?.pop().ok_or(StoreError::Shape)?;
    Ok(Place {
        leaf: tx.log_leaf(leaf)?.ok_or(StoreError::Shape)?,
        index: leaf,
        checkpoint: under.checkpoint.clone(),
        inclusion,
    })
}
