//! What operators look at: phones, how far they are behind, and what they say is waiting on them.

use std::collections::BTreeMap;

use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::enrol::DeviceReport;

use super::{Device, Stored, Tx};
use crate::values;

/// A phone as an operator sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The phone.
    pub id: DeviceId,
    /// Who works with it.
    pub staff: String,
    /// App and version.
    pub app: String,
    /// Last contact.
    pub contact: UtcMillis,
    /// Whether its credentials were withdrawn.
    pub revoked: bool,
    /// What it last told of itself.
    pub report: Option<DeviceReport>,
    /// Changes it has not seen, over its scopes.
    pub lag: i64,
}

impl Tx<'_> {
    /// Notes what a phone tells of itself.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_hello(
        &mut self,
        device: &Device,
        app: &str,
        report: Option<&DeviceReport>,
        at: UtcMillis,
    ) -> Stored<()> {
        let report = report.map(serde_json::to_string).transpose()?;
        self.later(
            "UPDATE device SET app = ?2, last_contact = ?3, report = COALESCE(?4, report) WHERE id = ?1",
            values![device.id.bytes(), app, at.0, report],
        )
    }

    /// All phones.
    ///
    /// # Errors
    /// Those of the database.
    pub fn seen(&mut self) -> Stored<Vec<Seen>> {
        let mut heads = BTreeMap::new();
        for row in self.query("SELECT scope, seq FROM scope_head", Vec::new())? {
            heads.insert(row.text(0)?.to_owned(), row.int(1)?);
        }
        let rows = self.query(
            "SELECT id, staff, app, last_contact, revoked, report FROM device ORDER BY id",
            Vec::new(),
        )?;
        rows.iter()
            .map(|row| {
                // a report of an older form is not worth an error
                let report: Option<DeviceReport> = serde_json::from_str(row.text(5)?).ok();
                let cursors = report.iter().flat_map(|r| &r.cursors);
                let behind = cursors.map(|c| (heads.get(&c.scope.0).copied().unwrap_or(0) - c.since).max(0));
                Ok(Seen {
                    id: DeviceId::from_slice(row.bytes(0)?)?,
                    staff: row.text(1)?.to_owned(),
                    app: row.text(2)?.to_owned(),
                    contact: UtcMillis(row.int(3)?),
                    revoked: row.is(4)?,
                    lag: behind.sum(),
                    report,
                })
            })
            .collect()
    }
}
