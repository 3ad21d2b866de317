//! Pages of lists on the wire: `?after=CURSOR&limit=N`, and `next` in the reply for the page after it.

use axum::http::StatusCode;

use super::call::Call;
use super::reply::Fault;
use crate::store::{Cursor, PAGE_MOST, Page};

/// The page that a request asks for. A cursor that is none and a length out of bounds are told, never guessed at.
pub(super) fn page(call: &Call) -> Result<Page, Fault> {
    let wrong = || Fault::of(StatusCode::BAD_REQUEST, "page_invalid");
    let query = call.query();
    let mut page = Page::first();
    if let Some(after) = query.get("after") {
        page.after = after.parse::<Cursor>().map_err(|_| wrong())?;
    }
    if let Some(limit) = query.get("limit") {
        page.limit = limit
            .parse()
            .ok()
            .filter(|n| (1..=PAGE_MOST).contains(n))
            .ok_or_else(wrong)?;
    }
    Ok(page)
}

/// A cursor as it is told.
pub(super) fn told(next: Option<Cursor>) -> Option<String> {
    next.map(|cursor| cursor.to_string())
}
