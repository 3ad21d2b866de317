//! Staff members and what they may hold.

use fushan_grid_core::model::ids::StaffId;
use fushan_grid_core::wire::enrol::Staff;

use super::{Stored, Tx};
use crate::values;

impl Tx<'_> {
    /// A staff member and the version of their assignment.
    ///
    /// # Errors
    /// Those of the database.
    pub fn staff(&mut self, id: &StaffId) -> Stored<Option<(Staff, i64)>> {
        let row = self.first(
            "SELECT roles, grids, version, orgs FROM staff WHERE id = ?",
            values![&id.0],
        )?;
        let Some(row) = row else { return Ok(None) };
        let staff = Staff {
            id: id.clone(),
            roles: serde_json::from_str(row.text(0)?)?,
            grids: serde_json::from_str(row.text(1)?)?,
            orgs: serde_json::from_str(row.text(3)?)?,
        };
        Ok(Some((staff, row.int(2)?)))
    }

    /// Writes a staff member; the version grows.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_staff(&mut self, staff: &Staff) -> Stored<()> {
        self.later(
            "INSERT INTO staff (id, roles, grids, orgs, version) VALUES (?1, ?2, ?3, ?4, 1)
             ON CONFLICT (id) DO UPDATE SET roles = ?2, grids = ?3, orgs = ?4, version = staff.version + 1",
            values![
                &staff.id.0,
                serde_json::to_string(&staff.roles)?,
                serde_json::to_string(&staff.grids)?,
                serde_json::to_string(&staff.orgs)?
            ],
        )
    }
}
