//! The registry: search, cards, edits.

use crate::engine::Engine;
use crate::error::GridError;
use crate::records::{
    Card, Duplicate, GeoPoint, GridRecord, RecordPage, RecordQuery, SearchPage, WrittenRecord, body, maybe_id,
    record_id,
};
use fushan_grid_core::store::search::SearchQuery;

#[uniffi::export]
impl Engine {
    /// A page of records that match the text: a part of a Chinese name or address, pinyin, initials, last digits of a number.
    /// Personal data is masked.
    #[uniffi::method(default(kind = None, after = None, limit = 50))]
    pub fn registry_search(
        &self,
        text: String,
        kind: Option<String>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<SearchPage, GridError> {
        let text = shortened(text);
        let query = SearchQuery {
            text,
            kind,
            after,
            limit,
        };
        Ok(self.core()?.registry_search(&query)?.into())
    }

    /// A page of records of a kind, in the order of their ids. Personal data is masked.
    pub fn registry_list(&self, query: RecordQuery) -> Result<RecordPage, GridError> {
        Ok(self.core()?.list_masked(&query.read()?)?.into())
    }

    /// A record as a card. With `open` personal data is shown: only after the worker asked for it.
    #[uniffi::method(default(open = false))]
    pub fn registry_card(&self, id: String, open: bool) -> Result<Card, GridError> {
        Ok(self.core()?.registry_card(record_id(&id)?, open)?.into())
    }

    /// A record of any kind as this phone knows it, personal data unmasked: for editing.
    pub fn record(&self, id: String) -> Result<GridRecord, GridError> {
        Ok(self.core()?.record(record_id(&id)?)?.into())
    }

    /// Adds a record of a kind to a grid. The body is a JSON object of the kind's fields.
    pub fn registry_add(&self, kind: String, grid: String, body_json: String) -> Result<WrittenRecord, GridError> {
        let grid = grid.parse().map_err(|_| GridError::of("area_code_invalid"))?;
        Ok(self.core()?.registry_add(&kind, &grid, body(&body_json)?)?.into())
    }

    /// Changes fields of a record: a JSON object of the changed ones, `null` clears one.
    pub fn registry_change(&self, id: String, set_json: String) -> Result<WrittenRecord, GridError> {
        Ok(self.core()?.registry_change(record_id(&id)?, body(&set_json)?)?.into())
    }

    /// Ends a record; its id stays.
    pub fn registry_withdraw(&self, id: String, reason: String) -> Result<(), GridError> {
        Ok(self.core()?.registry_withdraw(record_id(&id)?, &reason)?)
    }

    /// Records that may be the same as the fields typed so far; asked again on each edit. `except` is the record being edited.
    #[uniffi::method(default(except = None))]
    pub fn registry_duplicates(
        &self,
        kind: String,
        body_json: String,
        except: Option<String>,
    ) -> Result<Vec<Duplicate>, GridError> {
        let except = maybe_id(except)?;
        let found = self.core()?.registry_duplicates(&kind, &body(&body_json)?, except)?;
        Ok(found.into_iter().map(Duplicate::from).collect())
    }

    /// The code of the grid a point lies in, decided without signal; none outside the district.
    pub fn locate(&self, point: GeoPoint) -> Result<Option<String>, GridError> {
        let located = self.core()?.locate(point.read()?)?;
        Ok(located.grid.map(|grid| grid.to_string()))
    }
}

/// A search text longer than any name or address finds no more than its beginning does, and costs no more either.
fn shortened(text: String) -> String {
    const CHARS: usize = 200;
    match text.char_indices().nth(CHARS) {
        Some(_) => text.chars().take(CHARS).collect(),
        None => text,
    }
}
