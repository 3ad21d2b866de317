//! The tick.

use std::collections::BTreeMap;

use serde::Serialize;

use super::look::look;
use crate::Platform;
use crate::store::{self, Stored};

/// Incidents looked at in one transaction.
const BATCH: u32 = 100;
/// Most batches of one tick: what is left has its turn in the next.
const BATCHES: u32 = 2_000;

/// What a tick did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Ticked {
    /// Looks taken.
    pub(crate) looked: usize,
    /// Reports accepted by rule.
    pub(crate) accepted: usize,
    /// Dispatched by rule.
    pub(crate) dispatched: usize,
    /// Put where a person decides.
    pub(crate) waiting: usize,
    /// Suggestions of duplicates noted or seen again.
    pub(crate) hints: usize,
    /// Resumed because their suspension is over.
    pub(crate) resumed: usize,
    /// Evaluated by default.
    pub(crate) evaluated: usize,
    /// Rungs of the ladder, by kind.
    pub(crate) rungs: BTreeMap<String, usize>,
    /// Limits that the loaded calendar does not reach: next year's has to be published.
    pub(crate) without_calendar: usize,
}

impl Ticked {
    fn add(&mut self, other: Self) {
        self.looked += other.looked;
        self.accepted += other.accepted;
        self.dispatched += other.dispatched;
        self.waiting += other.waiting;
        self.hints += other.hints;
        self.resumed += other.resumed;
        self.evaluated += other.evaluated;
        self.without_calendar += other.without_calendar;
        for (kind, many) in other.rungs {
            *self.rungs.entry(kind).or_default() += many;
        }
    }
}

/// Looks at every incident whose time has come, by the platform's clock.
pub(crate) fn tick(platform: &Platform) -> Stored<Ticked> {
    let now = platform.now();
    let books = platform.shelf.books(&*platform.store)?;
    let mut all = Ticked::default();
    for _ in 0..BATCHES {
        let ids = store::glance(&*platform.store, |tx| tx.incidents_awake(now, BATCH))?;
        if ids.is_empty() {
            break;
        }
        let ticked = store::write(&*platform.store, |tx| {
            let mut ticked = Ticked::default();
            tx.hold(&ids)?;
            for id in &ids {
                if let Some(versioned) = tx.record(*id)? {
                    look(tx, &platform.judge, &books, &versioned.record, now, &mut ticked)?;
                }
            }
            Ok(ticked)
        })?;
        all.add(ticked);
    }
    if all.accepted + all.dispatched + all.evaluated + all.resumed + all.rungs.len() > 0 {
        platform.changed.send_replace(());
    }
    if all.without_calendar > 0 {
        tracing::error!(
            incidents = all.without_calendar,
            "the calendar does not reach their limits"
        );
    }
    Ok(all)
}
