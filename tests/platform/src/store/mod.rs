//! What the platform keeps: one trait, two databases, one SQL.
//!
//! [`SqliteStore`] is embedded and needs nothing; [`PostgresStore`] is for a district that outgrows one machine, any number of
//! platform processes on one database. What they differ in stands in [`dialect`] and in their own files; tables and their
//! queries are written once, as methods of [`Tx`] in a module each.
//!
//! A write gives its touched records their numbers as its very last statements, scopes in sorted order, so that whoever has
//! seen a number has seen all before it.

mod blobs;
mod channels;
mod devices;
mod dialect;
mod dispatches;
mod evidence;
mod flags;
mod handed;
mod history;
mod incidents;
mod keys;
mod log;
mod migrate;
mod operators;
mod organisation;
mod page;
mod pool;
mod postgres;
mod postgres_tls;
mod receipts;
mod records;
mod reports;
mod rungs;
mod scopes;
mod screen;
mod sessions;
mod sqlite;
mod staff;
mod tx;
mod uploads;
mod value;

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod witness_tests;

use fushan_grid_core::model::ids::IdError;

pub use blobs::own_scope;
pub use channels::{HintRow, ReplyRow, TakenOrder};
pub use devices::Device;
pub use dispatches::{DispatchRow, Shift, WaitRow};
pub use evidence::{BoundKey, ChainRow, Kept, StoredMedia};
pub use flags::{DayStamp, Flag};
pub use handed::CallTimes;
pub use history::KeptOperation;
pub use incidents::IncidentRow;
pub use keys::{Door, KeyRow};
pub use operators::Seen;
pub use organisation::{PostRow, TrainingMark};
pub use page::{Cursor, PAGE_MOST, PAGE_ROWS, Page};
pub use postgres::PostgresStore;
pub use receipts::{PushStart, Receipt};
pub use records::{Head, Member};
pub use rungs::RungRow;
pub use screen::{GridCount, StateCount, StepTaken};
pub use sessions::{Given, Maker, Refreshed, Session, TokenHash, Tokens};
pub use sqlite::SqliteStore;
pub use tx::{Answer, Sql, Statement, Tx};
pub use uploads::{Part, Upload};
pub use value::{Row, Value};

/// An error of the store; no content of a record is in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The embedded database.
    #[error("database error")]
    Sqlite(#[from] rusqlite::Error),
    /// `PostgreSQL` refused a statement; its code.
    #[error("database error {0}")]
    Refused(String),
    /// The connection to the database broke.
    #[error("the database is not reached")]
    Lost,
    /// A connection could not be set up.
    #[error("no connection to the database")]
    Io(#[from] std::io::Error),
    /// Another transaction was in the way; the transaction can be tried again.
    #[error("another transaction was in the way")]
    Again,
    /// Undone on purpose: what was found on the way forbids it.
    #[error("undone")]
    Undone,
    /// Too much is going on.
    #[error("the database is busy")]
    Busy,
    /// A text with a NUL: no field of ours has one.
    #[error("a text with a NUL")]
    Text,
    /// A row is not of the form it was read for.
    #[error("a row is not of its form")]
    Shape,
    /// A stored document does not read.
    #[error("a stored document cannot be read")]
    Document(#[from] serde_json::Error),
    /// A stored id does not read.
    #[error("a stored id cannot be read")]
    Id(#[from] IdError),
}

/// Answer of the store.
pub type Stored<T> = Result<T, StoreError>;

/// The store. An `Err` from a closure undoes everything it did. A closure may be called again when another transaction was in
/// the way, so it starts anew each time.
pub trait Store: Send + Sync {
    /// Runs a writing transaction.
    ///
    /// # Errors
    /// Those of the closure and of the database.
    fn write(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()>;

    /// Runs a reading transaction over one snapshot.
    ///
    /// # Errors
    /// Those of the closure and of the database.
    fn read(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()>;

    /// Runs a single reading statement, without the cost of a transaction around it.
    ///
    /// # Errors
    /// Those of the closure and of the database.
    fn glance(&self, f: &mut dyn FnMut(&mut Tx<'_>) -> Stored<()>) -> Stored<()>;

    /// The kind of database.
    fn name(&self) -> &'static str;
}

/// Runs a writing transaction that gives a value.
///
/// # Errors
/// As [`Store::write`].
pub fn write<T>(store: &dyn Store, mut f: impl FnMut(&mut Tx<'_>) -> Stored<T>) -> Stored<T> {
    let mut value = None;
    store.write(&mut |tx| {
        value = Some(f(tx)?);
        Ok(())
    })?;
    value.ok_or(StoreError::Shape)
}

/// Runs a reading transaction that gives a value.
///
/// # Errors
/// As [`Store::read`].
pub fn read<T>(store: &dyn Store, mut f: impl FnMut(&mut Tx<'_>) -> Stored<T>) -> Stored<T> {
    let mut value = None;
    store.read(&mut |tx| {
        value = Some(f(tx)?);
        Ok(())
    })?;
    value.ok_or(StoreError::Shape)
}

/// Runs a single reading statement that gives a value.
///
/// # Errors
/// As [`Store::glance`].
pub fn glance<T>(store: &dyn Store, mut f: impl FnMut(&mut Tx<'_>) -> Stored<T>) -> Stored<T> {
    let mut value = None;
    store.glance(&mut |tx| {
        value = Some(f(tx)?);
        Ok(())
    })?;
    value.ok_or(StoreError::Shape)
}
