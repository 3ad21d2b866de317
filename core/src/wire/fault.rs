//! The error shape of every reply that is not 2xx.

use serde::{Deserialize, Serialize};

/// Body of an error reply, always with the media type [`super::JSON`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FaultReply {
    /// The error.
    pub error: FaultBody,
}

/// The error itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct FaultBody {
    /// Stable code (protocol section 10).
    pub code: String,
    /// Seconds to wait before another try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// For `held`: the number the phone must start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_n: Option<u64>,
}
