//! Enrolled phones, and the codes that enrol them.

use fushan_grid_core::model::ids::{DeviceId, Incarnation, StaffId};
use fushan_grid_core::model::time::UtcMillis;

use super::value::Row;
use super::{Stored, Tx};
use crate::values;

/// An enrolled phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The phone.
    pub id: DeviceId,
    /// Who works with it.
    pub staff: StaffId,
    /// Life of its database.
    pub incarnation: Incarnation,
    /// Number its next operation must have.
    pub next_n: u64,
}

pub(super) fn device_of(row: &Row) -> Stored<Device> {
    Ok(Device {
        id: DeviceId::from_slice(row.bytes(0)?)?,
        staff: StaffId(row.text(1)?.to_owned()),
        incarnation: Incarnation::from_slice(row.bytes(2)?)?,
        next_n: row.count(3)?,
    })
}

/// A device, locked until the end of a writing transaction.
pub(super) const LOCK: &str = "SELECT id, staff, incarnation, next_n FROM device WHERE id = ? FOR UPDATE";

impl Tx<'_> {
    /// The device a token belongs to, by the token's digest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn device(&mut self, token: &[u8; 32]) -> Stored<Option<Device>> {
        let row = self.first(
            "SELECT id, staff, incarnation, next_n FROM device WHERE token = ?",
            values![token],
        )?;
        row.as_ref().map(device_of).transpose()
    }

    /// Enrols a device, or gives an enrolled one a new token.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_device(&mut self, device: &Device, token: &[u8; 32], at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO device (id, staff, token, incarnation, next_n, last_contact) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET staff = ?2, token = ?3, last_contact = ?6",
            values![
                device.id.bytes(),
                &device.staff.0,
                token,
                device.incarnation.bytes(),
                device.next_n,
                at.0
            ],
        )
    }

    /// Notes a device's incarnation, count and contact.
    ///
    /// # Errors
    /// Those of the database.
    pub fn touch_device(&mut self, device: &Device, at: UtcMillis) -> Stored<()> {
        self.later(
            "UPDATE device SET incarnation = ?2, next_n = ?3, last_contact = ?4 WHERE id = ?1",
            values![device.id.bytes(), device.incarnation.bytes(), device.next_n, at.0],
        )
    }

    /// Keeps an enrolment code by its digest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_code(&mut self, code: &[u8; 32], staff: &StaffId, expires: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO enrol_code (hash, staff, expires) VALUES (?, ?, ?)",
            values![code, &staff.0, expires.0],
        )
    }

    /// Uses an enrolment code up; whose it was, when it was still good.
    ///
    /// # Errors
    /// Those of the database.
    pub fn take_code(&mut self, code: &[u8; 32], now: UtcMillis) -> Stored<Option<StaffId>> {
        let row = self.first(
            "DELETE FROM enrol_code WHERE hash = ? AND expires > ? RETURNING staff",
            values![code, now.0],
        )?;
        row.map(|row| Ok(StaffId(row.text(0)?.to_owned()))).transpose()
    }
}
