//! Keys of channels, screens and other doors. Only digests are kept; a key opens one door.

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Stored, Tx};
use crate::values;

/// Which door a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Orders of one channel.
    Channel,
    /// The hall's screen, which only looks.
    Screen,
    /// The district's administrator of posts, trainings and teams.
    Administrator,
    /// The operating company: staffing and performance, and no resident.
    Company,
}

impl Door {
    fn code(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Screen => "screen",
            Self::Administrator => "administrator",
            Self::Company => "company",
        }
    }
}

/// A key as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyRow {
    /// `channel`, `screen`, `administrator` or `company`.
    pub door: String,
    /// Code of the channel; empty for a screen's.
    pub channel: String,
    /// What it is for.
    pub label: String,
    /// When it was issued.
    pub issued: UtcMillis,
    /// Until when it is good.
    pub expires: UtcMillis,
}

impl Tx<'_> {
    /// Keeps a key's digest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_access_key(
        &mut self,
        hash: &[u8; 32],
        door: Door,
        channel: &str,
        label: &str,
        now: UtcMillis,
        expires: UtcMillis,
    ) -> Stored<()> {
        self.later(
            "INSERT INTO access_key (hash, door, channel, label, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
            values![hash, door.code(), channel, label, now.0, expires.0],
        )
    }

    /// The channel of a key that opens a door now; empty for a screen's.
    ///
    /// # Errors
    /// Those of the database.
    pub fn access_key(&mut self, hash: &[u8; 32], door: Door, now: UtcMillis) -> Stored<Option<String>> {
        let row = self.first(
            "SELECT channel FROM access_key WHERE hash = ? AND door = ? AND expires_at > ?",
            values![hash, door.code(), now.0],
        )?;
        row.map(|row| row.text(0).map(str::to_owned)).transpose()
    }

    /// What a key that opens a door now was issued for.
    ///
    /// # Errors
    /// Those of the database.
    pub fn key_label(&mut self, hash: &[u8; 32], door: Door, now: UtcMillis) -> Stored<Option<String>> {
        let row = self.first(
            "SELECT label FROM access_key WHERE hash = ? AND door = ? AND expires_at > ?",
            values![hash, door.code(), now.0],
        )?;
        row.map(|row| row.text(0).map(str::to_owned)).transpose()
    }

    /// Withdraws the keys of a channel, or with an empty one those of all screens; only those of a label, when one is named. Tells how
    /// many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn withdraw_keys(&mut self, door: Door, channel: &str, label: Option<&str>) -> Stored<u64> {
        self.execute(
            "DELETE FROM access_key WHERE door = ?1 AND channel = ?2 AND (?3 = '' OR label = ?3)",
            values![door.code(), channel, label.unwrap_or_default()],
        )
    }

    /// Keys that are kept, the latest first, by what they are for; the keys themselves nobody can tell.
    ///
    /// # Errors
    /// Those of the database.
    pub fn access_keys(&mut self, limit: u32) -> Stored<Vec<KeyRow>> {
        let rows = self.query(
            "SELECT door, channel, label, issued_at, expires_at FROM access_key ORDER BY issued_at DESC, hash LIMIT ?",
            values![limit],
        )?;
        rows.iter()
            .map(|row| {
                Ok(KeyRow {
                    door: row.text(0)?.to_owned(),
                    channel: row.text(1)?.to_owned(),
                    label: row.text(2)?.to_owned(),
                    issued: UtcMillis(row.int(3)?),
                    expires: UtcMillis(row.int(4)?),
                })
            })
            .collect()
    }

    /// Revisions of the packs, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub fn pack_revs(&mut self, ids: &[RecordId]) -> Stored<Vec<i64>> {
        let places = vec!["?"; ids.len()].join(", ");
        let sql = format!("SELECT id, rev FROM record WHERE id IN ({places})");
        let mut revs = std::collections::BTreeMap::new();
        for row in self.query(sql, ids.iter().map(|id| id.bytes().into()).collect())? {
            revs.insert(RecordId::from_slice(row.bytes(0)?)?, row.int(1)?);
        }
        Ok(ids.iter().map(|id| revs.get(id).copied().unwrap_or(0)).collect())
    }
}
