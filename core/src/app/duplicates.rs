//! Possible duplicates of what is being typed, from the registry of this phone.

use serde_json::Value;

use super::Engine;
use super::error::AppError;
use crate::model::ids::RecordId;
use crate::model::record::Body;
use crate::rules::normalise::normalise;
use crate::rules::similar::{Same, similar};
use crate::store::search::{self, SearchQuery};

/// Fields whose values candidates are looked up by.
const LOOKED_UP: [&str; 4] = ["id_number", "uscc", "phone", "name"];
/// Digits at the end of a number that the index knows.
const TAIL: usize = 4;
/// Most candidates of one look-up.
const CANDIDATES: u32 = 100;

impl Engine {
    /// Records that may be the same as the fields typed so far; asked again on each edit. `except` is the record being edited.
    ///
    /// # Errors
    /// [`AppError::UnknownKind`]; those of the store.
    pub fn registry_duplicates(
        &self,
        kind: &str,
        fields: &Body,
        except: Option<RecordId>,
    ) -> Result<Vec<Same>, AppError> {
        let dictionaries = self.dictionaries();
        if dictionaries.schema.kind(kind).is_none() {
            return Err(AppError::UnknownKind { kind: kind.to_owned() });
        }
        let mut typed = fields.clone();
        normalise(&dictionaries.schema, kind, &mut typed);
        let mut candidates = Vec::new();
        for field in LOOKED_UP {
            let Some(value) = typed
                .get(field)
                .and_then(Value::as_str)
                .filter(|value| !value.is_empty())
            else {
                continue;
            };
            let chars: Vec<char> = value.chars().collect();
            let from = if field == "name" {
                0
            } else {
                chars.len().saturating_sub(TAIL)
            };
            let query = SearchQuery {
                text: chars.iter().skip(from).collect(),
                kind: Some(kind.to_owned()),
                limit: CANDIDATES,
                ..SearchQuery::default()
            };
            let page = self.store.read(|r| search::search(r, &query).map_err(AppError::from))?;
            candidates.extend(page.items.into_iter().map(|hit| hit.record));
        }
        candidates.retain(|record| Some(record.id) != except);
        candidates.sort_by_key(|record| record.id);
        candidates.dedup_by_key(|record| record.id);
        Ok(similar(kind, &typed, &candidates))
    }
}
