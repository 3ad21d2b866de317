//! An original that has left this phone comes back from the platform when somebody wants to see it again.

use sha2::{Digest, Sha256};

use super::requests::Wire;
use super::session::Credentials;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::evidence::EvidenceError;
use crate::model::blob::BlobHash;
use crate::platform::{Cancel, Transport};
use crate::store::blobs;

impl Engine {
    /// Fetches the original of a photo that left the phone after the platform had stored it. It is compared with its digest, kept
    /// under a fresh key, and leaves again after the retention time. A photo that is here already is left as it is.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a photo that this phone does not know, [`AppError::Reply`] when a synchronisation runs (`busy`),
    /// when the platform is not reached or does not give it, [`EvidenceError::MediaChanged`] when its bytes
    /// are others, and those of the vault.
    pub fn evidence_fetch_back(
        &self,
        transport: &dyn Transport,
        hash: BlobHash,
        cancel: &Cancel,
    ) -> Result<(), AppError> {
        let blob = self.store.read(|r| blobs::get(r, hash))?.ok_or(AppError::NotFound)?;
        if !blob.evicted {
            return Ok(());
        }
        self.device()?;
        let _guard = self.running.alone()?;
        let (me, session) = self.session()?;
        let mut wire = Wire {
            transport,
            cancel,
            credentials: Credentials::of(self, me.device, session),
            up: 0,
            down: 0,
        };
        let bytes = wire.get(&format!("/v1/blobs/{hash}"))?.body;
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != hash.0 {
            return Err(EvidenceError::MediaChanged.into());
        }
        let _turn = self.intake_turn();
        let kept = self.put_in_vault(bytes.as_slice())?;
        let now = self.moment()?;
        self.store.write(|w| Ok(blobs::bring_back(w, hash, &kept.key, now)?))
    }
}
