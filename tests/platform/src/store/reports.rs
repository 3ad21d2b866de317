//! Figures of reports as they were printed, and the registry as reports read it.

use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;

use super::records::record_of;
use super::{Stored, Tx};
use crate::values;

impl Tx<'_> {
    /// Keeps the figures of a frozen period; those that are kept already stay.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_frozen(
        &mut self,
        kind: &str,
        first_day: &str,
        area: &str,
        definitions: &str,
        figures: &str,
        now: UtcMillis,
    ) -> Stored<()> {
        self.later(
            "INSERT INTO report_frozen (kind, first_day, area, definitions, at, figures) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (kind, first_day, area) DO NOTHING",
            values![kind, first_day, area, definitions, now.0, figures],
        )
    }

    /// The figures of a frozen period.
    ///
    /// # Errors
    /// Those of the database.
    pub fn frozen(&mut self, kind: &str, first_day: &str, area: &str) -> Stored<Option<String>> {
        let row = self.first(
            "SELECT figures FROM report_frozen WHERE kind = ? AND first_day = ? AND area = ?",
            values![kind, first_day, area],
        )?;
        row.map(|row| row.text(0).map(str::to_owned)).transpose()
    }

    /// Records of an area that are no incidents, a page after an id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn registry_page(&mut self, area: &str, after: &[u8], limit: u32) -> Stored<Vec<Record>> {
        let rows = self.query(
            "SELECT id, kind, grid, rev, state, deleted, body FROM record
             WHERE id > ? AND grid >= ? AND grid < ? AND deleted = 0 AND kind <> 'incident' ORDER BY id LIMIT ?",
            values![after, area, format!("{area}~"), limit],
        )?;
        rows.iter().map(|row| record_of(row, 0)).collect()
    }
}
