//! How an engine is opened, and what opening found.

use fushan_grid_core::store::{self, OpenReport};
use fushan_grid_core::wire::enrol;

/// How an engine is opened.
#[derive(Debug, Clone, uniffi::Record)]
pub struct EngineConfig {
    /// Folder of the phone's data, the app's own and not backed up: database and photos lie below it. It is made if missing.
    pub dir: String,
    /// Public recovery key of the district, 32 bytes (X25519), used when the database is made.
    #[uniffi(default = None)]
    pub recovery_key: Option<Vec<u8>>,
    /// Certificates of the authorities trusted for the platform, PEM. Without them an https address cannot be used: no public
    /// authority is trusted by default.
    #[uniffi(default = None)]
    pub ca_pem: Option<Vec<u8>>,
    /// Names the boot that is running (Android: the boot count); the kernel's own name when absent.
    #[uniffi(default = None)]
    pub boot_id: Option<String>,
    /// Check every page of the database first, which takes seconds: asked for after the code `db_corrupt`.
    #[uniffi(default = false)]
    pub full_check: bool,
    /// Longest time that one call of the key provider, the signer or another part of the host may take, in milliseconds.
    #[uniffi(default = 30000)]
    pub host_limit_ms: u64,
}

/// What opening found and did.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Opened {
    /// The database was made now.
    pub created: bool,
    /// Schema before migrations ran, when any did.
    pub migrated_from: Option<i64>,
    /// The database was damaged and set aside; its unsent work was carried over.
    pub quarantined: Option<Quarantine>,
}

/// A damaged database that was set aside; the file is kept.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Quarantine {
    /// Name of the kept file.
    pub file: String,
    /// Operations carried over into the new database.
    pub operations: u32,
    /// Photos, with their keys, carried over.
    pub photos: u32,
    /// Rows that could not be read.
    pub unreadable: u32,
}

/// The worker that this phone is enrolled for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Staff {
    /// Pseudonymous id.
    pub id: String,
    /// Role codes, such as `GRID_STAFF`.
    pub roles: Vec<String>,
    /// Codes of the grids they work in.
    pub grids: Vec<String>,
}

impl From<OpenReport> for Opened {
    fn from(report: OpenReport) -> Self {
        Self {
            created: report.created,
            migrated_from: report.migrated_from,
            quarantined: report.quarantined.map(Quarantine::from),
        }
    }
}

impl From<store::Quarantine> for Quarantine {
    fn from(kept: store::Quarantine) -> Self {
        Self {
            file: kept.file,
            operations: kept.operations,
            photos: kept.photos,
            unreadable: kept.unreadable,
        }
    }
}

impl From<enrol::Staff> for Staff {
    fn from(staff: enrol::Staff) -> Self {
        Self {
            id: staff.id.0,
            roles: staff.roles,
            grids: staff.grids.iter().map(ToString::to_string).collect(),
        }
    }
}
