//! Enrolment of a device by one-time code, and the greeting at the start of a run.

use serde::{Deserialize, Serialize};

use super::pull::ScopeCursor;
use super::signed::Signed;
use crate::model::area::GridCode;
use crate::model::ids::{DeviceId, Incarnation, StaffId};
use crate::model::policy::Policy;
use crate::model::record::Scope;
use crate::model::time::UtcMillis;

/// `POST /v1/enrol`: exchanges a one-time code for a device's credentials.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The one-time code, issued by another person.
    pub code: String,
    /// Id the phone made for itself.
    pub device: DeviceId,
    /// Life of its database.
    pub incarnation: Incarnation,
    /// App name and version, for the platform's list of devices.
    pub app: String,
}

/// Answer to [`EnrolRequest`].
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct EnrolReply {
    /// Who the phone works for.
    pub staff: Staff,
    /// Bearer token of this device.
    pub token: String,
    /// What gets the next bearer token; good once.
    #[serde(default)]
    pub refresh: String,
    /// The platform's clock.
    pub server_time: UtcMillis,
    /// Public key of the district's orders (Ed25519, base64): this phone obeys no other. A platform without one signs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_key: Option<String>,
}

impl std::fmt::Debug for EnrolReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolReply")
            .field("server_time", &self.server_time)
            .finish_non_exhaustive()
    }
}

/// `POST /v1/refresh`: exchanges a refresh token for new credentials. The phone keeps what it gets before it uses it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The phone the token was given to.
    pub device: DeviceId,
    /// The token.
    pub refresh: String,
    /// A secret word of this exchange, kept beside the token since the phone has it: a message that the network delivers again
    /// carries the same one, whoever copied the token does not know it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub exchange: String,
}

/// Answer to [`RefreshRequest`].
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RefreshReply {
    /// Bearer token of this device.
    pub token: String,
    /// What gets the next one.
    pub refresh: String,
    /// The platform's clock.
    pub server_time: UtcMillis,
}

/// A staff member as the phone needs to know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Staff {
    /// Pseudonymous id.
    pub id: StaffId,
    /// Role codes, such as `GRID_STAFF` (domain dictionary 2.5).
    pub roles: Vec<String>,
    /// Grids they work in now.
    pub grids: Vec<GridCode>,
    /// Organisations they work for, such as a department.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orgs: Vec<String>,
}

/// `POST /v1/hello`: the greeting at the start of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HelloRequest {
    /// The phone.
    pub device: DeviceId,
    /// Life of its database.
    pub incarnation: Incarnation,
    /// App name and version.
    pub app: String,
    /// Protocol versions it speaks.
    pub protocol: Vec<u32>,
    /// Schema it writes.
    pub schema: u32,
    /// The phone's wall clock at sending.
    pub sent_at: UtcMillis,
    /// What waits on the phone, for the operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<DeviceReport>,
}

/// What a phone tells of itself: counts and times only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceReport {
    /// Operations without an answer.
    pub operations: u32,
    /// Photos that are not stored yet.
    pub photos: u32,
    /// Operations that were refused and wait for the worker.
    pub refused: u32,
    /// How far it has followed its scopes.
    pub cursors: Vec<ScopeCursor>,
}

/// Answer to [`HelloRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct HelloReply {
    /// The platform's clock.
    pub server_time: UtcMillis,
    /// Chosen protocol.
    pub protocol: u32,
    /// Oldest schema whose operations are accepted.
    pub schema_min: u32,
    /// Schema the platform writes.
    pub schema_max: u32,
    /// Who the phone works for now.
    pub staff: Staff,
    /// Scopes it may hold.
    pub scope_set: ScopeSet,
    /// Number the next push starts with, should the phone have lost count.
    pub expected_n: u64,
    /// Which lane may use which network; the phone's own policy without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// How long originals stay on the phone after the platform has stored them, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_originals_ms: Option<u64>,
    /// The right to work offline, renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Signed>,
    /// Orders for this phone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<Signed>,
}

/// The scopes a phone may hold, with a version that changes when they do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ScopeSet {
    /// Grows with every change of the assignment.
    pub version: i64,
    /// The scopes, in the order they are worth pulling.
    pub scopes: Vec<Scope>,
}
