//! Photos: open uploads, what is stored, and who may know of it. The bytes lie elsewhere.

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::model::time::UtcMillis;

use super::value::{Row, Value};
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
}

fn upload_of(row: &Row) -> Stored<Upload> {
    Ok(Upload {
        id: row.text(0)?.to_owned(),
        hash: BlobHash(row.fixed(1)?),
        bytes: row.count(2)?,
        held: row.count(3)?,
    })
}

impl Tx<'_> {
    /// Opens an upload, or notes how far it is.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_upload(&mut self, device: DeviceId, upload: &Upload) -> Stored<()> {
        self.later(
            "INSERT INTO upload (id, device, hash, bytes, held) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET held = ?5",
            values![&upload.id, device.bytes(), &upload.hash.0, upload.bytes, upload.held],
        )
    }

    /// An upload of this device.
    ///
    /// # Errors
    /// Those of the database.
    pub fn upload(&mut self, device: DeviceId, id: &str) -> Stored<Option<Upload>> {
        let row = self.first(
            "SELECT id, hash, bytes, held FROM upload WHERE device = ? AND id = ?",
            values![device.bytes(), id],
        )?;
        row.as_ref().map(upload_of).transpose()
    }

    /// An upload of this device by what it will be.
    ///
    /// # Errors
    /// Those of the database.
    pub fn upload_of(&mut self, device: DeviceId, hash: BlobHash) -> Stored<Option<Upload>> {
        let row = self.first(
            "SELECT id, hash, bytes, held FROM upload WHERE device = ? AND hash = ? ORDER BY held DESC LIMIT 1",
            values![device.bytes(), &hash.0],
        )?;
        row.as_ref().map(upload_of).transpose()
    }

    /// Ends an upload.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_upload(&mut self, id: &str) -> Stored<()> {
        self.later("DELETE FROM upload WHERE id = ?", values![id])
    }

    /// Notes that a file is stored.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_blob(&mut self, hash: BlobHash, bytes: u64, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO blob (hash, bytes, stored_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            values![&hash.0, bytes, at.0],
        )
    }

    /// Whether a file is stored and one of the scopes may know.
    ///
    /// # Errors
    /// Those of the database.
    pub fn blob(&mut self, hash: BlobHash, scopes: &[Scope]) -> Stored<bool> {
        if scopes.is_empty() {
            return Ok(false);
        }
        let places = vec!["?"; scopes.len()].join(", ");
        let sql = format!(
            "SELECT 1 FROM blob b JOIN blob_seen s ON s.hash = b.hash WHERE b.hash = ? AND s.scope IN ({places}) LIMIT 1"
        );
        let mut params = values![&hash.0];
        params.extend(scopes.iter().map(|s| Value::from(&s.0)));
        Ok(self.first(sql, params)?.is_some())
    }

    /// Lets a scope know of a file.
    ///
    /// # Errors
    /// Those of the database.
    pub fn let_see(&mut self, hash: BlobHash, scope: &Scope) -> Stored<()> {
        self.later(
            "INSERT INTO blob_seen (hash, scope) VALUES (?, ?) ON CONFLICT (hash, scope) DO NOTHING",
            values![&hash.0, &scope.0],
        )
    }
}
