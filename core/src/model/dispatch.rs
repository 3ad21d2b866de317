//! The rule set of smart dispatch, as data (domain dictionary 6). The engine is `core::rules::dispatch`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Rules by which an incident finds its handler; the data pack `dispatch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Version of the pack; stored with every decision.
    pub version: String,
    /// Confidence in percent below which a person decides.
    pub threshold: u8,
    /// Load above which nobody is given a task by the engine, unless nobody else can.
    pub load_cap: u32,
    /// Minutes that local time is ahead of UTC, for conditions on the hour.
    pub offset_minutes: i32,
    /// Categories in which a life is at risk.
    pub life: Vec<String>,
    /// Words of danger.
    pub danger_words: Vec<String>,
    /// Who can be named.
    pub orgs: Vec<Org>,
    /// The rules; their order means nothing.
    pub rules: Vec<Rule>,
}

/// The seasons and warnings that are declared now, such as `HEATING` or `FLOOD_WARNING`; the data pack `seasons`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seasons {
    /// Version of the pack.
    pub version: String,
    /// Their codes.
    pub declared: BTreeSet<String>,
}

/// An organisation, bound to a credit code where the district has given one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    /// Id within the pack.
    pub id: String,
    /// Unified social credit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<String>,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Level of circulation: 1 community, 2 town, 3 district.
    pub level: u8,
}

/// One line of the responsibility list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Id, stored with every decision.
    pub id: String,
    /// When it applies.
    pub when: Condition,
    /// Who handles it.
    pub main: String,
    /// Who helps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co: Vec<String>,
    /// Level of circulation.
    pub level: u8,
    /// Until it is put right, as `4 WORK_HOUR`.
    pub limit: String,
    /// Until somebody is on site or has guarded the spot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Decides between rules that are equally specific; the higher wins.
    #[serde(default)]
    pub priority: i32,
    /// What it says, in Chinese.
    pub zh: String,
    /// And in English.
    pub en: String,
}

/// When a rule applies: all that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    /// One of these categories or a category below it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// In one of these areas: a code or the start of one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// In a dedicated grid of one of these kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grid_kinds: Vec<String>,
    /// At a place of one of these kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub place_kinds: Vec<String>,
    /// In an estate with a property company, or outside one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_estate: Option<bool>,
    /// Inside a home, or outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_home: Option<bool>,
    /// Suspected severity at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_at_least: Option<String>,
    /// People involved at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_at_least: Option<u32>,
    /// While one of these seasons is declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seasons: Vec<String>,
    /// Between these minutes of the local day; over midnight when `from` is the later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

/// A part of the local day, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// First minute.
    pub from: u16,
    /// The minute that no longer belongs to it.
    pub to: u16,
}
