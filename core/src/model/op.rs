//! Operations: what a phone did, kept until the platform has answered for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::area::GridCode;
use super::blob::BlobRef;
use super::ids::{GroupId, OpId, RecordId};
use super::record::{Body, Kind};
use super::time::{Hlc, UtcMillis};

/// One operation on one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Identity and key of idempotency.
    pub op: OpId,
    /// The record's kind.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// What was done.
    pub action: Action,
    /// Revision of the record the phone saw; `None` when the record was made on this phone and not yet confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rev: Option<i64>,
    /// The phone's own earlier operation on the same record that this one builds on, when that one had no answer yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_op: Option<OpId>,
    /// The group it belongs to, all or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Photos and files this operation cites; they travel apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<BlobRef>,
    /// Orders one phone's operations.
    pub hlc: Hlc,
    /// Wall clock of the phone, recorded and shown, never decisive.
    pub at: UtcMillis,
    /// Schema version the phone wrote in.
    pub schema: u32,
}

/// Membership of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The group.
    pub id: GroupId,
    /// Place in it, from 0.
    pub index: u32,
    /// Members in all.
    pub of: u32,
}

/// What an operation does to its record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Makes the record. An incident starts in `DRAFT` (transition `T01_SAVE_DRAFT`).
    Create {
        /// The grid it belongs to.
        grid: GridCode,
        /// Its fields.
        body: Body,
    },
    /// Changes fields.
    Patch {
        /// The touched fields as the phone saw them; an absent field was not set.
        base: Body,
        /// The touched fields as the phone wants them; `null` clears one.
        set: Body,
    },
    /// Takes a step of the automaton, with fields that belong to the step.
    Transition {
        /// Id of the transition, such as `T04_SELF_CLOSE`.
        event: String,
        /// State the phone saw.
        from: String,
        /// State the phone expects afterwards.
        to: String,
        /// The role the actor claims for it.
        role: String,
        /// Reason, result code and other arguments of the step, kept in the history.
        #[serde(default, skip_serializing_if = "Body::is_empty")]
        args: Body,
        /// Touched fields as the phone saw them.
        #[serde(default, skip_serializing_if = "Body::is_empty")]
        base: Body,
        /// Touched fields as the phone wants them.
        #[serde(default, skip_serializing_if = "Body::is_empty")]
        set: Body,
    },
    /// Adds an item to a list that only grows (`notes`, `visits`, `attachments`).
    Append {
        /// The list's field name.
        list: String,
        /// The item; an object with an `id` of its own.
        item: Value,
    },
    /// Ends a registry record; a tombstone stays.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Closes a conflict record; nothing else does.
    Resolve {
        /// What shall hold.
        choice: Choice,
    },
}

/// How a conflict is resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "take", rename_all = "snake_case")]
pub enum Choice {
    /// The platform's values stay.
    Platform,
    /// The phone's values are taken.
    Phone,
    /// These values are taken, field by field.
    Values {
        /// Field values.
        set: Body,
    },
    /// The platform's values stay; what the phone saw is reported as another incident.
    FollowUp {
        /// That incident.
        record: RecordId,
    },
}

/// How urgent an operation's upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// Urgent incident text and its thumbnails.
    P0,
    /// Other incidents and transitions.
    P1,
    /// Registry edits.
    P2,
    /// Thumbnails and small evidence.
    P3,
    /// Originals.
    P4,
}
