//! What shall be done for one operation of a push.

use fushan_grid_core::merge::{Outcome, Versioned};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::wire::push::{OpResult, OpStatus};

/// What shall be done for one operation.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) answer: Option<OpResult>,
    pub(super) repeat: bool,
    pub(super) status: OpStatus,
    pub(super) after: Option<Versioned>,
    pub(super) also: Option<Versioned>,
    pub(super) conflict: Option<Record>,
    pub(super) code: Option<String>,
    pub(super) fields: Vec<String>,
    pub(super) redirected: Option<RecordId>,
    pub(super) seen: Option<i64>,
    /// Role and course, when it is taken from somebody without the training for it.
    pub(super) mark: Option<(String, String)>,
}

/// Through which revision a phone has seen a record after its operation: all, when it had seen all before.
pub(super) fn seen(current: Option<&Versioned>, base_rev: Option<i64>, outcome: &Outcome) -> Option<i64> {
    let before = current.map_or(0, |c| c.record.rev);
    if base_rev.unwrap_or(0) == before {
        let own = outcome.after.as_ref().filter(|_| outcome.redirected.is_none());
        Some(own.map_or(before, |a| a.record.rev))
    } else {
        base_rev
    }
}

impl Plan {
    pub(super) fn of(outcome: Outcome) -> Self {
        Self {
            answer: None,
            repeat: false,
            status: outcome.status,
            after: outcome.after,
            also: None,
            conflict: outcome.conflict,
            code: outcome.code,
            fields: outcome.fields,
            redirected: outcome.redirected,
            seen: None,
            mark: None,
        }
    }

    pub(super) fn refused(code: &str) -> Self {
        Self {
            answer: None,
            repeat: false,
            status: OpStatus::Rejected,
            after: None,
            also: None,
            conflict: None,
            code: Some(code.to_owned()),
            fields: Vec::new(),
            redirected: None,
            seen: None,
            mark: None,
        }
    }

    pub(super) fn applied(after: Versioned) -> Self {
        Self {
            status: OpStatus::Applied,
            seen: Some(after.record.rev),
            after: Some(after),
            code: None,
            ..Self::refused("")
        }
    }

    pub(super) fn answered(result: OpResult) -> Self {
        Self {
            repeat: true,
            answer: Some(result),
            ..Self::refused("")
        }
    }

    pub(super) fn result_status(&self) -> OpStatus {
        self.answer.as_ref().map_or(self.status, |a| a.status)
    }
}
