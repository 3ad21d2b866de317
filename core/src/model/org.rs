//! The organisation: the tree of areas, roles of 1+1+X+N, service teams, the Party line (domain dictionary 2).

use serde::{Deserialize, Serialize};

/// The roles a person may hold; the data pack `roles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleBook {
    /// Version of the pack.
    pub version: String,
    /// Fewest members of a service team.
    pub team_minimum: u32,
    /// All roles.
    pub roles: Vec<Role>,
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Code, such as `GRID_STAFF`.
    pub code: String,
    /// Place in a grid's 1+1+X+N; `None` for offices above the grid.
    #[serde(default)]
    pub slot: Option<Slot>,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
}

/// Place in a grid's staffing model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// The first 1: the community secretary.
    #[serde(rename = "LEADER")]
    Leader,
    /// The second 1: the full-time worker.
    #[serde(rename = "STAFF")]
    Staff,
    /// X: building heads, Party members, property staff, law enforcers.
    X,
    /// N: cadres and volunteers in reserve.
    N,
}
