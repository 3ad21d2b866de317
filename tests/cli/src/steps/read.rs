//! Reads the words of a step into the step.

use std::path::Path;

use fushan_grid_core::model::fault::Coded;
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::deadline::Limit;
use fushan_grid_core::rules::workflow::{Assignment, Step};

use super::args::{StepCommand, Target, To};
use crate::failure::Failure;
use crate::input;

/// A step that was asked for.
pub struct Asked<'a> {
    /// The incident.
    pub id: RecordId,
    /// Certificate of the authority.
    pub ca: Option<&'a Path>,
    /// Photos to take in first.
    pub photos: &'a [String],
    /// The step.
    pub step: Step,
}

/// Reads a command.
pub fn read(command: &StepCommand) -> Result<Asked<'_>, Failure> {
    let (target, step) = parts(command)?;
    let photos = match command {
        StepCommand::Resubmit { photos, .. }
        | StepCommand::Progress { photos, .. }
        | StepCommand::Feedback { photos, .. } => photos.photos.as_slice(),
        _ => &[],
    };
    Ok(Asked {
        id: target.id.parse()?,
        ca: target.ca.as_deref(),
        photos,
        step,
    })
}

#[allow(clippy::too_many_lines)] // a table: one arm for each step
fn parts(command: &StepCommand) -> Result<(&Target, Step), Failure> {
    use StepCommand as C;
    Ok(match command {
        C::OrderVerify { target, person } => (target, Step::OrderVerify { person: staff(person) }),
        C::Verify { target, result, note } => (
            target,
            Step::VerifyResult {
                result: result.clone(),
                note: note.note.clone(),
            },
        ),
        C::Accept { target, note } => (
            target,
            Step::Accept {
                note: note.note.clone(),
            },
        ),
        C::Reject { target, code, reply } => (
            target,
            Step::Reject {
                reason_code: code.clone(),
                reply: reply.clone(),
            },
        ),
        C::Return { target, missing } => (
            target,
            Step::ReturnForInfo {
                missing: missing.clone(),
            },
        ),
        C::Resubmit { target, note, .. } => (
            target,
            Step::Resubmit {
                note: note.note.clone(),
            },
        ),
        C::Merge { target, into, why } => (
            target,
            Step::Merge {
                merged_into: into.parse()?,
                reason: why.reason.clone(),
            },
        ),
        C::Dispatch { target, to } => (target, Step::Dispatch(assignment(to)?)),
        C::Reassign { target, to } => (target, Step::Reassign(assignment(to)?)),
        C::Escalate { target, level, why } => (
            target,
            Step::Escalate {
                reason: why.reason.clone(),
                level: *level,
            },
        ),
        C::Delegate { target, why } => (
            target,
            Step::Delegate {
                reason: why.reason.clone(),
            },
        ),
        C::Sign { target } => (target, Step::Sign),
        C::Refuse { target, why } => (
            target,
            Step::Refuse {
                reason: why.reason.clone(),
            },
        ),
        C::Progress { target, note, .. } => (
            target,
            Step::Progress {
                note: note.note.clone(),
            },
        ),
        C::AskExtension { target, limit, why } => (
            target,
            Step::AskExtension {
                limit: limit_of(limit)?,
                reason: why.reason.clone(),
            },
        ),
        C::DecideExtension { target, grant, why } => {
            let granted = grant.as_deref().map(limit_of).transpose()?;
            (
                target,
                Step::DecideExtension {
                    granted,
                    reason: why.reason.clone(),
                },
            )
        }
        C::Suspend {
            target,
            code,
            until,
            note,
        } => {
            let until = UtcMillis::parse_rfc3339(until).ok_or_else(|| input::bad("--until"))?;
            (
                target,
                Step::Suspend {
                    reason_code: code.clone(),
                    until,
                    note: note.note.clone(),
                },
            )
        }
        C::Resume { target, note } => (
            target,
            Step::Resume {
                note: note.note.clone(),
            },
        ),
        C::Feedback {
            target, result, note, ..
        } => (
            target,
            Step::Feedback {
                result: result.clone(),
                note: note.note.clone(),
            },
        ),
        C::OrderCheck { target, person } => (target, Step::OrderCheck { person: staff(person) }),
        C::Check {
            target,
            result,
            here,
            why,
            note,
        } => {
            let point = here.place().as_ref().map(input::point).transpose()?;
            let step = Step::CheckResult {
                result: result.clone(),
                point,
                reason: why.reason.clone(),
                note: note.note.clone(),
            };
            (target, step)
        }
        C::Rework { target, why } => (
            target,
            Step::Rework {
                reason: why.reason.clone(),
            },
        ),
        C::Close {
            target,
            close_type,
            reply,
            note,
        } => {
            let step = Step::Close {
                close_type: close_type.clone(),
                reply: reply.clone(),
                note: note.note.clone(),
            };
            (target, step)
        }
        C::ForceClose { target, second, why } => {
            let second = StaffId(second.clone());
            (
                target,
                Step::ForceClose {
                    reason: why.reason.clone(),
                    second,
                },
            )
        }
        C::Evaluate {
            target,
            satisfaction,
            unreached,
            solved,
            note,
        } => {
            let step = Step::Evaluate {
                satisfaction: *satisfaction,
                contacted: Some(!unreached),
                solved: *solved,
                note: note.note.clone(),
            };
            (target, step)
        }
        C::Redo { target, why } => (
            target,
            Step::Redo {
                reason: why.reason.clone(),
            },
        ),
        C::Supervise {
            target,
            level,
            cancel,
            why,
        } => {
            let step = Step::Supervise {
                level: *level,
                cancel: *cancel,
                reason: why.reason.clone(),
            };
            (target, step)
        }
        C::Urge { target, note } => (
            target,
            Step::Urge {
                note: note.note.clone(),
            },
        ),
        C::Urgency { target, to, why } => (
            target,
            Step::SetUrgency {
                urgency: to.clone(),
                reason: why.reason.clone(),
            },
        ),
        C::Instruct { target, note } => (
            target,
            Step::Instruct {
                note: note.note.clone(),
            },
        ),
        C::Answer { target, text } => (target, Step::DirectAnswer { answer: text.clone() }),
    })
}

fn staff(id: &Option<String>) -> Option<StaffId> {
    id.clone().map(StaffId)
}

fn limit_of(text: &str) -> Result<Limit, Failure> {
    text.parse()
        .map_err(|error: fushan_grid_core::rules::deadline::LimitError| Failure::Input(error.fault()))
}

fn assignment(to: &To) -> Result<Assignment, Failure> {
    Ok(Assignment {
        main: to.main.clone(),
        co: to.co.clone(),
        person: staff(&to.person),
        limit: to.limit.as_deref().map(limit_of).transpose()?,
        forced: to.forced,
        reason: to.why.reason.clone(),
        ..Assignment::default()
    })
}
