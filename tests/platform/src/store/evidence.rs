//! What phones say about their photos, and what is known of their keys and chains.

use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::manifest::{HexSha256, HexSm3, Named256, SignedEntry};

use super::{Row, Stored, Tx};
use crate::values;

/// An entry that was kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Digest of its text.
    pub entry: Named256,
    /// The phone that sent it.
    pub device: DeviceId,
    /// Its chain.
    pub chain: String,
    /// Its place there.
    pub seq: u64,
    /// Its kind, such as `grid.capture`.
    pub typ: &'static str,
    /// Case of a capture, else empty.
    pub subject: String,
    /// Photo of a capture.
    pub media: Option<HexSha256>,
    /// The platform's clock at arrival.
    pub received_at: UtcMillis,
    /// Its leaf in the log.
    pub leaf: u64,
    /// The entry as it came.
    pub signed: SignedEntry,
}

/// A key bound to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundKey {
    /// The phone.
    pub device: DeviceId,
    /// Digest of the key.
    pub key: Named256,
    /// The chain that brought it.
    pub chain: String,
    /// First place it may sign.
    pub from_seq: u64,
    /// Where the private key lives.
    pub kind: String,
    /// First place at which it counts no more.
    pub revoked_from: Option<u64>,
    /// Why it was revoked.
    pub reason: String,
}

/// Where a chain stands: JSON of its verified end, and of its last capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChainRow {
    /// The phone.
    pub device: Option<DeviceId>,
    /// [`fushan_grid_core::rules::proof::Head`].
    pub head: String,
    /// What the next capture is compared with; empty before the first.
    pub last: String,
}

/// A file whose bytes the platform has hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredMedia {
    /// SHA-256.
    pub media: HexSha256,
    /// SM3.
    pub sm3: HexSm3,
    /// Size in bytes.
    pub bytes: u64,
    /// Leaf in the log.
    pub leaf: u64,
}

const KEPT: &str = "SELECT received_at, leaf, doc, subject FROM evidence_entry WHERE entry = ?";

impl Tx<'_> {
    /// Arrival, leaf, text and case of an entry.
    ///
    /// # Errors
    /// Those of the database.
    pub fn kept_entry(&mut self, entry: Named256) -> Stored<Option<(UtcMillis, u64, SignedEntry, String)>> {
        let row = self.first(KEPT, values![&entry.0])?;
        let read = |row: Row| {
            let signed = serde_json::from_str(row.text(2)?)?;
            Ok((UtcMillis(row.int(0)?), row.count(1)?, signed, row.text(3)?.to_owned()))
        };
        row.map(read).transpose()
    }

    /// Those of some entries that this phone has sent, in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub fn entries_of(&mut self, device: DeviceId, asked: &[Named256]) -> Stored<Vec<Named256>> {
        let sql = "SELECT 1 FROM evidence_entry WHERE entry = ? AND device = ?";
        let each = asked.iter().map(|e| (sql, values![&e.0, device.bytes()]));
        let answers = self.queries(each.collect())?;
        let found = asked.iter().zip(answers).filter(|(_, rows)| !rows.is_empty());
        Ok(found.map(|(entry, _)| *entry).collect())
    }

    /// Keeps an entry.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_entry(&mut self, kept: &Kept) -> Stored<()> {
        self.later(
            "INSERT INTO evidence_entry (entry, device, chain, seq, typ, subject, media, received_at, leaf, doc)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values![
                &kept.entry.0,
                kept.device.bytes(),
                &kept.chain,
                kept.seq,
                kept.typ,
                &kept.subject,
                kept.media.as_ref().map(|m| &m.0),
                kept.received_at.0,
                kept.leaf,
                serde_json::to_string(&kept.signed)?
            ],
        )
    }

    /// Captures of the same bytes, with their cases, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn captures_of(&mut self, media: HexSha256, limit: u32) -> Stored<Vec<(Named256, String, SignedEntry)>> {
        let rows = self.query(
            "SELECT entry, subject, doc FROM evidence_entry WHERE media = ? ORDER BY received_at, entry LIMIT ?",
            values![&media.0, limit],
        )?;
        let read = |row: Row| {
            let signed = serde_json::from_str(row.text(2)?)?;
            Ok((Named256(row.fixed(0)?), row.text(1)?.to_owned(), signed))
        };
        rows.into_iter().map(read).collect()
    }

    /// Texts of all captures after an arrival, oldest first, a page at a time: what the reuse index is filled from.
    ///
    /// # Errors
    /// Those of the database.
    pub fn captures_after(&mut self, leaf: u64, limit: u32) -> Stored<Vec<(u64, SignedEntry)>> {
        let rows = self.query(
            "SELECT leaf, doc FROM evidence_entry WHERE leaf >= ? AND typ = 'grid.capture' ORDER BY leaf LIMIT ?",
            values![leaf, limit],
        )?;
        let read = |row: Row| Ok((row.count(0)?, serde_json::from_str(row.text(1)?)?));
        rows.into_iter().map(read).collect()
    }

    /// Where a chain stands.
    ///
    /// # Errors
    /// Those of the database.
    pub fn chain(&mut self, chain: &str) -> Stored<ChainRow> {
        let row = self.first(
            "SELECT device, head, last FROM evidence_chain WHERE chain = ? FOR UPDATE",
            values![chain],
        )?;
        let Some(row) = row else { return Ok(ChainRow::default()) };
        Ok(ChainRow {
            device: Some(DeviceId::from_slice(row.bytes(0)?)?),
            head: row.text(1)?.to_owned(),
            last: row.text(2)?.to_owned(),
        })
    }

    /// Notes where a chain stands.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_chain(&mut self, chain: &str, device: DeviceId, head: &str, last: &str) -> Stored<()> {
        self.later(
            "INSERT INTO evidence_chain (chain, device, head, last) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (chain) DO UPDATE SET head = ?3, last = ?4",
            values![chain, device.bytes(), head, last],
        )
    }

    /// All chains with their phones.
    ///
    /// # Errors
    /// Those of the database.
    pub fn chains(&mut self) -> Stored<Vec<(String, DeviceId)>> {
        let rows = self.query("SELECT chain, device FROM evidence_chain ORDER BY chain", values![])?;
        let read = |row: Row| Ok((row.text(0)?.to_owned(), DeviceId::from_slice(row.bytes(1)?)?));
        rows.into_iter().map(read).collect()
    }

    /// Places of a chain that are here, in order, each once.
    ///
    /// # Errors
    /// Those of the database.
    pub fn chain_places(&mut self, chain: &str) -> Stored<Vec<u64>> {
        let rows = self.query(
            "SELECT DISTINCT seq FROM evidence_entry WHERE chain = ? ORDER BY seq",
            values![chain],
        )?;
        rows.into_iter().map(|row| row.count(0)).collect()
    }

    /// Keys of a phone.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keys_of(&mut self, device: DeviceId) -> Stored<Vec<BoundKey>> {
        let rows = self.query(
            "SELECT key, chain, from_seq, kind, revoked_from, reason FROM evidence_key WHERE device = ?
             ORDER BY bound_at, from_seq",
            values![device.bytes()],
        )?;
        let read = |row: Row| {
            Ok(BoundKey {
                device,
                key: Named256(row.fixed(0)?),
                chain: row.text(1)?.to_owned(),
                from_seq: row.count(2)?,
                kind: row.text(3)?.to_owned(),
                revoked_from: if row.is_null(4)? { None } else { Some(row.count(4)?) },
                reason: row.text(5)?.to_owned(),
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Binds a key to a phone, or changes its standing.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_key(&mut self, key: &BoundKey, at: UtcMillis) -> Stored<()> {
        self.later(
            "INSERT INTO evidence_key (device, key, chain, from_seq, kind, bound_at, revoked_from, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (device, key) DO UPDATE SET revoked_from = ?7, reason = ?8",
            values![
                key.device.bytes(),
                &key.key.0,
                &key.chain,
                key.from_seq,
                &key.kind,
                at.0,
                key.revoked_from,
                &key.reason
            ],
        )
    }

    /// A file whose bytes the platform has hashed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn stored_media(&mut self, media: HexSha256) -> Stored<Option<StoredMedia>> {
        let row = self.first(
            "SELECT sm3, bytes, leaf FROM evidence_media WHERE media = ?",
            values![&media.0],
        )?;
        let read = |row: Row| {
            Ok(StoredMedia {
                media,
                sm3: HexSm3(row.fixed(0)?),
                bytes: row.count(1)?,
                leaf: row.count(2)?,
            })
        };
        row.map(read).transpose()
    }

    /// Notes the digests of a file.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_stored_media(&mut self, stored: &StoredMedia) -> Stored<()> {
        self.later(
            "INSERT INTO evidence_media (media, sm3, bytes, leaf) VALUES (?, ?, ?, ?) ON CONFLICT (media) DO NOTHING",
            values![&stored.media.0, &stored.sm3.0, stored.bytes, stored.leaf],
        )
    }
}
