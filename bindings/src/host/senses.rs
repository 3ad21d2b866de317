//! What the app knows of network, power and position, asked when a call does not say.

use std::sync::Arc;

use super::bounded::Limit;
use super::{Host, HostError};
use crate::records::{Conditions, Fix, Network};

/// Tells network and power.
#[uniffi::export(foreign)]
pub trait ConditionsSource: Send + Sync {
    /// Network and power now.
    fn now(&self) -> Result<Conditions, HostError>;
}

/// Tells where the phone is.
#[uniffi::export(foreign)]
pub trait LocationSource: Send + Sync {
    /// The last reading, with its age; nothing when there is none. It answers at once and waits for no satellite.
    fn last_fix(&self) -> Result<Option<Fix>, HostError>;
}

/// Both, with the limit of time for their answers.
#[derive(Clone)]
pub(crate) struct Senses {
    conditions: Option<Arc<dyn ConditionsSource>>,
    location: Option<Arc<dyn LocationSource>>,
    limit: Limit,
}

impl Senses {
    pub(crate) fn of(host: &Host, limit: Limit) -> Self {
        Self {
            conditions: host.conditions.clone(),
            location: host.location.clone(),
            limit,
        }
    }

    pub(crate) fn conditions(&self) -> Conditions {
        let Some(source) = self.conditions.clone() else {
            return Conditions::default();
        };
        // a phone that cannot say is spared the cost
        self.limit.call(move || source.now()).unwrap_or(Conditions {
            network: Network::Metered,
            ..Conditions::default()
        })
    }

    pub(crate) fn fix(&self) -> Option<Fix> {
        let source = self.location.clone()?;
        self.limit.call(move || source.last_fix()).ok().flatten()
    }
}
