//! Open uploads and their parts.

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::time::UtcMillis;

use super::value::Row;
use super::{Stored, Tx};
use crate::values;

/// An open upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// Digest announced.
    pub hash: BlobHash,
    /// Size announced.
    pub bytes: u64,
    /// Bytes held.
    pub held: u64,
    /// When it ends unless more bytes come.
    pub expires: UtcMillis,
}

/// A part of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Name of the object that holds it.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
}

fn upload_of(row: &Row) -> Stored<Upload> {
    Ok(Upload {
        id: row.text(0)?.to_owned(),
        hash: BlobHash(row.fixed(1)?),
        bytes: row.count(2)?,
        held: row.count(3)?,
        expires: UtcMillis(row.int(4)?),
    })
}

impl Tx<'_> {
    /// Opens an upload.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_upload(&mut self, device: DeviceId, upload: &Upload) -> Stored<()> {
        self.later(
            "INSERT INTO upload (id, device, hash, bytes, held, expires) VALUES (?, ?, ?, ?, ?, ?)",
            values![
                &upload.id,
                device.bytes(),
                &upload.hash.0,
                upload.bytes,
                upload.held,
                upload.expires.0
            ],
        )
    }

    /// Uploads a device has open.
    ///
    /// # Errors
    /// Those of the database.
    pub fn open_uploads(&mut self, device: DeviceId, now: UtcMillis) -> Stored<u64> {
        let row = self.first(
            "SELECT count(*) FROM upload WHERE device = ? AND expires > ?",
            values![device.bytes(), now.0],
        )?;
        row.map_or(Ok(0), |row| row.count(0))
    }

    /// An upload of this device that has not expired.
    ///
    /// # Errors
    /// Those of the database.
    pub fn upload(&mut self, device: DeviceId, id: &str, now: UtcMillis) -> Stored<Option<Upload>> {
        let row = self.first(
            "SELECT id, hash, bytes, held, expires FROM upload WHERE device = ? AND id = ? AND expires > ?",
            values![device.bytes(), id, now.0],
        )?;
        row.as_ref().map(upload_of).transpose()
    }

    /// An upload of this device by what it will be.
    ///
    /// # Errors
    /// Those of the database.
    pub fn upload_of(&mut self, device: DeviceId, hash: BlobHash, now: UtcMillis) -> Stored<Option<Upload>> {
        let row = self.first(
            "SELECT id, hash, bytes, held, expires FROM upload WHERE device = ? AND hash = ? AND expires > ?
             ORDER BY held DESC LIMIT 1",
            values![device.bytes(), &hash.0, now.0],
        )?;
        row.as_ref().map(upload_of).transpose()
    }

    /// Adds parts to an upload as it was read; `false` when others have added meanwhile.
    ///
    /// # Errors
    /// Those of the database.
    pub fn add_parts(&mut self, upload: &Upload, parts: &[Part], expires: UtcMillis) -> Stored<bool> {
        let more: u64 = parts.iter().map(|p| p.bytes).sum();
        let changed = self.execute(
            "UPDATE upload SET held = ?, expires = ? WHERE id = ? AND held = ?",
            values![upload.held + more, expires.0, &upload.id, upload.held],
        )?;
        if changed == 0 {
            return Ok(false);
        }
        let mut start = upload.held;
        for part in parts {
            self.later(
                "INSERT INTO upload_part (upload, start, bytes, name) VALUES (?, ?, ?, ?)",
                values![&upload.id, start, part.bytes, &part.name],
            )?;
            start += part.bytes;
        }
        Ok(true)
    }

    /// The parts of an upload, in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub fn parts(&mut self, id: &str) -> Stored<Vec<Part>> {
        let rows = self.query(
            "SELECT name, bytes FROM upload_part WHERE upload = ? ORDER BY start",
            values![id],
        )?;
        rows.iter()
            .map(|row| {
                Ok(Part {
                    name: row.text(0)?.to_owned(),
                    bytes: row.count(1)?,
                })
            })
            .collect()
    }

    /// Ends an upload.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_upload(&mut self, id: &str) -> Stored<()> {
        self.later("DELETE FROM upload_part WHERE upload = ?", values![id])?;
        self.later("DELETE FROM upload WHERE id = ?", values![id])
    }

    /// Uploads that have expired, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn expired_uploads(&mut self, now: UtcMillis, most: u32) -> Stored<Vec<String>> {
        let rows = self.query(
            "SELECT id FROM upload WHERE expires <= ? ORDER BY expires LIMIT ?",
            values![now.0, most],
        )?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }
}
