//! Writes photos out of the vault, byte for byte.

use std::path::Path;

use serde_json::Value;

use crate::app::Engine;
use crate::app::error::AppError;
use crate::evidence::{self, EvidenceError};
use crate::model::blob::BlobHash;
use crate::model::ids::RecordId;
use crate::model::record::Body;
use crate::store::blobs::{self, Blob};
use crate::wire::manifest::EventKind;

impl Engine {
    /// Writes a record's photos to a folder, byte for byte, with a list of digests that `sha256sum -c SHA256SUMS` checks. Gives
    /// the names of the files. The custody log notes each.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Evidence`], or those of the folder; a file that is there already is not
    /// overwritten.
    pub fn evidence_export(&self, record: RecordId, dir: &Path) -> Result<Vec<String>, AppError> {
        let view = self.record(record)?;
        std::fs::create_dir_all(dir)?;
        let mut sums = String::new();
        let mut names = Vec::new();
        for (number, (hash, role)) in attachments(&view.record.body).into_iter().enumerate() {
            let Some(blob) = self.store.read(|r| blobs::get(r, hash).map_err(AppError::from))? else {
                continue;
            };
            let extension = blob.media_type.rsplit('/').next().unwrap_or("bin");
            let name = format!("{:02}-{role}.{extension}", number + 1);
            self.write_out(&blob, &dir.join(&name))?;
            self.note_event(EventKind::Exported, hash, None)?;
            sums.push_str(&format!("{}  {name}\n", hash.hex()));
            names.push(name);
        }
        if names.is_empty() {
            return Err(AppError::NotFound);
        }
        std::fs::write(dir.join("SHA256SUMS"), sums)?;
        names.push("SHA256SUMS".to_owned());
        Ok(names)
    }

    fn write_out(&self, blob: &Blob, path: &Path) -> Result<(), AppError> {
        let mut original = evidence::open(&*self.env.media, &blob.hash, &blob.key)?;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
        std::io::copy(&mut original, &mut file).map_err(EvidenceError::from)?;
        file.sync_all()?;
        Ok(())
    }
}

/// Digest and role of a body's attachments.
fn attachments(body: &Body) -> Vec<(BlobHash, String)> {
    let items = body.get("attachments").and_then(Value::as_array);
    let cited = |item: &Value| {
        let hash = item.get("sha256")?.as_str()?.parse().ok()?;
        let role: String = item
            .get("role")?
            .as_str()?
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        Some((hash, role))
    };
    items.into_iter().flatten().filter_map(cited).collect()
}
