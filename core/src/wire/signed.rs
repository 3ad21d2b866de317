//! What the district signs for one phone: the lease that lets it work offline, and the order to wipe it.

use serde::{Deserialize, Serialize};

use crate::model::ids::{DeviceId, StaffId};
use crate::model::record::Scope;
use crate::model::time::UtcMillis;

/// A signed text. The signature is over the text's very bytes, so that nobody has to agree on a form of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Signed {
    /// JSON of an [`Order`].
    pub text: String,
    /// Ed25519 signature, base64.
    pub signature: String,
}

/// What can be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// The phone may be used until then without asking.
    Lease(Lease),
    /// Everything on the phone goes, after what is allowed was pushed.
    Wipe {
        /// The phone.
        device: DeviceId,
        /// When it was ordered, by the platform's clock.
        at: UtcMillis,
    },
}

/// The right to work offline for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The phone.
    pub device: DeviceId,
    /// Who works with it.
    pub staff: StaffId,
    /// Their roles.
    pub roles: Vec<String>,
    /// Scopes the phone may hold.
    pub scopes: Vec<Scope>,
    /// Grows with every lease of this phone.
    pub version: u64,
    /// The platform's clock at signing: the phone's clock cannot be earlier.
    pub issued_at: UtcMillis,
    /// The platform's clock after which the phone stays locked.
    pub expires_at: UtcMillis,
}

/// `POST /v1/lease`: a new lease for a phone that is locked, against a one-time enrolment code of the same person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// The phone.
    pub device: DeviceId,
    /// The one-time code.
    pub code: String,
}

/// Answer to [`LeaseRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LeaseReply {
    /// The lease.
    pub lease: Signed,
}
