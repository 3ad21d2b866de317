//! When a lane may use which network: what the district asks for, and what the host knows of the phone right now.

use serde::{Deserialize, Serialize};

use super::op::Lane;

/// The network as the host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Costs nothing by the byte.
    #[default]
    Unmetered,
    /// Paid by the byte.
    Metered,
    /// Paid by the byte, abroad or with another operator.
    Roaming,
}

/// The phone's situation at the start of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conditions {
    /// Network.
    pub network: Network,
    /// Battery in percent, when known.
    pub battery: Option<u8>,
    /// Whether it is being charged.
    pub charging: bool,
}

/// Whether a lane may use a metered network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metered {
    /// Always.
    Yes,
    /// Never.
    No,
    /// Once the oldest item has waited so many hours.
    AfterHours(u32),
}

/// What one lane may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanePolicy {
    /// Metered networks.
    pub metered: Metered,
    /// Roaming.
    pub roaming: bool,
    /// Least battery in percent, unless it is being charged.
    #[serde(default)]
    pub battery: u8,
    /// Most bytes a day on a network that costs by the byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_a_day: Option<u64>,
}

/// The policy of all lanes, P0 first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy(pub [LanePolicy; 5]);

impl Default for Policy {
    /// Text goes out on any network, urgent text also abroad; small evidence is bounded by the day; originals wait six hours for
    /// a network that costs nothing.
    fn default() -> Self {
        let lane = |metered, roaming, battery, bytes_a_day| LanePolicy {
            metered,
            roaming,
            battery,
            bytes_a_day,
        };
        Self([
            lane(Metered::Yes, true, 0, None),
            lane(Metered::Yes, true, 0, None),
            lane(Metered::Yes, false, 5, None),
            lane(Metered::Yes, false, 10, Some(50_000_000)),
            lane(Metered::AfterHours(6), false, 20, Some(200_000_000)),
        ])
    }
}

impl Policy {
    /// The policy of a lane.
    #[must_use]
    pub fn of(&self, lane: Lane) -> LanePolicy {
        let [p0, p1, p2, p3, p4] = self.0;
        match lane {
            Lane::P0 => p0,
            Lane::P1 => p1,
            Lane::P2 => p2,
            Lane::P3 => p3,
            Lane::P4 => p4,
        }
    }
}
