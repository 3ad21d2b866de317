//! What the worker wrote down last, for pickers.

use crate::store::{Reader, StoreError};

/// Operations looked back on.
const LOOK_BACK: u32 = 2_000;

/// Category codes of the incidents written down on this phone last, each once, the newest first.
///
/// # Errors
/// Those of the store.
pub fn recent_categories(r: &Reader<'_>, limit: u32) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT json_extract(doc, '$.action.body.category') AS code
               FROM (SELECT seq, doc FROM op ORDER BY seq DESC LIMIT ?1)
               WHERE json_extract(doc, '$.kind') = 'incident' AND code IS NOT NULL
               GROUP BY code ORDER BY max(seq) DESC LIMIT ?2";
    let mut statement = r.0.prepare_cached(sql)?;
    let rows = statement.query_map([LOOK_BACK, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
