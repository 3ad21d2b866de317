//! What can go wrong with the store.

use crate::model::env::KeyError;
use crate::model::fault::{Coded, Fault};

/// An error of the store. None of them carries content of a record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The host's wrapping key is gone; the recovery wrap may still open the database.
    #[error("the key of this database is gone from the key store")]
    KeyMissing,
    /// The host's key is not the one this database was made with.
    #[error("the key does not fit this database")]
    KeyWrong,
    /// The key store is locked or did not answer.
    #[error("the key store is not available now")]
    KeyUnavailable,
    /// The key header beside the database is missing or damaged.
    #[error("the key header beside the database is missing or damaged")]
    KeyHeaderBad,
    /// The lease has run out: the phone stays locked until the platform gives a new one.
    #[error("the lease has run out")]
    LeaseExpired,
    /// A lease that is not the district's, not this phone's, or not later than the one in force.
    #[error("the lease is not valid")]
    LeaseInvalid,
    /// The phone was wiped with work left on it, which only the district's recovery key opens.
    #[error("the database is sealed for the recovery key")]
    Sealed,
    /// The file was written by a newer engine; it was left untouched.
    #[error("the database has schema {found}, this engine knows up to {known}")]
    NewerSchema {
        /// Schema of the file.
        found: i64,
        /// Newest schema this engine knows.
        known: i64,
    },
    /// The database is damaged and could not even be quarantined.
    #[error("the database is damaged")]
    Corrupt,
    /// The store is suspended.
    #[error("the store is suspended")]
    Closed,
    /// The disk is full; what was being written was not taken.
    #[error("the disk is full")]
    DiskFull,
    /// Another process holds the database.
    #[error("the database is in use by another process")]
    Locked,
    /// Something asked for is not there.
    #[error("not found")]
    NotFound,
    /// The operation is not in a state in which that can be done.
    #[error("the operation is not in a state for that")]
    WrongState,
    /// A stored document does not read as what it should be.
    #[error("a stored document cannot be read")]
    Document(#[from] serde_json::Error),
    /// A stored id does not read as one.
    #[error("a stored id cannot be read")]
    Id(#[from] crate::model::ids::IdError),
    /// A file of the store could not be read or written.
    #[error("a file of the store could not be read or written: {}", .0.kind())]
    Io(#[from] std::io::Error),
    /// Any other error of SQLite, by its code; the statement's values are not shown.
    #[error("SQLite error {code}")]
    Sqlite {
        /// Extended result code.
        code: i32,
    },
}

impl Coded for StoreError {
    fn fault(&self) -> Fault {
        match self {
            Self::KeyMissing => Fault::of("key_missing"),
            Self::KeyWrong => Fault::of("key_wrong"),
            Self::KeyUnavailable => Fault::of("key_unavailable"),
            Self::KeyHeaderBad => Fault::of("key_header_bad"),
            Self::LeaseExpired => Fault::of("lease_expired"),
            Self::LeaseInvalid => Fault::of("lease_invalid"),
            Self::Sealed => Fault::of("sealed"),
            Self::NewerSchema { found, known } => Fault::of("newer_schema").with("found", found).with("known", known),
            Self::Corrupt => Fault::of("db_corrupt"),
            Self::Closed => Fault::of("store_closed"),
            Self::DiskFull => Fault::of("disk_full"),
            Self::Locked => Fault::of("store_locked"),
            Self::NotFound => Fault::of("not_found"),
            Self::WrongState => Fault::of("wrong_state"),
            Self::Document(_) | Self::Id(_) => Fault::of("store_document"),
            Self::Io(_) => Fault::of("io"),
            Self::Sqlite { code } => Fault::of("store").with("sqlite", code),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Code::DiskFull => Self::DiskFull,
                Code::DatabaseBusy | Code::DatabaseLocked => Self::Locked,
                Code::DatabaseCorrupt | Code::NotADatabase => Self::Corrupt,
                _ => Self::Sqlite {
                    code: failure.extended_code,
                },
            },
            _ => Self::Sqlite { code: 1 },
        }
    }
}

impl From<KeyError> for StoreError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Missing => Self::KeyMissing,
            KeyError::Wrong => Self::KeyWrong,
            KeyError::Unavailable => Self::KeyUnavailable,
        }
    }
}
