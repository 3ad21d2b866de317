//! The tick.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use serde::Serialize;

use super::look::{TOMORROW_MS, look};
use crate::Platform;
use crate::books::Books;
use crate::mobilise;
use crate::organisation;
use crate::store::{self, StoreError, Stored};

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
    /// Returned reports refused because nobody completed them in time.
    pub(crate) rejected: usize,
    /// Requests for an extension refused because nobody decided them in time.
    pub(crate) extensions_refused: usize,
    /// Steps that were due and that a rule forbade; they are tried again the next day.
    pub(crate) forbidden: usize,
    /// Rungs of the ladder, by kind.
    pub(crate) rungs: BTreeMap<String, usize>,
    /// Limits that the loaded calendar does not reach: next year's has to be published.
    pub(crate) without_calendar: usize,
    /// Incidents that could not be read; they are looked at again the next day.
    pub(crate) unreadable: usize,
    /// Mobilisations that called a wave or ended.
    pub(crate) mobilisations: usize,
    /// People whose posts began or ended with the day.
    pub(crate) posts: usize,
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
        self.rejected += other.rejected;
        self.extensions_refused += other.extensions_refused;
        self.forbidden += other.forbidden;
        self.without_calendar += other.without_calendar;
        self.unreadable += other.unreadable;
        self.mobilisations += other.mobilisations;
        for (kind, many) in other.rungs {
            *self.rungs.entry(kind).or_default() += many;
        }
    }
}

/// One transaction of looks.
fn looks(platform: &Platform, books: &Books, ids: &[RecordId], now: UtcMillis) -> Stored<Ticked> {
    store::write(&*platform.store, |tx| {
        let mut ticked = Ticked::default();
        tx.hold(ids)?;
        for id in ids {
            if let Some(versioned) = tx.record(*id)? {
                look(tx, &platform.judge, books, &versioned.record, now, &mut ticked)?;
            }
        }
        Ok(ticked)
    })
}

/// Whether an error is about one record, and not about the database.
fn is_of_a_record(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Document(_) | StoreError::Id(_) | StoreError::Shape | StoreError::Text
    )
}

/// The same one by one: an incident that cannot be read is told and put off, and holds no other's timers up.
fn singly(platform: &Platform, books: &Books, ids: &[RecordId], now: UtcMillis) -> Stored<Ticked> {
    let mut all = Ticked::default();
    for id in ids {
        match looks(platform, books, &[*id], now) {
            Ok(ticked) => all.add(ticked),
            Err(error) if is_of_a_record(&error) => {
                tracing::error!(%id, %error, "an incident cannot be looked at");
                all.unreadable += 1;
                store::write(&*platform.store, |tx| {
                    tx.set_wake(*id, Some(now.plus(TOMORROW_MS)), None)
                })?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// Looks at every incident whose time has come, by the platform's clock.
pub(crate) fn tick(platform: &Platform) -> Stored<Ticked> {
    let now = platform.now();
    let books = platform.shelf.books(&*platform.store)?;
    let mut all = Ticked {
        posts: organisation::turn_of_day(platform, &books)?,
        mobilisations: mobilise::tick(platform, &books)?,
        ..Ticked::default()
    };
    for _ in 0..BATCHES {
        let ids = store::glance(&*platform.store, |tx| tx.incidents_awake(now, BATCH))?;
        if ids.is_empty() {
            break;
        }
        match looks(platform, &books, &ids, now) {
            Ok(ticked) => all.add(ticked),
            Err(error) if is_of_a_record(&error) => all.add(singly(platform, &books, &ids, now)?),
            Err(error) => return Err(error),
        }
    }
    let refused = all.rejected + all.extensions_refused;
    if all.accepted + all.dispatched + all.waiting + all.evaluated + all.resumed + refused + all.rungs.len() > 0 {
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
