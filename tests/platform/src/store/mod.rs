//! What the platform keeps, behind one trait: embedded SQLite now, a second store later.
//!
//! Everything happens in a [`Tx`]. A write gives its touched records their numbers as its very last statements, scopes in
//! sorted order, so that whoever has seen a number has seen all before it.

mod sqlite;

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::{DeviceId, Incarnation, OpId, RecordId, StaffId};
use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::record::{Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::enrol::Staff;
use fushan_grid_core::wire::push::OpResult;

pub use sqlite::SqliteStore;

/// An error of the store; no content of a record is in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database.
    #[error("database error")]
    Database(#[from] rusqlite::Error),
    /// A stored document does not read.
    #[error("a stored document cannot be read")]
    Document(#[from] serde_json::Error),
    /// A stored id does not read.
    #[error("a stored id cannot be read")]
    Id(#[from] fushan_grid_core::model::ids::IdError),
}

/// Answer of the store.
pub type Stored<T> = Result<T, StoreError>;

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

/// The answer an operation got, with the digest of what was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// SHA-256 of the operation as sent.
    pub hash: [u8; 32],
    /// The answer.
    pub result: OpResult,
}

/// A line of a scope: a record that is or was in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Place in the scope.
    pub seq: i64,
    /// The record as it is now.
    pub record: Record,
    /// Whether it is in the scope.
    pub present: bool,
}

/// Where a scope stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Life of the platform's data.
    pub epoch: i64,
    /// Last number given.
    pub seq: i64,
    /// Records in the scope.
    pub count: i64,
}

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

/// One transaction.
pub trait Tx {
    /// A record.
    fn record(&mut self, id: RecordId) -> Stored<Option<Versioned>>;
    /// Writes a record into its scopes.
    fn put(&mut self, record: &Versioned, scopes: &[Scope]) -> Stored<()>;
    /// Writes the history line of an accepted operation.
    fn history(
        &mut self,
        op: &Operation,
        rev: i64,
        actor: &StaffId,
        device: Option<DeviceId>,
        at: UtcMillis,
    ) -> Stored<()>;
    /// The receipt of an operation.
    fn receipt(&mut self, device: DeviceId, op: OpId) -> Stored<Option<Receipt>>;
    /// Keeps a receipt.
    fn put_receipt(&mut self, device: DeviceId, op: OpId, receipt: &Receipt) -> Stored<()>;
    /// Receipts by status, for tests.
    fn receipts(&mut self) -> Stored<Vec<(DeviceId, OpResult)>>;
    /// The device a token belongs to, by the token's digest.
    fn device(&mut self, token: &[u8; 32]) -> Stored<Option<Device>>;
    /// Enrols a device, or gives an enrolled one a new token.
    fn put_device(&mut self, device: &Device, token: &[u8; 32], at: UtcMillis) -> Stored<()>;
    /// Notes a device's incarnation, count and contact.
    fn touch_device(&mut self, device: &Device, at: UtcMillis) -> Stored<()>;
    /// Keeps an enrolment code by its digest.
    fn put_code(&mut self, code: &[u8; 32], staff: &StaffId, expires: UtcMillis) -> Stored<()>;
    /// Uses an enrolment code up; whose it was, when it was still good.
    fn take_code(&mut self, code: &[u8; 32], now: UtcMillis) -> Stored<Option<StaffId>>;
    /// A staff member and the version of their assignment.
    fn staff(&mut self, id: &StaffId) -> Stored<Option<(Staff, i64)>>;
    /// Writes a staff member; the version grows.
    fn put_staff(&mut self, staff: &Staff) -> Stored<()>;
    /// Where a scope stands.
    fn head(&mut self, scope: &Scope) -> Stored<Head>;
    /// Lines of a scope after a number, at most so many.
    fn members(&mut self, scope: &Scope, since: i64, limit: u32) -> Stored<Vec<Member>>;
    /// Opens an upload.
    fn put_upload(&mut self, device: DeviceId, upload: &Upload) -> Stored<()>;
    /// An upload of this device.
    fn upload(&mut self, device: DeviceId, id: &str) -> Stored<Option<Upload>>;
    /// An upload of this device by what it will be.
    fn upload_of(&mut self, device: DeviceId, hash: BlobHash) -> Stored<Option<Upload>>;
    /// Ends an upload.
    fn drop_upload(&mut self, id: &str) -> Stored<()>;
    /// Notes that a file is stored.
    fn put_blob(&mut self, hash: BlobHash, bytes: u64, at: UtcMillis) -> Stored<()>;
    /// Whether a file is stored and one of the scopes may know.
    fn blob(&mut self, hash: BlobHash, scopes: &[Scope]) -> Stored<bool>;
    /// Lets a scope know of a file.
    fn let_see(&mut self, hash: BlobHash, scope: &Scope) -> Stored<()>;
}

/// The store. A transaction's closure may be called once only; an `Err` from it undoes everything.
pub trait Store: Send + Sync {
    /// Runs a writing transaction.
    fn write(&self, f: &mut dyn FnMut(&mut dyn Tx) -> Stored<()>) -> Stored<()>;
    /// Runs a reading transaction over one snapshot.
    fn read(&self, f: &mut dyn FnMut(&mut dyn Tx) -> Stored<()>) -> Stored<()>;
}

/// Runs a writing transaction that gives a value.
pub fn write<T>(store: &dyn Store, mut f: impl FnMut(&mut dyn Tx) -> Stored<T>) -> Stored<T> {
    let mut value = None;
    store.write(&mut |tx| {
        value = Some(f(tx)?);
        Ok(())
    })?;
    value.ok_or(StoreError::Database(rusqlite::Error::InvalidQuery))
}

/// Runs a reading transaction that gives a value.
pub fn read<T>(store: &dyn Store, mut f: impl FnMut(&mut dyn Tx) -> Stored<T>) -> Stored<T> {
    let mut value = None;
    store.read(&mut |tx| {
        value = Some(f(tx)?);
        Ok(())
    })?;
    value.ok_or(StoreError::Database(rusqlite::Error::InvalidQuery))
}
