//! The one public error: grouped by what an app can do about it, with a stable code and texts for the worker.

use fushan_grid_core::app::AppError;
use fushan_grid_core::app::messages::{Lang, code_of, message};
use fushan_grid_core::model::fault::{Coded, Fault};
use fushan_grid_core::model::ids::IdError;

/// What an app tells the worker. Carries no name, number, coordinate or token.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Told {
    /// Stable code in `snake_case`; the texts may change, it does not.
    pub code: String,
    /// What happened, in Chinese.
    pub zh: String,
    /// What happened, in English.
    pub en: String,
    /// What to do next, in Chinese; empty when there is nothing to do.
    pub next_zh: String,
    /// What to do next, in English; empty when there is nothing to do.
    pub next_en: String,
    /// More, in Chinese: every field with its rule, or the text of the rule that forbids a step.
    pub detail_zh: Option<String>,
    /// The same in English.
    pub detail_en: Option<String>,
}

/// A field, or a question of a checklist, that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldProblem {
    /// Name of the field, or path of the question; empty when the whole is meant.
    pub field: String,
    /// Stable code of the rule.
    pub code: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

/// Why a call did not succeed. The variants tell what an app can do about it; `told` holds the code and the texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum GridError {
    /// What was given breaks a rule. Show the problems at their fields; the worker corrects them.
    #[error("{}", told.code)]
    Invalid {
        /// Code and texts.
        told: Told,
        /// Every field that breaks a rule; empty when the whole input does.
        problems: Vec<FieldProblem>,
    },
    /// There is nothing by that id, or it has ended.
    #[error("{}", told.code)]
    NotFound {
        /// Code and texts.
        told: Told,
    },
    /// A rule of the trade forbids it now: a step of the automaton, a state, a right.
    #[error("{}", told.code)]
    Forbidden {
        /// Code and texts.
        told: Told,
    },
    /// This phone is not enrolled, or may not open: the key store, the lease, a wipe.
    #[error("{}", told.code)]
    Locked {
        /// Code and texts.
        told: Told,
    },
    /// The engine is suspended or shut down. Resume it, or open another.
    #[error("{}", told.code)]
    Closed {
        /// Code and texts.
        told: Told,
    },
    /// The platform was not reached or did not accept. Nothing is lost; try again later.
    #[error("{}", told.code)]
    Platform {
        /// Code and texts.
        told: Told,
    },
    /// Disk or database: no space, a damaged file, a file that cannot be read.
    #[error("{}", told.code)]
    Storage {
        /// Code and texts.
        told: Told,
    },
    /// Something the app itself provides failed: a key provider, a signer, a stream.
    #[error("{}", told.code)]
    Host {
        /// Code and texts.
        told: Told,
    },
    /// A defect of the engine. What was committed before is safe; please report the code.
    #[error("{}", told.code)]
    Internal {
        /// Code and texts.
        told: Told,
    },
}

impl Told {
    /// The texts of a fault.
    pub(crate) fn of(fault: &Fault) -> Self {
        let (zh, en) = (message(fault, Lang::Zh), message(fault, Lang::En));
        Self {
            code: fault.code.to_owned(),
            zh: zh.text,
            en: en.text,
            next_zh: zh.next,
            next_en: en.next,
            detail_zh: None,
            detail_en: None,
        }
    }
}

impl Told {
    /// The texts of a code that came as data; the code itself where nobody knows it.
    pub(crate) fn of_code(code: &str) -> Self {
        Self::at("", code)
    }

    /// The texts of a code about a field.
    pub(crate) fn at(field: &str, code: &str) -> Self {
        match code_of(code) {
            Some(known) => Self::of(&Fault::of(known).with("field", field)),
            None => Self {
                code: code.to_owned(),
                zh: code.to_owned(),
                en: code.to_owned(),
                next_zh: String::new(),
                next_en: String::new(),
                detail_zh: None,
                detail_en: None,
            },
        }
    }
}

impl GridError {
    /// The error of a code.
    pub(crate) fn of(code: &'static str) -> Self {
        Self::told(Told::of(&Fault::of(code)), Vec::new())
    }

    /// Code and texts, whatever the variant.
    #[must_use]
    pub fn about(&self) -> &Told {
        match self {
            Self::Invalid { told, .. }
            | Self::NotFound { told }
            | Self::Forbidden { told }
            | Self::Locked { told }
            | Self::Closed { told }
            | Self::Platform { told }
            | Self::Storage { told }
            | Self::Host { told }
            | Self::Internal { told } => told,
        }
    }

    fn told(told: Told, problems: Vec<FieldProblem>) -> Self {
        let code = told.code.as_str();
        match KINDS
            .iter()
            .find(|(_, codes)| codes.contains(&code))
            .map(|(kind, _)| kind)
        {
            Some(Kind::NotFound) => Self::NotFound { told },
            Some(Kind::Forbidden) => Self::Forbidden { told },
            Some(Kind::Locked) => Self::Locked { told },
            Some(Kind::Closed) => Self::Closed { told },
            Some(Kind::Platform) => Self::Platform { told },
            Some(Kind::Storage) => Self::Storage { told },
            Some(Kind::Host) => Self::Host { told },
            Some(Kind::Internal) => Self::Internal { told },
            None => Self::Invalid { told, problems },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    NotFound,
    Forbidden,
    Locked,
    Closed,
    Platform,
    Storage,
    Host,
    Internal,
}

/// What each code asks of the app; a code that stands nowhere is about what was given.
const KINDS: &[(Kind, &[&str])] = &[
    (
        Kind::NotFound,
        &["not_found", "record_ended", "missing_media", "form_unknown"],
    ),
    (
        Kind::Forbidden,
        &[
            "step_forbidden",
            "wrong_state",
            "conflict_resolved",
            "photo_retained",
            "photo_not_stored",
            "sheet_not_a_draft",
            "sheet_same_version",
            "sheet_nothing_to_undo",
            "inspection_corrected",
            "patrol_ended",
            "not_fixable",
        ],
    ),
    (
        Kind::Locked,
        &[
            "key_missing",
            "key_wrong",
            "key_unavailable",
            "key_header_bad",
            "lease_expired",
            "lease_invalid",
            "sealed",
            "not_enrolled",
            "credentials",
            "signer_missing",
            "signer_unavailable",
            "tokens_missing",
            "tokens_unavailable",
        ],
    ),
    (Kind::Closed, &["store_closed", "engine_closed"]),
    (
        Kind::Platform,
        &[
            "offline",
            "timeout",
            "reply_cut",
            "reply_too_large",
            "tls_untrusted",
            "cancelled",
            "server_error",
            "rate_limited",
            "captive_portal",
            "refused",
            "out_of_sequence",
            "unreadable",
        ],
    ),
    (
        Kind::Storage,
        &[
            "newer_schema",
            "db_corrupt",
            "disk_full",
            "store_locked",
            "store",
            "store_document",
            "io",
            "media_io",
            "no_space",
            "media_changed",
            "keys_unavailable",
            "record_unreadable",
            "draft_damaged",
            "track_unreadable",
        ],
    ),
    (Kind::Host, &["host_failed"]),
    (Kind::Internal, &["internal"]),
];

impl From<AppError> for GridError {
    fn from(error: AppError) -> Self {
        let mut told = Told::of(&error.fault());
        told.detail_zh = error.detail(Lang::Zh);
        told.detail_en = error.detail(Lang::En);
        let problems = error.problems().into_iter().map(FieldProblem::from).collect();
        Self::told(told, problems)
    }
}

impl From<IdError> for GridError {
    fn from(error: IdError) -> Self {
        AppError::from(error).into()
    }
}

impl From<fushan_grid_core::app::error::Problem> for FieldProblem {
    fn from(problem: fushan_grid_core::app::error::Problem) -> Self {
        Self {
            field: problem.field,
            code: problem.code,
            zh: problem.zh,
            en: problem.en,
        }
    }
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use super::*;
    use fushan_grid_core::app::messages::knows;
    use fushan_grid_core::store::StoreError;

    #[test]
    fn every_code_that_is_sorted_has_texts_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for code in KINDS.iter().flat_map(|(_, codes)| *codes) {
            assert!(knows(code), "no text for {code}");
            assert!(seen.insert(code), "{code} stands twice");
        }
    }

    #[test]
    fn an_error_tells_what_can_be_done_by_its_variant() {
        let of = |error: AppError| GridError::from(error);
        assert!(matches!(of(AppError::NotFound), GridError::NotFound { .. }));
        assert!(matches!(
            of(AppError::Store(StoreError::Closed)),
            GridError::Closed { .. }
        ));
        assert!(matches!(
            of(AppError::Store(StoreError::KeyWrong)),
            GridError::Locked { .. }
        ));
        assert!(matches!(
            of(AppError::Store(StoreError::DiskFull)),
            GridError::Storage { .. }
        ));
        assert!(matches!(of(AppError::UnknownCategory), GridError::Invalid { .. }));
    }

    #[test]
    fn a_field_that_is_wrong_is_named_with_its_texts() {
        let error = AppError::TooLong {
            field: "title".into(),
            max: 50,
        };
        let GridError::Invalid { told, problems } = GridError::from(error) else {
            panic!("too long is invalid");
        };
        assert_eq!((told.code.as_str(), problems.len()), ("too_long", 1));
        assert!(
            problems
                .iter()
                .all(|p| p.field == "title" && !p.zh.is_empty() && p.zh != p.en)
        );
    }
}
