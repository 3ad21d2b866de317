//! The photos of an exported folder, for who makes something of them.

use std::path::{Path, PathBuf};

use super::files::{receipt_of, signed};
use super::verify::{entries, photo_in};
use crate::app::error::AppError;
use crate::wire::evidence::Receipt;
use crate::wire::manifest::SignedEntry;

/// A photo of an exported folder with what was signed about it; nothing of it is verified yet.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Number of its entry, such as `0003`.
    pub at: String,
    /// The original's file.
    pub file: PathBuf,
    /// The entry.
    pub signed: SignedEntry,
    /// The platform's receipt.
    pub receipt: Option<Receipt>,
}

/// Lists them in their order.
///
/// # Errors
/// [`AppError::Io`] when it is no folder of evidence at all.
pub fn exported(dir: &Path) -> Result<Vec<Exported>, AppError> {
    let mut found = Vec::new();
    for (at, path) in entries(dir)? {
        if let (Some(file), Ok(signed)) = (photo_in(&path), signed(&path)) {
            let receipt = receipt_of(&path).ok();
            found.push(Exported {
                at,
                file,
                signed,
                receipt,
            });
        }
    }
    Ok(found)
}
