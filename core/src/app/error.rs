//! The error of a use case: which rule, which part, and a stable code for the message catalogue.

use super::calls::CallError;
use super::inspect::InspectError;
use super::messages::{Lang, message};
use crate::evidence::EvidenceError;
use crate::model::env::KeyError;
use crate::model::fault::{Coded, Fault};
use crate::model::geo::GeoError;
use crate::model::ids::IdError;
use crate::model::registry::ViewError;
use crate::platform::TransportError;
use crate::platform::reply::ReplyError;
use crate::rules::deadline::DeadlineError;
use crate::rules::finding::Finding;
use crate::rules::packs::PackError;
use crate::rules::proof::ProofError;
use crate::rules::report::PeriodError;
use crate::rules::workflow::WorkflowError;
use crate::store::StoreError;

/// Why a use case did not succeed. Carries codes and names of fields, never their values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// An evidence entry.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The key store does not sign.
    #[error(transparent)]
    Signer(#[from] KeyError),
    /// The host's store of what opens the platform.
    #[error("the host's store of credentials: {0}")]
    Tokens(KeyError),
    /// The platform does not have the photo's bytes yet.
    #[error("the platform does not have the photo yet")]
    NotStored,
    /// The photo must be kept.
    #[error("the photo must be kept")]
    Retained,
    /// A dictionary.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// An automaton that contradicts itself.
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    /// A deadline that cannot be told.
    #[error(transparent)]
    Deadline(#[from] DeadlineError),
    /// A period that no report has.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// A record that does not read as what it is.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A point.
    #[error(transparent)]
    Geo(#[from] GeoError),
    /// An id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The platform's reply.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// The network.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A checklist, a plan or a patrol.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// An answer to a call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Fields that break rules, all of them at once.
    #[error("{} fields break a rule", findings.len())]
    Invalid {
        /// What is wrong with which field.
        findings: Vec<Finding>,
    },
    /// No such kind of registry record.
    #[error("no such kind of record")]
    UnknownKind {
        /// The kind asked for.
        kind: String,
    },
    /// No such category in the taxonomy in force.
    #[error("no such category")]
    UnknownCategory,
    /// A code that its list does not have.
    #[error("{field} has an unknown code")]
    UnknownCode {
        /// The field.
        field: String,
    },
    /// A text that is longer than its field allows.
    #[error("{field} has more than {max} characters")]
    TooLong {
        /// The field.
        field: String,
        /// Most characters.
        max: usize,
    },
    /// Only a step of the automaton changes this field.
    #[error("{field} is not edited directly")]
    NotEditable {
        /// The field.
        field: String,
    },
    /// A step that a rule forbids.
    #[error("the step is forbidden: {rule}")]
    Step {
        /// Code of the rule.
        rule: String,
    },
    /// The point lies in no grid this phone knows.
    #[error("the point lies in no known grid")]
    OutsideDistrict,
    /// Nothing there by that id.
    #[error("not found")]
    NotFound,
    /// The record has ended.
    #[error("the record has ended")]
    Ended,
    /// Somebody has resolved the conflict already.
    #[error("the conflict is resolved already")]
    AlreadyResolved,
    /// This phone is not enrolled.
    #[error("this phone is not enrolled")]
    NotEnrolled,
    /// A file of the host could not be read or written.
    #[error("a file could not be read or written: {}", .0.kind())]
    Io(#[from] std::io::Error),
}

impl Coded for AppError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(e) => e.fault(),
            Self::Evidence(e) => e.fault(),
            Self::Proof(e) => e.fault(),
            Self::Signer(KeyError::Unavailable) => Fault::of("signer_unavailable"),
            Self::Signer(_) => Fault::of("signer_missing"),
            Self::Tokens(KeyError::Unavailable) => Fault::of("tokens_unavailable"),
            Self::Tokens(_) => Fault::of("tokens_missing"),
            Self::NotStored => Fault::of("photo_not_stored"),
            Self::Retained => Fault::of("photo_retained"),
            Self::Pack(e) => e.fault(),
            Self::Workflow(e) => e.fault(),
            Self::Deadline(e) => e.fault(),
            Self::Period(e) => e.fault(),
            Self::View(e) => e.fault(),
            Self::Geo(e) => e.fault(),
            Self::Id(e) => e.fault(),
            Self::Reply(e) => e.fault(),
            Self::Transport(e) => e.fault(),
            Self::Inspect(e) => e.fault(),
            Self::Call(e) => e.fault(),
            Self::Invalid { findings } => Fault::of("invalid_record").with("count", findings.len()),
            Self::UnknownKind { kind } => Fault::of("unknown_kind").with("kind", kind),
            Self::UnknownCategory => Fault::of("unknown_category"),
            Self::UnknownCode { field } => Fault::of("unknown_code").with("field", field),
            Self::TooLong { field, max } => Fault::of("too_long").with("field", field).with("max", max),
            Self::NotEditable { field } => Fault::of("not_editable").with("field", field),
            Self::Step { rule } => Fault::of("step_forbidden").with("rule", rule),
            Self::OutsideDistrict => Fault::of("outside_district"),
            Self::NotFound => Fault::of("not_found"),
            Self::Ended => Fault::of("record_ended"),
            Self::AlreadyResolved => Fault::of("conflict_resolved"),
            Self::NotEnrolled => Fault::of("not_enrolled"),
            Self::Io(_) => Fault::of("io"),
        }
    }
}

impl AppError {
    /// More than the message: every field with its rule, or the text of the rule that forbids a step.
    #[must_use]
    pub fn detail(&self, lang: Lang) -> Option<String> {
        let text = |code: &str| {
            message(
                &Fault {
                    code: known(code),
                    args: std::collections::BTreeMap::new(),
                },
                lang,
            )
            .text
        };
        match self {
            Self::Invalid { findings } => {
                let lines: Vec<_> = findings
                    .iter()
                    .map(|f| {
                        let fault = Fault::of(known(&f.code)).with("field", &f.field);
                        format!("{}: {} [{}]", f.field, message(&fault, lang).text, f.code)
                    })
                    .collect();
                Some(lines.join("; "))
            }
            Self::Step { rule } => Some(format!("{} [{rule}]", text(rule))),
            Self::Inspect(error) => error.detail(&text),
            _ => None,
        }
    }
}

/// What is wrong with one field, with its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the field, or path of the question; empty when the whole is meant.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

impl AppError {
    /// Everything that is wrong, field by field; empty when the error is about no single field.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        match self {
            Self::Invalid { findings } => findings.iter().map(|f| problem(&f.field, &f.code)).collect(),
            Self::Inspect(error) => error
                .codes()
                .into_iter()
                .map(|(at, code)| problem(&at, &code))
                .collect(),
            Self::UnknownCode { field } | Self::TooLong { field, .. } | Self::NotEditable { field } => {
                vec![problem(field, self.fault().code)]
            }
            _ => Vec::new(),
        }
    }
}

fn problem(field: &str, code: &str) -> Problem {
    let fault = Fault::of(known(code)).with("field", field);
    Problem {
        field: field.to_owned(),
        code: code.to_owned(),
        zh: message(&fault, Lang::Zh).text,
        en: message(&fault, Lang::En).text,
    }
}

/// The catalogue's own copy of a code, so that a fault can hold it.
fn known(code: &str) -> &'static str {
    super::messages::code_of(code).unwrap_or("unknown_rule")
}
