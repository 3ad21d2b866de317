//! Photos: what is stored, and who may know of it. The bytes lie elsewhere.
//!
//! A digest alone opens nothing: whoever cites one must have uploaded the file, or be able to see it already, before the scope
//! of the citing record sees it. Otherwise an operation that cites a guessed digest would tell whether the platform has it.

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::model::time::UtcMillis;

use super::value::Value;
use super::{Stored, Tx};
use crate::values;

/// The scope of one phone alone: whoever uploaded a file may know that it is stored.
#[must_use]
pub fn own_scope(device: DeviceId) -> Scope {
    Scope(format!("device:{device}"))
}

impl Tx<'_> {
    /// Notes that a file of this phone is stored; the scopes in which the phone has cited it see it from now on.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_blob(&mut self, device: DeviceId, hash: BlobHash, bytes: u64, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO blob (hash, bytes, stored_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            values![&hash.0, bytes, at.0],
        )?;
        self.let_see(hash, &own_scope(device))?;
        self.later(
            "INSERT INTO blob_seen (hash, scope) SELECT hash, scope FROM blob_cited WHERE hash = ? AND device = ?
             ON CONFLICT (hash, scope) DO NOTHING",
            values![&hash.0, device.bytes()],
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

    /// Whether a file's bytes have arrived, whoever may see them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn is_stored(&mut self, hash: BlobHash) -> Stored<bool> {
        Ok(self
            .first("SELECT 1 FROM blob WHERE hash = ?", values![&hash.0])?
            .is_some())
    }

    /// Notes that a phone cites a file in a scope; `known` are the scopes the phone may see.
    ///
    /// # Errors
    /// Those of the database.
    pub fn cite(&mut self, device: DeviceId, hash: BlobHash, scope: &Scope, known: &[Scope]) -> Stored<()> {
        self.later(
            "INSERT INTO blob_cited (hash, device, scope) VALUES (?, ?, ?) ON CONFLICT (hash, device, scope) DO NOTHING",
            values![&hash.0, device.bytes(), &scope.0],
        )?;
        let mut known = known.to_vec();
        known.push(own_scope(device));
        if self.blob(hash, &known)? {
            self.let_see(hash, scope)?;
        }
        Ok(())
    }

    fn let_see(&mut self, hash: BlobHash, scope: &Scope) -> Stored<()> {
        self.later(
            "INSERT INTO blob_seen (hash, scope) VALUES (?, ?) ON CONFLICT (hash, scope) DO NOTHING",
            values![&hash.0, &scope.0],
        )
    }
}
