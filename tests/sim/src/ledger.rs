//! The run's own books, kept outside engine and platform: what people wrote, and what must therefore be somewhere.

use std::collections::{BTreeMap, BTreeSet};

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::RecordId;
use serde_json::Value;

/// One value somebody wrote on a phone, and was told that it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The phone.
    pub phone: usize,
    /// The record; unknown when the phone was killed while it made it.
    pub record: Option<RecordId>,
    /// The field.
    pub field: String,
    /// What the phone showed before.
    pub before: Value,
    /// The value; no other write has it.
    pub value: String,
    /// When, by the world's clock.
    pub at: i64,
    /// Whether it need not be anywhere: dropped by its writer, or lost with a phone that was set back.
    pub excused: bool,
}

/// A photo somebody took on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Photo {
    /// The phone.
    pub phone: usize,
    /// Its name.
    pub hash: BlobHash,
    /// When, by the world's clock.
    pub at: i64,
    /// Whether it need not be anywhere.
    pub excused: bool,
}

/// The books of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Values, in the order of writing.
    pub writes: Vec<Write>,
    /// Photos.
    pub photos: Vec<Photo>,
    /// Fields that no phone knows, which a desk has set: record, field, value.
    pub foreign: BTreeMap<(RecordId, String), Value>,
    /// Records that were ended, by which operation of whom does not matter.
    pub ended: BTreeSet<RecordId>,
    /// The last value each phone wrote into a field, while nothing has taken its place.
    pub shown: BTreeMap<(usize, RecordId, String), String>,
    /// Values that left a phone with a scope it lost, so that the platform alone holds them.
    pub let_go: BTreeSet<String>,
    counter: u64,
}

impl Ledger {
    /// A value that nobody has written yet.
    pub fn fresh(&mut self, phone: usize) -> String {
        self.counter += 1;
        format!("<{phone}.{}>", self.counter)
    }

    /// Enters a value that is kept.
    pub fn enter(&mut self, write: Write) {
        if let Some(record) = write.record {
            self.shown
                .insert((write.phone, record, write.field.clone()), write.value.clone());
        }
        self.writes.push(write);
    }

    /// What a phone wrote since a moment is gone with it unless it has been sent.
    pub fn excuse_since(&mut self, phone: usize, since: i64) {
        for write in self.writes.iter_mut().filter(|w| w.phone == phone && w.at >= since) {
            write.excused = true;
        }
        for photo in self.photos.iter_mut().filter(|p| p.phone == phone && p.at >= since) {
            photo.excused = true;
        }
        self.shown.retain(|(p, _, _), _| *p != phone);
    }

    /// A phone has let values go with a scope: from now on the platform alone answers for them.
    pub fn let_go_of(&mut self, phone: usize, gone: impl Fn(&Write) -> bool) {
        let values = self.writes.iter().filter(|w| w.phone == phone && gone(w));
        let values: Vec<String> = values.map(|w| w.value.clone()).collect();
        self.let_go.extend(values);
    }

    /// The platform went back to its backup, whose text is given: what it alone held and had got later is lost with its disk.
    pub fn excuse_let_go(&mut self, text: &str) {
        let lost = |w: &&mut Write| self.let_go.contains(&w.value) && !text.contains(&w.value);
        self.writes.iter_mut().filter(lost).for_each(|w| w.excused = true);
    }

    /// A refused operation was dropped: its values need not be anywhere.
    pub fn excuse_text(&mut self, text: &str) {
        for write in self.writes.iter_mut().filter(|w| text.contains(&w.value)) {
            write.excused = true;
        }
        self.shown.retain(|_, value| !text.contains(value.as_str()));
    }
}
