//! Which lanes may move now, and why the others may not.

use serde::Serialize;

use crate::model::op::Lane;
use crate::model::policy::{Conditions, LanePolicy, Metered, Network, Policy};

/// What waits in a lane, as far as the policy asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneLoad {
    /// How long the oldest item has waited, in milliseconds.
    pub oldest_ms: u64,
    /// Bytes the lane has sent today over networks that cost by the byte.
    pub bytes_today: u64,
}

/// Why a lane waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocked {
    /// The network costs by the byte.
    Metered,
    /// The phone roams.
    Roaming,
    /// The battery is low.
    Battery,
    /// The day's bytes are used up.
    BytesToday,
}

/// The lanes, P0 first.
pub const LANES: [Lane; 5] = [Lane::P0, Lane::P1, Lane::P2, Lane::P3, Lane::P4];

const HOUR_MS: u64 = 3_600_000;

/// What stands in a lane's way; nothing when it may move.
#[must_use]
pub fn blocked(policy: LanePolicy, conditions: Conditions, load: LaneLoad) -> Option<Blocked> {
    let low = conditions.battery.is_some_and(|percent| percent < policy.battery);
    if low && !conditions.charging {
        return Some(Blocked::Battery);
    }
    if conditions.network == Network::Unmetered {
        return None;
    }
    if conditions.network == Network::Roaming && !policy.roaming {
        return Some(Blocked::Roaming);
    }
    let may = match policy.metered {
        Metered::Yes => true,
        Metered::No => false,
        Metered::AfterHours(hours) => load.oldest_ms >= u64::from(hours) * HOUR_MS,
    };
    if !may {
        return Some(Blocked::Metered);
    }
    let spent = policy.bytes_a_day.is_some_and(|most| load.bytes_today >= most);
    spent.then_some(Blocked::BytesToday)
}

/// The lanes that may move now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneSet([bool; 5]);

impl LaneSet {
    /// All lanes.
    pub const ALL: Self = Self([true; 5]);

    /// The lanes that the policy lets move.
    #[must_use]
    pub fn allowed(policy: &Policy, conditions: Conditions, loads: &[LaneLoad; 5]) -> Self {
        let mut allowed = [false; 5];
        for ((lane, load), may) in LANES.into_iter().zip(loads).zip(&mut allowed) {
            *may = blocked(policy.of(lane), conditions, *load).is_none();
        }
        Self(allowed)
    }

    /// Numbers of the lanes, the most urgent first.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0..).zip(self.0).filter(|(_, may)| *may).map(|(number, _)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = HOUR_MS;

    fn on(network: Network) -> Conditions {
        Conditions {
            network,
            battery: Some(50),
            charging: false,
        }
    }

    fn waits(hours: u64, bytes_today: u64) -> LaneLoad {
        LaneLoad {
            oldest_ms: hours * HOUR,
            bytes_today,
        }
    }

    #[test]
    fn each_rule_of_the_policy_stops_the_lanes_it_names_and_no_other() {
        let low = Conditions {
            battery: Some(3),
            ..on(Network::Unmetered)
        };
        let charging = Conditions { charging: true, ..low };
        let cases = [
            (
                "at home everything moves",
                on(Network::Unmetered),
                waits(0, 0),
                vec![0, 1, 2, 3, 4],
            ),
            (
                "originals wait for a free network",
                on(Network::Metered),
                waits(5, 0),
                vec![0, 1, 2, 3],
            ),
            (
                "but not longer than six hours",
                on(Network::Metered),
                waits(6, 0),
                vec![0, 1, 2, 3, 4],
            ),
            (
                "abroad only incidents move",
                on(Network::Roaming),
                waits(9, 0),
                vec![0, 1],
            ),
            (
                "a day has so many bytes",
                on(Network::Metered),
                waits(9, 50_000_000),
                vec![0, 1, 2, 4],
            ),
            (
                "a free network has no such bound",
                on(Network::Unmetered),
                waits(0, 1 << 40),
                vec![0, 1, 2, 3, 4],
            ),
            ("an empty battery keeps the urgent", low, waits(9, 0), vec![0, 1]),
            ("unless it is charged", charging, waits(0, 0), vec![0, 1, 2, 3, 4]),
        ];
        for (what, conditions, load, expected) in cases {
            let allowed = LaneSet::allowed(&Policy::default(), conditions, &[load; 5]);
            assert_eq!(allowed.numbers().collect::<Vec<_>>(), expected, "{what}");
        }
    }
}
