//! The district's orders to its phones, signed: leases, and the order to wipe one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::record::Scope;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::enrol::Staff;
use fushan_grid_core::wire::signed::{Lease, Order, Signed};

use crate::StartError;
use crate::store::{self, Store, StoreError, Stored, Tx};

/// Signs orders with the district's key.
pub(crate) struct Orders {
    key: SigningKey,
    lease_ms: Option<i64>,
}

impl Orders {
    /// Reads the district's key from the store, making it at the first start. Without `lease_ms` no leases are given, and a
    /// phone once enrolled opens for ever.
    pub(crate) fn load(store: &dyn Store, lease_ms: Option<i64>) -> Result<Self, StartError> {
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh).map_err(std::io::Error::other)?;
        let text = store::write(store, |tx| tx.secret("order_key", &BASE64.encode(fresh)))?;
        let bytes = BASE64.decode(text).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        let bytes = bytes.ok_or(StartError::Store(StoreError::Shape))?;
        Ok(Self {
            key: SigningKey::from_bytes(&bytes),
            lease_ms,
        })
    }

    /// The public half, as phones keep it.
    pub(crate) fn public(&self) -> String {
        BASE64.encode(self.key.verifying_key().as_bytes())
    }

    /// A new lease for a phone.
    pub(crate) fn lease(
        &self,
        tx: &mut Tx<'_>,
        device: DeviceId,
        staff: &Staff,
        scopes: &[Scope],
        now: UtcMillis,
    ) -> Stored<Option<Signed>> {
        let Some(lease_ms) = self.lease_ms else { return Ok(None) };
        let lease = Lease {
            device,
            staff: staff.id.clone(),
            roles: staff.roles.clone(),
            scopes: scopes.to_vec(),
            version: tx.next_lease(device)?,
            issued_at: now,
            expires_at: now.plus(lease_ms),
        };
        self.sign(&Order::Lease(lease)).map(Some)
    }

    /// The orders that wait for a phone.
    pub(crate) fn waiting(&self, tx: &mut Tx<'_>, device: DeviceId) -> Stored<Vec<Signed>> {
        let wipe = tx.wipe_ordered(device)?.map(|at| Order::Wipe { device, at });
        wipe.iter().map(|order| self.sign(order)).collect()
    }

    fn sign(&self, order: &Order) -> Stored<Signed> {
        let text = serde_json::to_string(order)?;
        let signature = BASE64.encode(self.key.sign(text.as_bytes()).to_bytes());
        Ok(Signed { text, signature })
    }
}
