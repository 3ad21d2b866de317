//! What a check says about one field: a stable code and how bad it is.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth a look; the record may be saved.
    Warning,
    /// The record may not be saved like this.
    Error,
}

/// One finding about one field. Carries no value, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// Name of the field; empty when the whole record is meant.
    pub field: String,
    /// Stable code in `snake_case`; the texts are in the message catalogue.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
}

impl Finding {
    /// A finding that forbids saving.
    #[must_use]
    pub fn error(field: &str, code: &str) -> Self {
        Self::of(field, code, Severity::Error)
    }

    /// A finding worth a look.
    #[must_use]
    pub fn warning(field: &str, code: &str) -> Self {
        Self::of(field, code, Severity::Warning)
    }

    fn of(field: &str, code: &str, severity: Severity) -> Self {
        Self {
            field: field.to_owned(),
            code: code.to_owned(),
            severity,
        }
    }
}

/// Whether one of the findings forbids saving.
#[must_use]
pub fn has_error(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.severity == Severity::Error)
}
