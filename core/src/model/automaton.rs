//! The automaton of a kind of record, as data. The runner is `core::rules::workflow`.

use serde::{Deserialize, Serialize};

/// States and transitions of one kind of record; a versioned data pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Automaton {
    /// Version of the pack.
    pub version: String,
    /// All states.
    pub states: Vec<State>,
    /// All transitions.
    pub transitions: Vec<Transition>,
}

/// One state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Code, such as `REPORTED`.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    #[serde(default)]
    pub en: String,
    /// The step of the seven-step loop it belongs to.
    #[serde(default)]
    pub step: Option<String>,
    /// Whether nothing leaves it.
    pub terminal: bool,
    /// Which limit runs in it.
    #[serde(default)]
    pub clock: Option<String>,
    /// Whether it exists on the phone only.
    #[serde(default)]
    pub local_only: bool,
}

/// One transition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// Id, such as `T04_SELF_CLOSE`.
    pub id: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    #[serde(default)]
    pub en: String,
    /// States it may start from.
    pub from: Vec<String>,
    /// State it leads to; `SAME` stays.
    pub to: String,
    /// Roles that may take it.
    pub actors: Vec<String>,
    /// Whether a phone may take it without signal and queue it.
    pub offline: bool,
}

/// What the automaton says to a claimed step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepVerdict {
    /// Legal from the current state; the state afterwards.
    Legal {
        /// State afterwards.
        to: String,
    },
    /// The record has moved on, but another step leads from there to the phone's target: that one is taken.
    Rebased {
        /// State afterwards.
        to: String,
        /// The step that leads there.
        by: String,
    },
    /// The record is in the phone's target already, with an equal outcome.
    AlreadyThere,
    /// The record is in the phone's target already, with another outcome.
    DoubleClose,
    /// The record has moved on in a way that leaves nothing to take: what was typed is kept as a note, with this notice
    /// (domain dictionary 4.6).
    Noted {
        /// Stable code of the notice; begins with `noted_`.
        notice: String,
    },
    /// The target cannot be reached from the current state.
    Illegal,
    /// A guard or the actor's role forbids it: the code of the rule.
    Forbidden {
        /// Stable code of the rule that forbids it.
        rule: String,
    },
}
