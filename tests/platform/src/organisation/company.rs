//! What the operating company sees: how many are in post, which grids lack somebody, and what people have done. Counts by
//! pseudonymous id only; no record leaves here.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::org::RoleBook;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::organisation::{self, Performance, Staffing};
use fushan_grid_core::rules::validate::china_day;

use super::alarms::in_post;
use crate::Platform;
use crate::books::Books;
use crate::store::{self, Stored};

/// Incidents read in one go.
const PAGE: u32 = 1_000;

/// Who is in post today, and where somebody is missing.
pub(crate) fn staffing(platform: &Platform, books: &Books, book: &RoleBook) -> Stored<Staffing> {
    let posts = store::read(&*platform.store, |tx| in_post(tx, books))?;
    Ok(organisation::staffing(
        &books.nodes(),
        &posts,
        book,
        china_day(platform.now()),
    ))
}

/// What each person has done from one moment up to another, counted page by page.
pub(crate) fn performance(
    platform: &Platform,
    area: &str,
    from: UtcMillis,
    until: UtcMillis,
) -> Stored<BTreeMap<StaffId, Performance>> {
    let mut done: BTreeMap<StaffId, Performance> = BTreeMap::new();
    let mut after: Option<RecordId> = None;
    loop {
        let page = store::glance(&*platform.store, |tx| tx.incident_records(area, after, PAGE))?;
        let Some(last) = page.last() else { return Ok(done) };
        after = Some(last.id);
        for (staff, figures) in organisation::performance(&page, from, until) {
            *done.entry(staff).or_default() += figures;
        }
    }
}
